// Reads ChampSim's instruction traces: 64-byte `input_instr` records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "nestwalk/workload/champsim_record.h"
#include "nestwalk/workload/trace_reader.h"

namespace nestwalk::workload {

/// One record (`champsim_record`) is one instruction. It becomes a fetch at ip, a load for each source and a store for
/// each destination, in this order. The format has no sizes: a fetch is taken as 4 bytes and data as 8, cut at the end
/// of the 64-byte line, because ChampSim itself touches one line for each address.
class champsim_reader final : public trace_reader {
 public:
  static constexpr std::size_t record_size = champsim_record::size;  ///< bytes
  static constexpr std::uint64_t fetch_size = 4;                     ///< bytes
  static constexpr std::uint64_t data_size = 8;                      ///< bytes

  explicit champsim_reader(byte_window window) : trace_reader(std::move(window)) {}

  const char* format() const override { return "champsim"; }
  std::string place_of(const operation* batch, std::size_t index) const override;

 protected:
  void parse(operation*& out, operation* end) override;
  void finish() override;

 private:
  static constexpr std::size_t most_accesses = 7;

  void check(const champsim_record& record) const;
  operation* decode(const champsim_record& record, operation* out);
  [[noreturn]] void fail_record(const std::string& what) const;

  std::uint64_t records_ = 0;                          ///< whole records read
  std::uint64_t records_before_ = 0;                   ///< those whose fetch was returned before the last batch
  std::array<operation, most_accesses> pending_ = {};  ///< of a record that did not fit its batch
  std::size_t pending_from_ = 0;
  std::size_t pending_to_ = 0;
};

}  // namespace nestwalk::workload
