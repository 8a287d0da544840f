// Memory behind the walker's port: answers late, in any order, sometimes with an error, and entries may change
// meanwhile.
#pragma once

#include <cstdint>
#include <vector>

#include "tb/random_source.h"
#include "tb/rtl_pins.h"
#include "tb/table_world.h"

namespace nestwalk::tb {

/// How memory behaves for a while.
struct memory_manner {
  unsigned least = 1;      ///< latency in cycles
  unsigned most = 1;       ///< of most answers
  unsigned rare_most = 1;  ///< of one answer in 16
  unsigned error = 0;      ///< error answers, in 10,000
  unsigned race = 0;       ///< exchanges before which the entry changes, in 10,000
  bool fixed() const { return least == rare_most; }
};

/// One request that memory has taken.
struct memory_job {
  std::uint64_t due = 0;
  std::uint8_t id = 0;
  std::uint16_t tag = 0;
  bool exchange = false;
  std::uint64_t address = 0;
  std::uint64_t expected = 0;
  std::uint64_t desired = 0;
};

class bench_memory {
 public:
  bench_memory(table_world& world, random_source& random) : world_(world), random_(random) {}

  memory_manner manner;

  void take(const output_pins& asked, std::uint64_t cycle);
  /// Puts the next answer on `in`, if one is due. Returns the job, or nullptr.
  const memory_job* answer(input_pins& in, std::uint64_t cycle);
  /// Forgets what it was asked, as the walker does in reset.
  void reset() { jobs_.clear(); }
  bool idle() const { return jobs_.empty(); }

 private:
  table_world& world_;
  random_source& random_;
  std::vector<memory_job> jobs_;
  memory_job answered_;
};

}  // namespace nestwalk::tb
