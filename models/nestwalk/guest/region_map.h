// What a process may do at each of its addresses, whether or not a page is there.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

#include "nestwalk/paging/address.h"

namespace nestwalk::guest {

/// The rights of a range of addresses. Instructions may be fetched from all that is accessible.
enum class region : std::uint8_t { none, read_only, read_write };

/// A map of the whole user half.
class region_map {
 public:
  explicit region_map(region everywhere) : begins_{{0, everywhere}} {}

  region at(paging::gva address) const { return std::prev(begins_.upper_bound(address.value))->second; }
  /// Sets [first, last].
  void set(paging::gva first, paging::gva last, region what);
  /// Like `set`, but for the parts that are `region::none`, which stay so.
  void set_where_mapped(paging::gva first, paging::gva last, region what);
  /// Whether [first, last] is one range of the same rights.
  bool uniform(paging::gva first, paging::gva last) const {
    const auto next = begins_.upper_bound(first.value);
    return next == begins_.end() || next->first > last.value;
  }

 private:
  void cut(std::uint64_t at);

  std::map<std::uint64_t, region> begins_;  // each holds until the next; the first is at 0
};

}  // namespace nestwalk::guest
