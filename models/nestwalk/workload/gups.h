// Random updates all over a table.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"
#include "nestwalk/workload/random.h"

namespace nestwalk::workload {

struct gups_config {
  std::uint64_t footprint = std::uint64_t{64} << 20;  ///< bytes of the table
  std::uint64_t length = 4'000'000;                   ///< accesses, instruction fetches included
  std::uint64_t seed = 1;
};

/// Its keys.
void describe(const configuration::group& into, gups_config& c);

/// Reads, changes and writes 8 bytes at a random place of a table, again and again (giga-updates per second, HPC
/// Challenge's RandomAccess): one `modify` each.
class gups final : public generator {
 public:
  static constexpr const char* name = "gups";
  explicit gups(const gups_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  gups_config config_;
  random_numbers random_;
};

}  // namespace nestwalk::workload
