// ChampSim's `input_instr` (inc/trace_instruction.h): where its fields lie, and whether bytes can be such records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "nestwalk/workload/lackey_line.h"

namespace nestwalk::workload {

/// A view of one record, little-endian:
///
///     offset  0  u64     ip
///             8  u8      is_branch, 0 or 1
///             9  u8      branch_taken, 0 or 1
///            10  u8[2]   destination registers (not used here)
///            12  u8[4]   source registers (not used here)
///            16  u64[2]  destination memory, 0 for none
///            32  u64[4]  source memory, 0 for none
class champsim_record {
 public:
  static constexpr std::size_t size = 64;  ///< bytes
  static constexpr std::size_t destinations = 2;
  static constexpr std::size_t sources = 4;

  /// Views the 64 bytes at `bytes`.
  explicit champsim_record(const char* bytes) : bytes_(bytes) {}

  std::uint64_t ip() const { return load_eight(bytes_); }
  unsigned is_branch() const { return static_cast<unsigned char>(bytes_[8]); }
  unsigned branch_taken() const { return static_cast<unsigned char>(bytes_[9]); }
  std::uint64_t destination(std::size_t i) const { return load_eight(bytes_ + 16 + 8 * i); }
  std::uint64_t source(std::size_t i) const { return load_eight(bytes_ + 32 + 8 * i); }

  /// Whether its fields are in range: both flags 0 or 1, and an instruction that stands somewhere.
  bool possible() const { return is_branch() <= 1 && branch_taken() <= 1 && ip() != 0; }

 private:
  const char* bytes_;
};

/// Whether `start`, the first bytes of a trace, may begin a ChampSim record, by its flags and its ip.
bool may_begin_champsim(std::string_view start);

/// Bytes that `looks_like_champsim` wants to see, where there are so many.
constexpr std::size_t champsim_evidence_size = 1024 * champsim_record::size;

/// Whether `start`, the first bytes of a trace, are ChampSim's records: the first ones possible, and their addresses
/// such as programs have. `whole` says that nothing follows; a length that is no multiple of a record then speaks
/// against them. One record may be cut off.
bool looks_like_champsim(std::string_view start, bool whole);

}  // namespace nestwalk::workload
