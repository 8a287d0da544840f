// One line of valgrind lackey's memory trace in its usual form, parsed without a loop over its digits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "nestwalk/workload/operation.h"

namespace nestwalk::workload {

/// Eight bytes as a number, the first one lowest.
inline std::uint64_t load_eight(const char* from) {
  std::uint64_t bytes;
  std::memcpy(&bytes, from, sizeof bytes);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  bytes = __builtin_bswap64(bytes);
#endif
  return bytes;
}

/// The value of eight lower-case hexadecimal digits, the first one lowest in `text`. Sets bits in `wrong` when one is
/// no such digit.
inline std::uint64_t eight_digits(std::uint64_t text, std::uint64_t& wrong) {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t v = (text & (0x0f * each)) + 9 * ((text >> 6) & each);
  const std::uint64_t letter = ((v + 6 * each) >> 4) & each;
  wrong |= ((v + 0x30 * each + 39 * letter) ^ text) | (v & (0xf0 * each));
  v = __builtin_bswap64(v);
  v = (v | (v >> 4)) & 0x00ff00ff00ff00ff;
  v = (v | (v >> 8)) & 0x0000ffff0000ffff;
  return (v | (v >> 16)) & 0x00000000ffffffff;
}

/// How a record begins: its first two characters, the first one lowest (0: none begins so), and what it then is.
struct lackey_start {
  std::uint16_t text;
  operation_kind kind;
};

/// By the low five bits of the second character, which alone tells the four apart.
constexpr std::array<lackey_start, 32> lackey_starts() {
  std::array<lackey_start, 32> all = {};
  all[' ' & 31] = {'I' | ' ' << 8, operation_kind::fetch};
  all['L' & 31] = {' ' | 'L' << 8, operation_kind::load};
  all['S' & 31] = {' ' | 'S' << 8, operation_kind::store};
  all['M' & 31] = {' ' | 'M' << 8, operation_kind::modify};
  return all;
}

/// Parses a line 'I  ADDRESS,SIZE', ' L ADDRESS,SIZE', ' S ...' or ' M ...' of 8 to 15 lower-case digits and a size of
/// one or two digits, 1 to 64, into `out`. Returns the position behind its newline, or null when the line has another
/// form; `out` then holds nothing of use. Reads up to 32 bytes from `line`.
inline const char* parse_lackey_line(const char* line, operation& out) {
  static constexpr std::array<lackey_start, 32> starts = lackey_starts();  // no branch depends on the kind
  const std::uint64_t head = load_eight(line);
  const lackey_start start = starts[(head >> 8) & 0x1f];
  std::uint64_t wrong = (head & 0xffffff) ^ (start.text | 0x200000u);

  std::uint64_t address = eight_digits(load_eight(line + 3), wrong);
  std::size_t more = 0;  // digits behind the eighth
  // A branch, not arithmetic for any number: it is mostly foreseen, and the next line's place then waits for nothing.
  if (line[11] != ',') {
    constexpr std::uint64_t each = 0x0101010101010101;
    const std::uint64_t rest = load_eight(line + 11);
    const std::uint64_t commas = ((rest ^ (0x2c * each)) - each) & ~(rest ^ (0x2c * each)) & (0x80 * each);
    if (commas == 0) return nullptr;
    more = static_cast<std::size_t>(__builtin_ctzll(commas)) / 8;
    // They move to the end of a word of zeros ('0').
    const std::uint64_t moved = (rest << (64 - 8 * more)) | ((0x30 * each) >> (8 * more));
    address = (address << (4 * more)) | eight_digits(moved, wrong);
  }

  const char* const size = line + 12 + more;
  const unsigned ones = static_cast<unsigned char>(size[0]) - unsigned{'0'};
  const unsigned tens_or_end = static_cast<unsigned char>(size[1]);
  unsigned bytes = ones;
  const char* next = size + 2;
  if (tens_or_end != '\n') {
    if (tens_or_end - unsigned{'0'} > 9 || *next != '\n') return nullptr;
    bytes = ones * 10 + tens_or_end - unsigned{'0'};
    ++next;
  }
  if (wrong != 0 || ones > 9 || bytes - 1 > 63) return nullptr;
  out.kind = start.kind;
  out.call = system_call::map;
  out.size = static_cast<std::uint16_t>(bytes);
  out.argument = 0;
  out.address = paging::gva(address);
  out.length = 0;
  return next;
}

}  // namespace nestwalk::workload
