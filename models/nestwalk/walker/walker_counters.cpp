#include "nestwalk/walker/walker_counters.h"

#include <numeric>
#include <string>

namespace nestwalk::walker {

namespace {

constexpr const char* entry_names[paging::most_levels + 1] = {"", "pte", "pde", "pdpte", "pml4e", "pml5e"};
template <std::size_t N>
statistics::counter sum(const std::array<statistics::counter, N>& of) {
  return std::accumulate(of.begin(), of.end(), statistics::counter{0});
}

}  // namespace

statistics::counter read_counters::reads() const {
  return sum(reads_by_level);
}
statistics::counter walker_counters::faults() const {
  return sum(faults_by_kind);
}

void walker_counters::describe(statistics::group& into) {
  into.add("walks", "walks", "Walks asked for, those that faulted included.", walks);
  into.add(
      "rewalks", "walks",
      "Walks done again from the root because something cached had led to a fault, and walks that those asked for; not "
      "part of the walks.",
      rewalks);
  into.add("rewalk_cycles", "cycles", "Time of walks done again; not part of the latency.", rewalk_cycles);
  into.add("rewalk_reads", "reads", "Memory reads of walks done again; not part of the reads.",
           statistics::sum().of(again.reads_by_level));
  into.add("reads", "reads", "Memory reads of entries of the tables that this walker walks.",
           statistics::sum().of(reads_by_level));
  into.add("reads_per_walk", "reads/walk", "Memory reads of this walker for each of its walks.",
           [this] { return statistics::ratio(reads(), walks); });
  statistics::group& by_level = into.child("reads_by_level");
  statistics::group& hits = into.child("walk_cache_hits");
  for (unsigned level = 1; level <= paging::most_levels; ++level) {
    by_level.add(entry_names[level], "reads", "Memory reads of entries of this level.", reads_by_level[level]);
    if (level >= 2)
      hits.add(entry_names[level], "hits", "Walks that began below a cached entry of this level.",
               cache_hits_by_level[level]);
  }
  statistics::group& by_server = into.child("reads_by_server");
  for (unsigned level = 0; level < protocol::memory_levels; ++level)
    by_server.add(protocol::name_of(static_cast<protocol::memory_level>(level)), "reads",
                  "Memory reads that this level of the memory system answered.", reads_by_server[level]);
  into.add("walk_cache_misses", "walks", "Walks that looked in the walk caches and began at the root.", cache_misses);
  into.add("exchanges", "exchanges", "Compare-and-exchanges of entries to set accessed and dirty flags.", exchanges);
  into.add("lost_exchanges", "exchanges", "Exchanges that found the entry changed: the walk read it again.",
           lost_exchanges);
  into.add("pages_logged", "records", "Records written to the page-modification log.", pages_logged);
  statistics::group& faults = into.child("faults");
  for (unsigned kind = 1; kind < paging::fault_kinds; ++kind)
    faults.add(paging::name_of(static_cast<paging::fault_kind>(kind)), "faults",
               "Walks that ended in a fault of this kind.", faults_by_kind[kind]);
  into.add("latency", "cycles", "Time of a walk from question to answer.", latency);
}

}  // namespace nestwalk::walker
