// The tags that cached mappings carry, and how they are packed for whoever compares them.
#pragma once

#include <cstdint>

namespace nestwalk::paging {

/// Whose translations a cached mapping belongs to (SDM vol. 3, 28.4.1; APM vol. 2, 15.16; VT-d, 6.2).
struct translation_tags {
  std::uint16_t space = 0;    ///< VPID, ASID or VT-d domain id
  std::uint32_t process = 0;  ///< PCID (12 bits) or PASID (20 bits)
  std::uint64_t second = 0;   ///< EPTP[51:12] or the nested CR3's page number, 40 bits; 0 where no second stage is on

  friend bool operator==(const translation_tags& a, const translation_tags& b) {
    return a.space == b.space && a.process == b.process && a.second == b.second;
  }
};

/// The kinds of cached mappings (SDM vol. 3, 28.4.1). Under SVM combined ones carry the ASID.
enum class mapping_kind : std::uint8_t { linear, combined, guest_physical };

/// Tags and kind of one cached mapping in the form in which TLBs, walk caches and grants keep and compare them: linear
/// mappings are tagged by space and process, combined ones by all three, guest-physical ones only by `second`.
///   word  63:24 second, 23:8 space, 7:6 kind (never 0), 5:0 zero, for whoever keeps it
struct packed_tags {
  static constexpr unsigned second_shift = 24;
  static constexpr unsigned space_shift = 8;
  static constexpr unsigned kind_shift = 6;
  static constexpr std::uint64_t kind_mask = std::uint64_t{3} << kind_shift;

  std::uint64_t word = 0;
  std::uint32_t process = 0;

  constexpr std::uint64_t second() const { return word >> second_shift; }
  constexpr std::uint16_t space() const { return static_cast<std::uint16_t>(word >> space_shift); }
  /// Of packed tags; what was never packed has none.
  constexpr mapping_kind kind() const { return static_cast<mapping_kind>(((word & kind_mask) >> kind_shift) - 1); }

  friend constexpr bool operator==(const packed_tags& a, const packed_tags& b) {
    return a.word == b.word && a.process == b.process;
  }
};

/// Packs what a mapping of the kind is tagged by, and leaves out what it is not.
constexpr packed_tags pack(const translation_tags& tags, mapping_kind kind) {
  const std::uint64_t kind_bits = (std::uint64_t{static_cast<std::uint8_t>(kind)} + 1) << packed_tags::kind_shift;
  const std::uint64_t second = tags.second << packed_tags::second_shift;
  if (kind == mapping_kind::guest_physical) return {kind_bits | second, 0};
  const std::uint64_t space = std::uint64_t{tags.space} << packed_tags::space_shift;
  return {kind_bits | space | (kind == mapping_kind::combined ? second : 0), tags.process};
}

}  // namespace nestwalk::paging
