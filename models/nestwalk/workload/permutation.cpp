#include "nestwalk/workload/permutation.h"

#include "nestwalk/workload/random.h"

namespace nestwalk::workload {

namespace {

unsigned bits_for(std::uint64_t size) {
  unsigned bits = 1;
  while ((std::uint64_t{1} << bits) < size) ++bits;
  return bits;
}

}  // namespace

permutation::permutation(std::uint64_t size, std::uint64_t seed)
    : size_(size), mask_((std::uint64_t{1} << bits_for(size)) - 1), shift_((bits_for(size) + 1) / 2) {
  random_numbers random(seed);
  for (std::uint64_t& multiplier : multiplier_) multiplier = random.next() | 1;
  offset_ = random.next();
}

full_cycle::full_cycle(std::uint64_t size, std::uint64_t seed) : mix_(size, seed) {
  random_numbers random(~seed);
  multiplier_ = (random.next() & ~std::uint64_t{7}) | 5;
  increment_ = random.next() | 1;
  state_ = random.next() & mix_.mask_;
}

}  // namespace nestwalk::workload
