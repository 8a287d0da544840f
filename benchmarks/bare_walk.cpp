#include "bare_walk.h"

#include <cstring>

namespace nestwalk::bench {

namespace {

constexpr std::uint64_t page_mask = 0x000f'ffff'ffff'f000;

std::uint64_t load(const unsigned char* base, std::uint64_t address) {
  std::uint64_t value;
  std::memcpy(&value, base + address, sizeof value);
  return value;
}

std::uint64_t slot(std::uint64_t address, unsigned level) {
  return ((address >> (3 + 9 * level)) & 511) * 8;
}

std::uint64_t nested(const bare_tables& t, std::uint64_t gpa) {
  std::uint64_t table = t.nested_root;
  for (unsigned level = 4; level > 0; --level) table = load(t.nested_base, table + slot(gpa, level)) & page_mask;
  return table + (gpa & 4095);
}

}  // namespace

std::uint64_t bare_walk(const bare_tables& t, std::uint64_t gva) {
  std::uint64_t table = t.guest_root;
  for (unsigned level = 4; level > 0; --level)
    table = load(t.guest_base, nested(t, table + slot(gva, level))) & page_mask;
  return nested(t, table + (gva & 4095));
}

}  // namespace nestwalk::bench
