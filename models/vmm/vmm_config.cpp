#include "vmm/vmm_config.h"

#include <string>

#include "protocol/error.h"

namespace nestwalk::vmm {

namespace {

void demand(bool holds, const char* key, const std::string& value, const char* right) {
  if (!holds) throw input_error("vmm." + std::string(key) + ": " + value + " is out of range: " + right);
}

void check_memory(const vmm_config& c) {
  const auto text = [](std::uint64_t v) { return std::to_string(v); };
  constexpr std::uint64_t page = std::uint64_t{1} << paging::page_4k;
  demand(c.guest_memory != 0 && c.guest_memory % page == 0, "guest_memory", text(c.guest_memory),
         "a multiple of 4096 bytes, more than 0");
  demand(c.machine.physical_bits >= 64 || (c.guest_memory - 1) >> c.machine.physical_bits == 0, "guest_memory",
         text(c.guest_memory), "no more than the physical addresses of the machine reach");
  demand(c.backing_log2 == paging::page_4k || c.backing_log2 == paging::page_2m || c.backing_log2 == paging::page_1g,
         "backing", text(c.backing_log2), "pages of 4 KiB (12), 2 MiB (21) or 1 GiB (30)");
  demand(c.host_base % page == 0, "host_base", text(c.host_base), "a multiple of 4096");
  demand(c.host_size >= std::uint64_t{4} << 20 && c.host_size % page == 0, "host_size", text(c.host_size),
         "a multiple of 4096 bytes, at least 4 MiB");
  demand(c.host_base + c.host_size > c.host_base && (c.host_base + c.host_size - 1) >> c.machine.physical_bits == 0,
         "host_size", text(c.host_size), "such that the pool ends within the machine's physical addresses");
}

}  // namespace

void check(const vmm_config& c) {
  const auto text = [](std::uint64_t v) { return std::to_string(v); };
  check_memory(c);
  demand(c.nested_levels == 4 || c.nested_levels == 5, "nested_levels", text(c.nested_levels), "4 or 5");
  demand(c.shadow.kept_roots >= 2 && c.shadow.kept_roots <= 1024, "shadow.kept_roots", text(c.shadow.kept_roots),
         "2 to 1024");
  demand(c.shadow.upper_stores_unused >= 1, "shadow.upper_stores_unused", "0", "at least 1");
  demand(c.shadow.leaf_stores_unused >= 1, "shadow.leaf_stores_unused", "0", "at least 1");
  demand(c.reclaim.exits >= 1, "reclaim.exits", "0", "at least 1");
  demand(c.cycle > sc_core::SC_ZERO_TIME, "cycle", c.cycle.to_string(), "more than 0");
}

}  // namespace nestwalk::vmm
