// What a machine's mappings come to: pages by size, large pages that the host splinters, what a TLB would hold.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "nestwalk/image/mapped_range.h"

namespace nestwalk::image {

/// Counts ranges as a scan gives them, in order.
class mapping_census {
 public:
  static constexpr std::uint8_t none = 63;  ///< a size that no page has: a stage that took no part

  /// Mapped memory: pages are those of the smaller size, so that each is an entry of a TLB.
  struct amount {
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
  };
  /// The guest's large pages of one size. A page is whole where the second stage backs all of it by pages as large.
  struct large_pages {
    std::uint64_t pages = 0;
    std::uint64_t whole = 0;
    std::uint64_t splintered = 0;        ///< backed by smaller pages, in part or wholly
    std::uint64_t not_backed = 0;        ///< in part or wholly not mapped by the second stage; may be splintered too
    std::uint64_t splintered_bytes = 0;  ///< backed by smaller pages
    std::uint64_t not_backed_bytes = 0;
  };

  void add(const mapped_range& r);
  /// After the last range.
  void finish() { close(); }

  /// By sizes, as powers of two: the guest's, the second stage's.
  const std::map<std::pair<std::uint8_t, std::uint8_t>, amount>& by_size() const { return by_size_; }
  /// What the guest maps and the second stage does not, by the guest's page size.
  const std::map<std::uint8_t, std::uint64_t>& not_backed_bytes() const { return not_backed_; }
  /// Bytes of linear addresses below entries or tables that nobody can use.
  std::uint64_t unusable_bytes() const { return unusable_; }
  /// By the size of the guest's page, from 2M up (32-bit paging: 4M).
  const std::map<std::uint8_t, large_pages>& by_large_page() const { return large_; }

  /// All that is mapped, and the entries that a TLB would need for it.
  amount total() const;
  /// Bytes that a TLB of so many entries reaches at best, the largest pages first.
  std::uint64_t reached_by(std::uint64_t entries) const;

 private:
  /// A large page of which not all ranges are here yet.
  struct open_page {
    std::uint64_t base = 0;
    std::uint8_t log2 = none;
    std::uint64_t splintered = 0;
    std::uint64_t not_backed = 0;
  };
  enum class backing : std::uint8_t { whole, smaller, missing };

  void add_large(const mapped_range& r);
  void add_part(std::uint64_t base, std::uint8_t log2, backing how, std::uint64_t bytes);
  void close();

  std::map<std::pair<std::uint8_t, std::uint8_t>, amount> by_size_;
  std::map<std::uint8_t, std::uint64_t> not_backed_;
  std::map<std::uint8_t, large_pages> large_;
  std::uint64_t unusable_ = 0;
  open_page open_;
};

}  // namespace nestwalk::image
