// Address spaces as types: a guest-virtual, a guest-physical and a host-physical address do not convert into one
// another.
#pragma once

#include <cstdint>

namespace nestwalk::paging {

/// An address, in bytes, of one address space. `Space` is a tag; two spaces never mix.
template <class Space>
struct address {
  std::uint64_t value = 0;

  constexpr address() = default;
  constexpr explicit address(std::uint64_t v) : value(v) {}

  /// The offset of this address within an aligned block of 2^`size_log2` bytes.
  constexpr std::uint64_t offset(unsigned size_log2) const { return value & ((std::uint64_t{1} << size_log2) - 1); }
  /// The first address of the aligned block of 2^`size_log2` bytes that holds this address.
  constexpr address base(unsigned size_log2) const { return address(value & ~((std::uint64_t{1} << size_log2) - 1)); }

  friend constexpr address operator+(address a, std::uint64_t bytes) { return address(a.value + bytes); }
  friend constexpr std::uint64_t operator-(address a, address b) { return a.value - b.value; }
  friend constexpr bool operator==(address a, address b) { return a.value == b.value; }
  friend constexpr bool operator!=(address a, address b) { return a.value != b.value; }
  friend constexpr bool operator<(address a, address b) { return a.value < b.value; }
  friend constexpr bool operator<=(address a, address b) { return a.value <= b.value; }
};

struct gva_space {};
struct gpa_space {};
struct hpa_space {};

/// Guest-virtual (linear) address, after segmentation.
using gva = address<gva_space>;
/// Guest-physical address: what the guest's tables produce and hold.
using gpa = address<gpa_space>;
/// Host-physical address: what memory answers to.
using hpa = address<hpa_space>;

/// Whether a linear address of `bits` bits is canonical: all bits from the highest of these on are equal (SDM vol. 1,
/// 3.3.7.1).
constexpr bool is_canonical(gva in, unsigned bits) {
  const unsigned spare = 64 - bits;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(in.value << spare) >> spare) == in.value;
}

/// Bytes, as a power of two, of the smallest page that every format maps.
inline constexpr unsigned page_4k = 12;
inline constexpr unsigned page_2m = 21;
inline constexpr unsigned page_4m = 22;
inline constexpr unsigned page_1g = 30;

}  // namespace nestwalk::paging
