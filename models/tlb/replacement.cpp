#include "tlb/replacement.h"

#include <algorithm>

namespace nestwalk::tlb {

replacement::replacement(replacement_policy policy, unsigned sets, unsigned ways, std::uint32_t seed)
    : policy_(policy), ways_(ways), random_(seed) {
  while (leaves_ < ways) leaves_ *= 2;
  if (policy == replacement_policy::lru || policy == replacement_policy::fifo) stamps_.resize(std::size_t{sets} * ways);
  if (policy == replacement_policy::tree_plru) trees_.resize(sets);
}

void replacement::used(unsigned set, unsigned way) {
  if (policy_ == replacement_policy::lru) stamp(set, way);
  if (policy_ == replacement_policy::tree_plru) point_away(set, way);
}

void replacement::filled(unsigned set, unsigned way) {
  if (policy_ == replacement_policy::fifo)
    stamp(set, way);
  else
    used(set, way);
}

unsigned replacement::victim(unsigned set) {
  switch (policy_) {
    case replacement_policy::lru:
    case replacement_policy::fifo: return oldest(set);
    case replacement_policy::tree_plru: return pointed_at(set);
    case replacement_policy::random: break;
  }
  return static_cast<unsigned>(random_() % ways_);
}

unsigned replacement::oldest(unsigned set) const {
  const auto first = stamps_.begin() + static_cast<std::ptrdiff_t>(std::size_t{set} * ways_);
  return static_cast<unsigned>(std::min_element(first, first + ways_) - first);
}

void replacement::point_away(unsigned set, unsigned way) {
  std::uint64_t& tree = trees_[set];
  for (unsigned node = leaves_ + way; node > 1; node /= 2) {
    const std::uint64_t parent = std::uint64_t{1} << (node / 2);
    tree = node % 2 == 0 ? tree | parent : tree & ~parent;
  }
}

unsigned replacement::pointed_at(unsigned set) const {
  unsigned node = 1;
  for (unsigned width = leaves_ / 2; width > 0; width /= 2) {
    const unsigned right = 2 * node + 1;
    // The leftmost leaf below the right child; where the ways are no power of two there may be none.
    const unsigned first_right = right * width - leaves_;
    const bool go_right = ((trees_[set] >> node) & 1) != 0 && first_right < ways_;
    node = go_right ? right : 2 * node;
  }
  return node - leaves_;
}

}  // namespace nestwalk::tlb
