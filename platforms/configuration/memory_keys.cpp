// The keys of the data caches and of the main memory.
#include <string>

#include "memory/sparse_store.h"
#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"

namespace nestwalk::platforms {
namespace {

void add_cache(key_table& keys, const std::string& name, const std::string& what,
               cache_settings caches_settings::*level) {
  const std::string group = "caches." + name + ".";
  keys.whole(
      group + "size", "bytes", 0, std::uint64_t{1} << 32,
      what + ", a power of two of sets of its ways; 0: not built", [level](configuration & c) -> auto& {
        return (c.caches.*level).size;
      });
  keys.whole(
      group + "ways", "ways", 1, 1024,
      "ways of the " + what, [level](configuration & c) -> auto& { return (c.caches.*level).ways; });
  keys.whole(
      group + "latency", "cycles", 0, 10'000,
      "of one look-up of the " + what + ", added to the levels above", [level](configuration & c) -> auto& {
        return (c.caches.*level).latency;
      });
}

void add_dram(key_table& keys) {
  keys.whole(
      "dram.size", "bytes", 1 << 20, memory::sparse_store::max_size,
      "host-physical memory, a multiple of 4KiB; the host's own is taken only for what is touched",
      [](configuration & c) -> auto& { return c.dram.size; });
  keys.whole(
      "dram.channels", "channels", 1, 1024, "channels, each with a data bus of its own",
      [](configuration & c) -> auto& { return c.dram.timing.channels; });
  keys.whole(
      "dram.ranks", "ranks", 1, 1024, "ranks of a channel, a power of two",
      [](configuration & c) -> auto& { return c.dram.timing.ranks; });
  keys.whole(
      "dram.banks", "banks", 1, 1024, "banks of a rank, a power of two",
      [](configuration & c) -> auto& { return c.dram.timing.banks; });
  keys.whole(
      "dram.row", "bytes", 64, 1 << 20, "an open row over a channel's devices, a power of two, not below dram.burst",
      [](configuration & c) -> auto& { return c.dram.timing.row_bytes; });
  keys.whole(
      "dram.burst", "bytes", 16, 4096, "one burst, a power of two",
      [](configuration & c) -> auto& { return c.dram.timing.burst_bytes; });
  keys.time(
      "dram.t_rcd", 0, 1000, "from activate to column command",
      [](configuration & c) -> auto& { return c.dram.timing.t_rcd; });
  keys.time(
      "dram.t_cl", 0, 1000, "from column command to the first data",
      [](configuration & c) -> auto& { return c.dram.timing.t_cl; });
  keys.time(
      "dram.t_rp", 0, 1000, "from precharge to activate",
      [](configuration & c) -> auto& { return c.dram.timing.t_rp; });
  keys.time(
      "dram.burst_time", 0, 1000, "data bus time of one burst",
      [](configuration & c) -> auto& { return c.dram.timing.burst_time; });
  keys.time(
      "dram.controller", 0, 10'000, "added to each access: the way to the controller, its queues, the way back",
      [](configuration & c) -> auto& { return c.dram.timing.controller; });
  keys.truth(
      "dram.huge_host_pages", "ask the host for 2 MiB pages: faster, takes 2 MiB at a touch",
      [](configuration & c) -> auto& { return c.dram.huge_host_pages; });
}

}  // namespace

void add_memory_keys(key_table& keys) {
  keys.read_by(reader::every_machine);
  keys.whole(
      "caches.line", "bytes", 16, 4096, "line of every level, a power of two",
      [](configuration & c) -> auto& { return c.caches.line; });
  add_cache(keys, "l1i", "L1 instruction cache", &caches_settings::l1i);
  add_cache(keys, "l1d", "L1 data cache", &caches_settings::l1d);
  add_cache(keys, "l2", "L2 cache", &caches_settings::l2);
  add_cache(keys, "llc", "last-level cache", &caches_settings::llc);
  keys.choice<table_entry_level>(
      "caches.table_reads",
      {{"l1d", table_entry_level::l1d},
       {"l2", table_entry_level::l2},
       {"llc", table_entry_level::llc},
       {"dram", table_entry_level::dram}},
      "the level at which the walkers' reads enter the hierarchy",
      [](configuration & c) -> auto& { return c.caches.table_reads; });
  keys.truth(
      "caches.filter", "answer the line used last up front; faster, every count stays the same",
      [](configuration & c) -> auto& { return c.caches.filter; });
  add_dram(keys);
}

}  // namespace nestwalk::platforms
