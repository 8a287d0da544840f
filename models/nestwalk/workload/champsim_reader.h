// Reads ChampSim's instruction traces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "nestwalk/workload/champsim_record.h"
#include "nestwalk/workload/trace_reader.h"

namespace nestwalk::workload {

/// One record is one instruction. It becomes a fetch at ip, a load for each source and a store for
/// each destination, in this order. The format has no sizes: a fetch is taken as 4 bytes and data as 8, cut at the end
/// of the 64-byte line, because ChampSim itself touches one line for each address.
template <class Record>
class instruction_reader final : public trace_reader {
 public:
  static constexpr std::size_t record_size = Record::size;  ///< bytes
  static constexpr std::uint64_t fetch_size = 4;            ///< bytes
  static constexpr std::uint64_t data_size = 8;             ///< bytes

  explicit instruction_reader(byte_window window) : trace_reader(std::move(window)) {}

  const char* format() const override { return Record::format; }
  std::string place_of(const operation* batch, std::size_t index) const override;

 protected:
  void parse(operation*& out, operation* end) override;
  void finish() override;

 private:
  static constexpr std::size_t most_accesses = 1 + Record::sources + Record::destinations;

  void check(const Record& record) const;
  operation* decode(const Record& record, operation* out);
  [[noreturn]] void fail_record(const std::string& what) const;

  std::uint64_t records_ = 0;                          ///< whole records read
  std::uint64_t records_before_ = 0;                   ///< those whose fetch was returned before the last batch
  std::array<operation, most_accesses> pending_ = {};  ///< of a record that did not fit its batch
  std::size_t pending_from_ = 0;
  std::size_t pending_to_ = 0;
};

extern template class instruction_reader<champsim_record>;
extern template class instruction_reader<cloudsuite_record>;

using champsim_reader = instruction_reader<champsim_record>;
using cloudsuite_reader = instruction_reader<cloudsuite_record>;

}  // namespace nestwalk::workload
