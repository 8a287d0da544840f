#include "platforms/cycles/cycle_stack.h"

#include <utility>

namespace nestwalk::platforms {

using protocol::memory_level;

void cycle_stack::add(statistics::group& into, const std::string& name, const std::string& about, source from) {
  parts_.push_back({std::move(from)});
  into.add(name, "cycles", about, parts_.back().cycles);
}

void cycle_stack::add_walks(statistics::group& into, const walk_times& times) {
  add(into, "nested_tlb", "The program's cycles in look-ups of the nested TLB.", [&times] { return times.nested_tlb; });
  const char* const stages[walk_times::stages] = {"guest", "nested"};
  for (unsigned stage = 0; stage < walk_times::stages; ++stage) {
    const std::string name = stages[stage];
    add(into, name + "_walker",
        "The program's cycles in the " + name +
            " walker itself: the start of its walks and look-ups in its walk caches.",
        [&times, stage] { return times.own[stage]; });
    statistics::group& reads = into.child(name + "_reads");
    for (unsigned level = 0; level < protocol::memory_levels; ++level)
      add(reads, name_of(static_cast<memory_level>(level)),
          "The program's cycles in the " + name + " walker's reads that this level served.",
          [&times, stage, level] { return times.entry_reads[stage][level]; });
  }
  add(into, "flag_exchanges", "The program's cycles in exchanges that set accessed and dirty flags.",
      [&times] { return times.flag_exchanges; });
  add(into, "page_log", "The program's cycles in records of the page-modification log.",
      [&times] { return times.page_log; });
}

void cycle_stack::add_memory(statistics::group& into, const time_meter& fetch, const time_meter& data) {
  const auto add_one = [&](const char* name, const std::string& what, const time_meter& meter) {
    statistics::group& levels = into.child(name);
    for (unsigned level = 0; level < protocol::memory_levels; ++level)
      add(levels, name_of(static_cast<memory_level>(level)),
          "The program's cycles in memory for " + what + " that this level served.",
          [&meter, level] { return meter.taken(level); });
  };
  add_one("fetch", "fetches", fetch);
  add_one("data", "loads and stores", data);
}

void cycle_stack::ran(cpu::party who, const sc_core::sc_time&) {
  std::uint64_t time = rest_;
  std::uint64_t whole = 0;
  for (part& each : parts_) {
    const std::uint64_t now = each.from();
    const std::uint64_t passed = now - std::exchange(each.seen, now);
    if (who != cpu::party::program) continue;
    each.time += passed;
    time += each.time;
    each.cycles = time / cycle_ - whole;
    whole += each.cycles;
  }
}

void cycle_stack::forget() {
  for (part& each : parts_) {
    rest_ += std::exchange(each.time, 0);
    each.seen = each.from();
  }
  rest_ %= cycle_;
}

}  // namespace nestwalk::platforms
