// Random accesses while page tables are edited at a set rate: the axis on which shadow and nested paging cross.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"
#include "nestwalk/workload/random.h"

namespace nestwalk::workload {

struct churn_config {
  std::uint64_t footprint = std::uint64_t{16} << 20;  ///< bytes of the region
  std::uint64_t length = 2'000'000;                   ///< accesses, instruction fetches included
  std::uint64_t seed = 1;
  double stores = 0.5;  ///< share of stores among the data accesses
  double edits = 1;     ///< system calls that edit tables for each 1000 accesses, 0 to 1000
};

/// Its keys.
void describe(const configuration::group& into, churn_config& c);

/// Writes each page of a region once, then loads and stores 8 bytes at random places of it. Meanwhile the kernel is
/// asked for edits, two at a time, of a random page: it is unmapped and mapped again, which gives a new page at the
/// next touch; or it is made read-only and writable again, which takes a fault at the next store; turn by turn.
class churn final : public generator {
 public:
  static constexpr const char* name = "churn";
  explicit churn(const churn_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  void edit_twice();

  churn_config config_;
  random_numbers random_;
  std::uint64_t filled_ = 0;  ///< pages written once
  double owed_ = 0;           ///< edits
  bool remaps_ = true;        ///< what the next two edits are
};

}  // namespace nestwalk::workload
