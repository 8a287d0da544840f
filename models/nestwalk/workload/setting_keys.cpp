#include "nestwalk/workload/setting_keys.h"

#include <limits>

#include "nestwalk/workload/generator.h"

namespace nestwalk::workload {
namespace {

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void describe_size(const configuration::group& into, std::uint64_t& footprint, std::uint64_t& length) {
  into.whole("footprint", "bytes", {generator::least_footprint, generator::most_footprint},
             "memory that the workload uses", footprint);
  into.whole("length", "accesses", {1, any}, "accesses until the workload ends, instruction fetches included", length);
}

void describe_seed(const configuration::group& into, std::uint64_t& seed) {
  into.whole("seed", "", {0, any}, "seed of the workload's random choices", seed);
}

void describe_stores(const configuration::group& into, double& stores) {
  into.number("stores", "", {0, 1}, "share of stores among the data accesses", stores);
}

}  // namespace nestwalk::workload
