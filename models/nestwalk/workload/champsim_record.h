// ChampSim's records of an instruction (inc/trace_instruction.h): where their fields lie, and whether bytes can be such
// records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "nestwalk/workload/lackey_line.h"

namespace nestwalk::workload {

/// Where the fields of a record lie, little-endian, in bytes. All have
///
///     offset  0  u64  ip
///             8  u8   is_branch, 0 or 1
///             9  u8   branch_taken, 0 or 1
///
/// then registers, which are not used here, and the addresses of memory operands, 0 for none.
struct champsim_layout {
  const char* name;            ///< of the format
  std::size_t size;            ///< of a record
  std::size_t destinations;    ///< operands that are written
  std::size_t destination_at;  ///< the first of them, u64 each
  std::size_t sources;         ///< operands that are read
  std::size_t source_at;       ///< the first of them, u64 each
};

/// `input_instr`: 2 destination and 4 source registers from offset 10 on.
inline constexpr champsim_layout input_instr_layout{"champsim", 64, 2, 16, 4, 32};
/// `cloudsuite_instr`: 4 and 4 registers from offset 10 on, and at 88 two bytes of an address space's number, not used
/// here.
inline constexpr champsim_layout cloudsuite_instr_layout{"cloudsuite", 96, 4, 24, 4, 56};

/// A view of one record.
template <const champsim_layout& layout>
class champsim_record_of {
 public:
  static constexpr const char* format = layout.name;
  static constexpr std::size_t size = layout.size;  ///< bytes
  static constexpr std::size_t destinations = layout.destinations;
  static constexpr std::size_t sources = layout.sources;

  /// Views the `size` bytes at `bytes`.
  explicit champsim_record_of(const char* bytes) : bytes_(bytes) {}

  std::uint64_t ip() const { return load_eight(bytes_); }
  unsigned is_branch() const { return static_cast<unsigned char>(bytes_[8]); }
  unsigned branch_taken() const { return static_cast<unsigned char>(bytes_[9]); }
  std::uint64_t destination(std::size_t i) const { return load_eight(bytes_ + layout.destination_at + 8 * i); }
  std::uint64_t source(std::size_t i) const { return load_eight(bytes_ + layout.source_at + 8 * i); }

  /// Whether its fields are in range: both flags 0 or 1, and an instruction that stands somewhere.
  bool possible() const { return is_branch() <= 1 && branch_taken() <= 1 && ip() != 0; }

 private:
  const char* bytes_;
};

using champsim_record = champsim_record_of<input_instr_layout>;
using cloudsuite_record = champsim_record_of<cloudsuite_instr_layout>;

/// Whether `start`, the first bytes of a trace, may begin a ChampSim record, by its flags and its ip.
bool may_begin_champsim(std::string_view start);

/// Bytes that `looks_like_champsim` wants to see, where there are so many.
constexpr std::size_t champsim_evidence_size = 1024 * champsim_record::size;

/// Whether `start`, the first bytes of a trace, are ChampSim's records: the first ones possible, and their addresses
/// such as programs have. `whole` says that nothing follows; a length that is no multiple of a record then speaks
/// against them. One record may be cut off.
bool looks_like_champsim(std::string_view start, bool whole);

}  // namespace nestwalk::workload
