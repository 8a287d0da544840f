// Some pages hot, most of them cold.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"
#include "nestwalk/workload/permutation.h"
#include "nestwalk/workload/random.h"
#include "nestwalk/workload/zipf_distribution.h"

namespace nestwalk::workload {

struct zipf_config {
  std::uint64_t footprint = std::uint64_t{64} << 20;  ///< bytes
  std::uint64_t length = 4'000'000;                   ///< accesses, instruction fetches included
  std::uint64_t seed = 1;
  double exponent = 0.99;     ///< above 0, at most 8; the larger, the hotter the hot ones (0.99 is YCSB's)
  std::uint64_t unit = 4096;  ///< bytes that share one popularity: 64 (lines) to 4096 (pages), a power of two
  double stores = 0.25;       ///< share of the data accesses that are stores, 0 to 1
};

/// Its keys.
void describe(const configuration::group& into, zipf_config& c);

/// Accesses 8 bytes at a random place of a page (or line) chosen by Zipf's law. The popular ones are scattered over the
/// footprint, not side by side.
class zipf final : public generator {
 public:
  static constexpr const char* name = "zipf";
  explicit zipf(const zipf_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  zipf_config config_;
  random_numbers random_;
  zipf_distribution ranks_;
  permutation places_;
};

}  // namespace nestwalk::workload
