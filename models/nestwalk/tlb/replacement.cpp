#include "nestwalk/tlb/replacement.h"

#include <algorithm>

namespace nestwalk::tlb {

replacement::means replacement::means_of(replacement_policy policy, unsigned ways) {
  const bool many = ways > most_aged_ways;
  switch (policy) {
    case replacement_policy::lru: return many ? means::order_of_use : means::age_of_use;
    case replacement_policy::fifo: return many ? means::order_of_fill : means::age_of_fill;
    case replacement_policy::tree_plru: return means::tree;
    case replacement_policy::random: break;
  }
  return means::chance;
}

replacement::replacement(replacement_policy policy, unsigned sets, unsigned ways, std::uint32_t seed)
    : means_(means_of(policy, ways)), ways_(ways), random_(seed) {
  while (leaves_ < ways) leaves_ *= 2;
  switch (means_) {
    case means::age_of_fill:
    case means::age_of_use: stamps_.resize(std::size_t{sets} * ways); break;
    case means::order_of_fill:
    case means::order_of_use: order_ = std::make_unique<associative::recency>(sets, ways); break;
    case means::tree:
      tree_words_ = (leaves_ + 63) / 64;
      trees_.resize(sets * tree_words_);
      break;
    case means::chance: break;
  }
}

void replacement::used(unsigned set, unsigned way) {
  if (means_ == means::age_of_use)
    stamp(set, way);
  else
    used_otherwise(set, way);
}

void replacement::filled(unsigned set, unsigned way) {
  if (means_ <= means::age_of_use)
    stamp(set, way);
  else
    filled_otherwise(set, way);
}

unsigned replacement::victim(unsigned set) {
  if (means_ > means::age_of_use) return victim_otherwise(set);
  const auto first = stamps_.begin() + static_cast<std::ptrdiff_t>(std::size_t{set} * ways_);
  return static_cast<unsigned>(std::min_element(first, first + ways_) - first);
}

void replacement::used_otherwise(unsigned set, unsigned way) {
  if (means_ == means::order_of_use) order_->touch(set, way);
  if (means_ == means::tree) point_away(set, way);
}

void replacement::filled_otherwise(unsigned set, unsigned way) {
  if (order_ != nullptr) order_->touch(set, way);
  if (means_ == means::tree) point_away(set, way);
}

unsigned replacement::victim_otherwise(unsigned set) {
  if (order_ != nullptr) return order_->oldest(set);
  return means_ == means::tree ? pointed_at(set) : static_cast<unsigned>(random_() % ways_);
}

void replacement::point_away(unsigned set, unsigned way) {
  std::uint64_t* const tree = trees_.data() + set * tree_words_;
  for (unsigned node = leaves_ + way; node > 1; node /= 2) {
    std::uint64_t& word = tree[node / 128];
    const std::uint64_t parent = std::uint64_t{1} << (node / 2 % 64);
    word = node % 2 == 0 ? word | parent : word & ~parent;
  }
}

unsigned replacement::pointed_at(unsigned set) const {
  const std::uint64_t* const tree = trees_.data() + set * tree_words_;
  unsigned node = 1;
  for (unsigned width = leaves_ / 2; width > 0; width /= 2) {
    const unsigned right = 2 * node + 1;
    // The leftmost leaf below the right child; where the ways are no power of two there may be none.
    const unsigned first_right = right * width - leaves_;
    const bool go_right = ((tree[node / 64] >> (node % 64)) & 1) != 0 && first_right < ways_;
    node = go_right ? right : 2 * node;
  }
  return node - leaves_;
}

}  // namespace nestwalk::tlb
