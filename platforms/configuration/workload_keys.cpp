// Settings of the generated workloads; each is read by the generators that have it.
#include <limits>

#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void add_workload_keys(key_table& keys) {
  keys.read_by(reader::generators_with("footprint"));
  keys.optional_whole(
      "workload.footprint", "bytes", 4096, std::uint64_t{1} << 46, "memory that the workload uses",
      [](configuration & c) -> auto& { return c.workload.footprint; });
  keys.read_by(reader::generators_with("length"));
  keys.optional_whole(
      "workload.length", "accesses", 1, any, "accesses until it ends, instruction fetches included",
      [](configuration & c) -> auto& { return c.workload.length; });
  keys.read_by(reader::generators_with("seed"));
  keys.optional_whole(
      "workload.seed", "", 0, any, "seed of its random choices",
      [](configuration & c) -> auto& { return c.workload.seed; });
  keys.read_by(reader::generators_with("exponent"));
  keys.optional_number(
      "workload.exponent", "", 0.01, 8, "exponent of Zipf's law",
      [](configuration & c) -> auto& { return c.workload.exponent; });
  keys.read_by(reader::generators_with("unit"));
  keys.optional_whole(
      "workload.unit", "bytes", 64, 4096, "bytes that share one popularity, a power of two",
      [](configuration & c) -> auto& { return c.workload.unit; });
  keys.read_by(reader::generators_with("stores"));
  keys.optional_number(
      "workload.stores", "", 0, 1, "share of stores among the data accesses",
      [](configuration & c) -> auto& { return c.workload.stores; });
  keys.read_by(reader::generators_with("processes"));
  keys.optional_whole(
      "workload.processes", "processes", 2, 1024,
      "processes that run in turn, each with a page of the footprint or more",
      [](configuration & c) -> auto& { return c.workload.processes; });
  keys.read_by(reader::generators_with("interval"));
  keys.optional_whole(
      "workload.interval", "accesses", 2, any, "accesses between two context switches",
      [](configuration & c) -> auto& { return c.workload.interval; });
  keys.read_by(reader::generators_with("touched"));
  keys.optional_number(
      "workload.touched", "", 0, 1, "share of the pages that a forked child loads from, above 0",
      [](configuration & c) -> auto& { return c.workload.touched; });
  keys.read_by(reader::generators_with("written"));
  keys.optional_number(
      "workload.written", "", 0, 1, "share of the pages written after each fork",
      [](configuration & c) -> auto& { return c.workload.written; });
  keys.read_by(reader::generators_with("loads_a_page"));
  keys.optional_whole(
      "workload.loads_a_page", "loads", 1, 4096, "loads from each page touched after a fork",
      [](configuration & c) -> auto& { return c.workload.loads_a_page; });
}

}  // namespace nestwalk::platforms
