// Everything that the tables of both stages map.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "nestwalk/image/mapped_range.h"
#include "nestwalk/image/memory_image.h"
#include "nestwalk/image/second_stage.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/walk.h"

namespace nestwalk::image {

/// How much a scan looks at before it gives up: tables that refer to themselves map more than anybody can wait for.
struct scan_limits {
  std::uint64_t pieces = std::uint64_t{1} << 31;  ///< pages of the smaller size, and what stands for holes
  std::uint64_t tables = 1024;                    ///< looks at guest tables, beside 16 at each table of each level
};

/// Goes through the guest's tables in the order of linear addresses, and through the second stage for each table and
/// page. What an entry means is asked of paging::walk, entry by entry; no flag is set.
class mapping_scan {
 public:
  using sink = std::function<void(const mapped_range&)>;

  /// `domain` and `memory` outlive the scan.
  mapping_scan(const paging::domain& domain, const memory_image& memory, const scan_limits& limits = {});

  /// Gives every range to `found`, in order, neighbours that are alike made one. False where a limit ended it.
  bool run(const sink& found);
  /// Where a limit ended it.
  paging::gva ended_at() const { return open_.first + open_.bytes; }

 private:
  using walk = paging::walk<paging::gva, paging::gpa>;
  using table = paging::walk_start<paging::gpa>;

  /// What is known of a guest table that was looked at.
  struct known_table {
    std::uint64_t gathered = 0;  ///< the rights above it, at the last look
    bool uniform = false;        ///< then every page that it maps, under these rights, was `page`
    mapped_range page;
  };

  void scan_all();
  void scan_table(const table& t, std::uint64_t linear);
  void scan_entries(const table& t, std::uint64_t linear, paging::hpa at);
  void scan_entry(const table& t, std::uint64_t linear, std::uint64_t entry);
  void scan_failed(const walk& w, std::uint64_t linear);
  void scan_page(std::uint64_t linear, const paging::mapping<paging::gpa>& first);
  void emit_unusable(std::uint64_t linear, std::uint64_t bytes, const paging::fault& why);
  void emit(const mapped_range& piece);
  std::uint64_t entry_span(unsigned level) const;
  std::uint64_t table_span(unsigned level) const;
  paging::gva canonical(std::uint64_t linear) const;

  const paging::domain& domain_;
  const memory_image& memory_;
  scan_limits limits_;
  paging::guest_stage guest_;  // the domain's, with a policy that lets every access through
  second_stage second_;
  const sink* found_ = nullptr;
  mapped_range open_;  // what the next piece may continue
  std::uint64_t pieces_ = 0;
  std::uint64_t tables_ = 0;
  bool over_ = false;                                     // a limit is reached
  std::unordered_map<std::uint64_t, known_table> known_;  // by place and level
};

}  // namespace nestwalk::image
