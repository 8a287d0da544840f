// Judges every walk of the RTL by the model's step machine, from what passes the pins alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/crosses.h"
#include "tb/rtl_response.h"
#include "tb/table_world.h"

namespace nestwalk::tb {

/// What one walk did, as it was seen at the pins.
struct walk_record {
  /// One access to memory.
  struct operation {
    bool exchange = false;
    std::uint64_t address = 0;
    std::uint64_t expected = 0;
    std::uint64_t desired = 0;
    bool error = false;
    bool swapped = false;
    std::uint64_t data = 0;
    std::uint64_t asked_at = 0;
  };
  bool open = false;
  std::uint64_t number = 0;  ///< of the walk, counted from 0
  std::shared_ptr<const domain> where;
  unsigned domain_number = 0;
  paging::gva address;
  paging::access access;
  std::vector<operation> operations;
  bool answered_all = true;         ///< no operation waits for memory
  bool touched = false;             ///< an invalidation named its domain
  bool had_finished = false;        ///< no operation waited for memory when that invalidation came
  std::size_t operations_then = 0;  ///< and so many had been made
  bool timed = false;               ///< the only walk in the walker, over a memory of one latency
  bool tables_changed = false;
  std::uint64_t taken_at = 0;
  unsigned occupancy = 0;  ///< walks in flight when it was taken
};

/// What a `timed` walk's cycles are judged by.
struct cycle_formula {
  unsigned latency = 0;
  bool bypass = false;
  bool may_restart = false;  ///< a fault reached with something cached is walked again from the root
  bool flag_fault = false;   ///< the second stage forbade a flag update, which had had a turn in the launch stage
};

class scoreboard {
 public:
  /// `caches`: walks may read less than the model's, so their results are compared over the memory as it stands.
  scoreboard(unsigned slots, bool caches, table_world& world) : records_(slots), caches_(caches), world_(world) {}

  walk_record& record(unsigned slot) { return records_[slot]; }
  const std::vector<walk_record>& records() const { return records_; }
  /// Marks the walks that an invalidation squashes.
  void invalidated(bool every_domain, unsigned domain_number);
  /// The tables changed under the walks in flight.
  void tables_changed();
  /// An entry allows more than what may be cached of it, until `caches_flushed`.
  void rights_grew();
  void caches_flushed() { rights_grew_ = false; }
  /// Judges a response. Empty where it is right, else the first difference.
  std::string judge(walk_record& r, const rtl_response& response, std::uint64_t page, std::uint64_t cycle,
                    const cycle_formula& formula);
  const crosses& covered() const { return covered_; }

 private:
  std::string judge_squashed(const walk_record& r) const;
  std::string judge_replayed(const walk_record& r, const rtl_response& response);
  std::string judge_cached(const walk_record& r, const rtl_response& response);
  static std::string judge_cycles(const walk_record& r, std::uint64_t cycles, const cycle_formula& formula);

  std::vector<walk_record> records_;
  bool caches_;
  bool rights_grew_ = false;
  table_world& world_;
  crosses covered_;
};

}  // namespace nestwalk::tb
