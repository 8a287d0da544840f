#include "nestwalk/memory/dram_config.h"

#include "nestwalk/configuration/group.h"
#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/timing/time_key.h"

namespace nestwalk::memory {
namespace {

void describe_timing(const configuration::group& into, dram_timing_config& c) {
  using timing::describe_time;
  into.whole("channels", "channels", {1, 1024}, "channels, each with a data bus of its own", c.channels);
  into.whole("ranks", "ranks", {1, 1024}, "ranks of a channel, a power of two", c.ranks);
  into.whole("banks", "banks", {1, 1024}, "banks of a rank, a power of two", c.banks);
  into.whole("row", "bytes", {64, 1 << 20},
             "size of a row over all devices of a rank, a power of two, not below dram.burst", c.row_bytes);
  into.whole("burst", "bytes", {16, 4096}, "size of a burst, a power of two", c.burst_bytes);
  describe_time(into, "t_rcd", {0, 1000}, "time from activate to column command (tRCD)", c.t_rcd);
  describe_time(into, "t_cl", {0, 1000}, "time from column command to the first data (CL)", c.t_cl);
  describe_time(into, "t_rp", {0, 1000}, "time from precharge to activate (tRP)", c.t_rp);
  describe_time(into, "burst_time", {0, 1000}, "time that a burst takes on the data bus", c.burst_time);
  describe_time(into, "controller", {0, 10'000},
                "time that each access takes to the controller, in its queues and back", c.controller);
}

}  // namespace

void describe(const configuration::group& into, dram_config& c) {
  into.whole("size", "bytes", {1 << 20, sparse_store::max_size},
             "size of host-physical memory, a multiple of 4KiB; only what is touched takes memory of this computer",
             c.size);
  describe_timing(into, c.timing);
  into.truth("huge_host_pages",
             "whether to ask the operating system for 2 MiB pages: faster, but what is touched takes 2 MiB",
             c.huge_host_pages);
}

}  // namespace nestwalk::memory
