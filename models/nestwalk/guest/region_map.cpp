#include "nestwalk/guest/region_map.h"

#include <iterator>

namespace nestwalk::guest {

void region_map::cut(std::uint64_t at) {
  begins_.emplace(at, std::prev(begins_.upper_bound(at))->second);
}

void region_map::set(paging::gva first, paging::gva last, region what) {
  cut(first.value);
  cut(last.value + 1);
  const auto begin = begins_.find(first.value);
  begins_.erase(std::next(begin), begins_.find(last.value + 1));
  begin->second = what;
  // Neighbours of the same rights are one range: pages may be as large as what is accessible alike.
  const auto after = std::next(begin);
  if (after->second == what) begins_.erase(after);
  if (begin != begins_.begin() && std::prev(begin)->second == what) begins_.erase(begin);
}

void region_map::set_where_mapped(paging::gva first, paging::gva last, region what) {
  for (std::uint64_t at = first.value; at <= last.value;) {
    const auto next = begins_.upper_bound(at);
    const bool ends = next != begins_.end() && next->first <= last.value;
    const std::uint64_t end = ends ? next->first - 1 : last.value;
    if (std::prev(next)->second != region::none) set(paging::gva(at), paging::gva(end), what);
    at = end + 1;
  }
}

}  // namespace nestwalk::guest
