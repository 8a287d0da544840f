// What the architecture allows a translation to answer while caches may remember the past: any walk in which each entry
// has some value that it held since the last operation obliged to drop it, in both dimensions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "entry_history.h"
#include "flush_history.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::test {

class stale_oracle {
 public:
  entry_history entries;  ///< by host-physical address of the entry
  flush_history flushes;

  void clear();
  /// CR4.PGE is on, or off, from now on.
  void set_global_pages(bool on, std::uint64_t now);
  /// CR3 selects `root` for a PCID of a VPID from now on.
  void select_root(std::uint16_t vpid, std::uint16_t pcid, std::uint64_t root, std::uint64_t now);

  /// Whether the access may be answered with `output` under the present registers. Right answers are those of a walk
  /// through present or remembered entries, all accessed, whose rights allow the access as judged now.
  bool allows(const paging::domain& now, paging::gva in, const paging::access& a, paging::hpa output);

 private:
  using found = std::function<bool(paging::hpa output, paging::rights r, std::uint64_t until, unsigned size_log2)>;
  struct guest_path;

  bool descend_guest(const guest_path& path, unsigned level, paging::gpa table, std::uint64_t gathered,
                     std::uint64_t until);
  bool take_guest_leaf(const guest_path& path, unsigned level, std::uint64_t gathered, std::uint64_t leaf,
                       std::uint64_t until);
  bool each_nested(paging::gpa in, const paging::nested_access& a, const found& see);
  bool descend_nested(paging::gpa in, const paging::nested_access& a, unsigned level, paging::hpa table,
                      std::uint64_t gathered, std::uint64_t until, const found& see);
  std::uint64_t guest_window(const paging::translation_tags& tags, bool global, paging::gva in,
                             unsigned size_log2) const;
  std::uint64_t nested_window() const;

  const paging::domain* domain_ = nullptr;
  std::map<std::pair<std::uint16_t, std::uint16_t>, entry_history> roots_;
  std::uint64_t no_globals_until_ = 0;  // when CR4.PGE was off last; `forever` while it is
};

}  // namespace nestwalk::test
