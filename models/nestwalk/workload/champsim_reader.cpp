#include "nestwalk/workload/champsim_reader.h"

#include <algorithm>

namespace nestwalk::workload {

namespace {

operation access(operation_kind kind, std::uint64_t address, std::uint64_t size) {
  operation made;
  made.kind = kind;
  made.address = paging::gva(address);
  made.size = static_cast<std::uint16_t>(std::min(size, 64 - made.address.offset(6)));
  return made;
}

}  // namespace

template <class Record>
void instruction_reader<Record>::parse(operation*& out, operation* end) {
  records_before_ = records_;
  for (;;) {
    while (pending_from_ != pending_to_ && out != end) *out++ = pending_[pending_from_++];
    if (out == end || window().size() < record_size) return;
    const Record record(window().begin());
    check(record);
    if (static_cast<std::size_t>(end - out) >= most_accesses) {
      out = decode(record, out);
    } else {
      pending_from_ = 0;
      pending_to_ = static_cast<std::size_t>(decode(record, pending_.data()) - pending_.data());
    }
    ++records_;
    window().consume(window().begin() + record_size);
  }
}

template <class Record>
void instruction_reader<Record>::check(const Record& record) const {
  if (record.possible()) return;
  for (const auto& [name, value] :
       {std::pair{"is_branch", record.is_branch()}, std::pair{"branch_taken", record.branch_taken()}})
    if (value > 1)
      fail_record(std::string("has ") + name + " = " + std::to_string(value) +
                  "; 0 or 1 is expected: this is no ChampSim record, or the file is shifted or mixed");
  fail_record("has ip = 0; the address of an instruction is expected");
}

template <class Record>
operation* instruction_reader<Record>::decode(const Record& record, operation* out) {
  *out++ = access(operation_kind::fetch, record.ip(), fetch_size);
  for (std::size_t i = 0; i < Record::sources; ++i)
    if (const std::uint64_t address = record.source(i); address != 0)
      *out++ = access(operation_kind::load, address, data_size);
  for (std::size_t i = 0; i < Record::destinations; ++i)
    if (const std::uint64_t address = record.destination(i); address != 0)
      *out++ = access(operation_kind::store, address, data_size);
  return out;
}

template <class Record>
std::string instruction_reader<Record>::place_of(const operation* batch, std::size_t index) const {
  // Each record begins with its fetch, the only one.
  const auto fetches =
      std::count_if(batch, batch + index + 1, [](const operation& each) { return each.kind == operation_kind::fetch; });
  return window().stream().name() + ": record " + std::to_string(records_before_ + static_cast<std::uint64_t>(fetches));
}

template <class Record>
void instruction_reader<Record>::finish() {
  if (window().size() != 0)
    fail_record("is cut off after " + std::to_string(window().size()) + " of " + std::to_string(record_size) +
                " bytes; capture or copy the trace again");
}

template <class Record>
void instruction_reader<Record>::fail_record(const std::string& what) const {
  fail("record " + std::to_string(records_ + 1) + " " + what);
}

template class instruction_reader<champsim_record>;
template class instruction_reader<cloudsuite_record>;

}  // namespace nestwalk::workload
