#include "workload/champsim_reader.h"

#include <algorithm>

#include "workload/lackey_line.h"

namespace nestwalk::workload {

namespace {

constexpr std::size_t is_branch_at = 8;
constexpr std::size_t branch_taken_at = 9;
constexpr std::size_t destination_at = 16;
constexpr std::size_t destinations = 2;
constexpr std::size_t source_at = 32;
constexpr std::size_t sources = 4;

operation access(operation_kind kind, std::uint64_t address, std::uint64_t size) {
  operation made;
  made.kind = kind;
  made.address = paging::gva(address);
  made.size = static_cast<std::uint16_t>(std::min(size, 64 - made.address.offset(6)));
  return made;
}

}  // namespace

void champsim_reader::parse(operation*& out, operation* end) {
  records_before_ = records_;
  for (;;) {
    while (pending_from_ != pending_to_ && out != end) *out++ = pending_[pending_from_++];
    if (out == end || window().size() < record_size) return;
    const char* const record = window().begin();
    check(record);
    if (static_cast<std::size_t>(end - out) >= most_accesses) {
      out = decode(record, out);
    } else {
      pending_from_ = 0;
      pending_to_ = static_cast<std::size_t>(decode(record, pending_.data()) - pending_.data());
    }
    ++records_;
    window().consume(record + record_size);
  }
}

void champsim_reader::check(const char* record) const {
  const auto field = [record](std::size_t at) { return unsigned{static_cast<unsigned char>(record[at])}; };
  for (const auto& [name, at] : {std::pair{"is_branch", is_branch_at}, std::pair{"branch_taken", branch_taken_at}})
    if (field(at) > 1)
      fail_record(std::string("has ") + name + " = " + std::to_string(field(at)) +
                  "; 0 or 1 is expected: this is no ChampSim record, or the file is shifted or mixed");
  if (load_eight(record) == 0) fail_record("has ip = 0; the address of an instruction is expected");
}

operation* champsim_reader::decode(const char* record, operation* out) {
  *out++ = access(operation_kind::fetch, load_eight(record), fetch_size);
  for (std::size_t i = 0; i < sources; ++i)
    if (const std::uint64_t address = load_eight(record + source_at + 8 * i); address != 0)
      *out++ = access(operation_kind::load, address, data_size);
  for (std::size_t i = 0; i < destinations; ++i)
    if (const std::uint64_t address = load_eight(record + destination_at + 8 * i); address != 0)
      *out++ = access(operation_kind::store, address, data_size);
  return out;
}

std::string champsim_reader::place_of(const operation* batch, std::size_t index) const {
  // Each record begins with its fetch, the only one.
  const auto fetches =
      std::count_if(batch, batch + index + 1, [](const operation& each) { return each.kind == operation_kind::fetch; });
  return window().stream().name() + ": record " + std::to_string(records_before_ + static_cast<std::uint64_t>(fetches));
}

void champsim_reader::finish() {
  if (window().size() != 0)
    fail_record("is cut off after " + std::to_string(window().size()) +
                " of 64 bytes; capture or copy the trace again");
}

void champsim_reader::fail_record(const std::string& what) const {
  fail("record " + std::to_string(records_ + 1) + " " + what);
}

}  // namespace nestwalk::workload
