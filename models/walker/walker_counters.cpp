#include "walker/walker_counters.h"

#include <numeric>
#include <string>

namespace nestwalk::walker {

namespace {

constexpr const char* entry_names[paging::most_levels + 1] = {"", "pte", "pde", "pdpte", "pml4e", "pml5e"};
constexpr const char* fault_names[8] = {"none",
                                        "general_protection",
                                        "page_fault",
                                        "ept_violation",
                                        "ept_misconfiguration",
                                        "nested_page_fault",
                                        "page_modification_log_full",
                                        "memory_error"};

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
      "Walks from the root done again because something cached had led to a fault, or asked for by such a one; not "
      "part of the walks.",
      rewalks);
  into.add("rewalk_cycles", "cycles", "Time of those; not part of the latency.", rewalk_cycles);
  into.add_count("rewalk_reads", "reads", "Memory reads of those; not part of the reads.",
                 [this] { return again.reads(); });
  into.add_count("reads", "reads", "Memory reads of table entries of this dimension.", [this] { return reads(); });
  into.add("reads_per_walk", "reads/walk", "Memory reads of this dimension for each walk.",
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
  for (unsigned kind = 1; kind < faults_by_kind.size(); ++kind)
    faults.add(fault_names[kind], "faults", "Walks that ended in a fault of this kind.", faults_by_kind[kind]);
  into.add("latency", "cycles", "Time of a walk from question to answer.", latency);
}

}  // namespace nestwalk::walker
