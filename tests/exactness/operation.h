// One step of the random test: an edit of a table, a flush, a switch, or an access.
#pragma once

#include <cstdint>
#include <string>

namespace nestwalk::test {

enum class step : std::uint8_t {
  access,      ///< a: gva, b: access class (type and mode)
  edit,        ///< a: host-physical address of an entry, b: its new value
  invlpg,      ///< a: gva
  invpcid,     ///< a: gva, b: type, c: pcid
  invept,      ///< b: type, c: which EPTP
  invvpid,     ///< a: gva, b: type, c: vpid
  mov_cr3,     ///< a: which root, c: pcid, b: 1 keeps the PCID's mappings (bit 63)
  toggle_cr4,  ///< b: the bit
  toggle_cr0,  ///< b: the bit
  switch_vm,   ///< b: which EPTP, c: vpid
};

struct operation {
  step what = step::access;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint64_t c = 0;
};

/// One line that a person can read.
std::string to_string(const operation& o);

}  // namespace nestwalk::test
