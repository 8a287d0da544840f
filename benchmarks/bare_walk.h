// What the walkers are measured against: a two-dimensional walk in plain C, with nothing but its dependent loads.
#pragma once

#include <cstdint>

namespace nestwalk::bench {

/// Tables of 4 levels and 4-KByte pages in both stages, on the host.
struct bare_tables {
  const unsigned char* guest_base;   ///< host address of host-physical 0 as the guest's tables see it
  const unsigned char* nested_base;  ///< host address of host-physical 0 as the nested tables see it
  std::uint64_t guest_root;          ///< gpa
  std::uint64_t nested_root;         ///< hpa
};

/// The host-physical address of `gva` by 24 loads: no time, no rights, no flags, no checks.
std::uint64_t bare_walk(const bare_tables& tables, std::uint64_t gva);

}  // namespace nestwalk::bench
