#include "nestwalk/associative/recency.h"

namespace nestwalk::associative {

recency::recency(unsigned sets, unsigned ways) : ring_size_(std::size_t{ways} + 1) {
  links_.reserve(sets * ring_size_);
  for (unsigned set = 0; set < sets; ++set)
    for (std::uint32_t at = 0; at <= ways; ++at) links_.push_back({at == 0 ? ways : at - 1, at == ways ? 0 : at + 1});
}

}  // namespace nestwalk::associative
