// The statistics as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace nestwalk::statistics {

class group;

/// One object with a member for each leaf, in the order of group::visit():
///
///     "mmu.l2_tlb.misses": {"value": 1, "unit": "lookups", "about": "..."}
///
/// A counter's value is an integer, a computed value a number (null where it is not finite), a histogram's an object:
/// {"count", "sum", "mean", "median", "p99", "max", "buckets": [[from, to, count], ...]}, both ends of a bucket
/// included and empty buckets left out. The same values give the same bytes.
nlohmann::ordered_json write_json(const group& statistics);

}  // namespace nestwalk::statistics
