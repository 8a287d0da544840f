// Several processes in turn.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"
#include "nestwalk/workload/random.h"

namespace nestwalk::workload {

struct switching_config {
  std::uint64_t footprint = std::uint64_t{4} << 20;  ///< bytes of all processes together
  std::uint64_t length = 4'000'000;                  ///< accesses, instruction fetches included
  std::uint64_t seed = 1;
  std::uint64_t processes = 4;    ///< 2 to 1024
  std::uint64_t interval = 2000;  ///< accesses, instruction fetches included, between two switches; at least 2
  double stores = 0.25;           ///< share of the data accesses that are stores, 0 to 1
};

/// Its keys.
void describe(const configuration::group& into, switching_config& c);

/// Processes 1 to N, each with a share of the footprint at the same addresses, run in turn for an interval each and
/// access 8 random bytes at a time. Shows what tagged TLBs keep over a switch, and what a CR3 load costs.
class switching final : public generator {
 public:
  static constexpr const char* name = "switch";
  explicit switching(const switching_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  switching_config config_;
  random_numbers random_;
  std::uint64_t share_;  ///< bytes of one process, whole pages
  std::uint64_t current_ = 1;
  std::uint64_t since_switch_ = 0;  ///< accesses
};

}  // namespace nestwalk::workload
