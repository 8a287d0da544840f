// A chain of pointers through all of memory.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"
#include "nestwalk/workload/permutation.h"

namespace nestwalk::workload {

struct chase_config {
  std::uint64_t footprint = std::uint64_t{64} << 20;  ///< bytes
  std::uint64_t length = 4'000'000;                   ///< accesses, instruction fetches included
  std::uint64_t seed = 1;
};

/// Its keys.
void describe(const configuration::group& into, chase_config& c);

/// Follows a chain of 8-byte pointers, one in each 64-byte line of the footprint, in random order: each line is visited
/// once before any is visited again. The order is computed, so memory does not grow with the footprint.
class chase final : public generator {
 public:
  static constexpr const char* name = "chase";
  explicit chase(const chase_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  chase_config config_;
  full_cycle order_;
};

}  // namespace nestwalk::workload
