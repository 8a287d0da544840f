#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

std::uint64_t cycles_of(const sc_core::sc_time& time, const sc_core::sc_time& cycle) {
  return (time.value() + cycle.value() / 2) / cycle.value();
}

void count_cycles(walk_record& record, const sc_core::sc_time& cycle) {
  sc_core::sc_time now;
  sc_core::sc_time memory;
  for (walk_step& s : record.steps) {
    const std::uint64_t before = cycles_of(now, cycle);
    now += s.took;
    memory += s.memory;
    s.cycles = cycles_of(now, cycle) - before;
  }
  record.memory_cycles = cycles_of(memory, cycle);
}

}  // namespace nestwalk::platforms
