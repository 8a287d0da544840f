// The DMI grants that an mmu has given, so that it can take back exactly those that no longer hold.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

#include "paging/access.h"
#include "paging/invalidation.h"
#include "paging/stage.h"
#include "tlb/entry.h"

namespace nestwalk::mmu {

/// Which of the mmu's memory sockets.
enum class side : std::uint8_t { fetch, data };

/// One grant: linear addresses [first, last], which are [host, host + last - first] of memory.
struct dmi_grant {
  side on = side::data;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t host = 0;
  tlb::entry mapped;              ///< the mapping of both stages with its tags
  paging::access asked;           ///< by whom, and for what
  bool writable = false;          ///< writes were granted too
  bool keyed_by_context = false;  ///< the initiator keeps grants apart by context: a switch takes none back
};

/// Grants in order of their addresses. Taking one back calls `revoke` with its socket and its range.
class grant_ledger {
 public:
  using revoke = std::function<void(side on, std::uint64_t first, std::uint64_t last)>;

  explicit grant_ledger(revoke how) : revoke_(std::move(how)) {}

  void add(const dmi_grant& g);
  bool empty() const { return grants_.empty(); }
  /// Whether a change of context may take something back.
  bool any_unkeyed() const { return unkeyed_ != 0; }

  /// An invalidation: what it selects, whether or not a TLB still holds it.
  void take_back(const paging::selector& s);
  /// Memory withdrew its grant of [first, last], host-physical, on one socket.
  void take_back_memory(side on, std::uint64_t first, std::uint64_t last);
  /// Linear addresses may map elsewhere now: every grant that is not kept by context.
  void leave_space();
  /// The rights policy changed: those whose accesses it no longer permits.
  void judge(const paging::guest_stage& now);
  /// An access of that mode came by: where it is another than before, CPL or AC has changed, and those go whose
  /// accesses that mode may not make.
  void seen(paging::access_mode mode, const paging::guest_stage& now) {
    if (mode != mode_ && any_unkeyed()) judge_mode(now, mode);
    mode_ = mode;
  }

 private:
  using key = std::tuple<side, std::uint64_t, std::uint64_t, std::uint64_t, unsigned, bool>;

  void judge_mode(const paging::guest_stage& now, paging::access_mode mode);
  template <class Condemned>
  void take_back_where(const Condemned& condemned);
  static bool permits(const paging::guest_stage& now, const dmi_grant& g, paging::access_mode mode);

  revoke revoke_;
  std::map<key, dmi_grant> grants_;
  std::size_t unkeyed_ = 0;
  paging::access_mode mode_ = paging::access_mode::supervisor_ac;
};

}  // namespace nestwalk::mmu
