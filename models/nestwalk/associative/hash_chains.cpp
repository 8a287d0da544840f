#include "nestwalk/associative/hash_chains.h"

namespace nestwalk::associative {

hash_chains::hash_chains(std::size_t slots) : shift_(63), next_(slots, none) {
  while ((std::size_t{1} << (64 - shift_)) < slots) --shift_;
  heads_.assign(std::size_t{1} << (64 - shift_), none);
}

}  // namespace nestwalk::associative
