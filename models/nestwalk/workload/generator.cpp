#include "nestwalk/workload/generator.h"

#include <string>

#include "nestwalk/protocol/error.h"

namespace nestwalk::workload {

std::size_t generator::next(operation* out, std::size_t capacity) {
  constexpr int steps_at_once = 128;
  std::size_t count = 0;
  while (count < capacity && accesses_ < length_) {
    if (given_ == made_.size()) {
      made_.clear();
      given_ = 0;
      if (!begun_) begin();
      begun_ = true;
      for (int i = 0; i < steps_at_once; ++i) step();
    }
    const operation& each = made_[given_++];
    accesses_ += each.kind != operation_kind::system_call;
    out[count++] = each;
  }
  return count;
}

double generator::progress() const {
  return length_ == 0 ? 1 : static_cast<double>(accesses_) / static_cast<double>(length_);
}

void generator::access(operation_kind kind, paging::gva address, std::uint16_t size) {
  operation each;
  each.kind = operation_kind::fetch;
  each.address = code_base + code_at_;
  each.size = fetch_bytes;
  made_.push_back(each);
  code_at_ = (code_at_ + fetch_bytes) % loop_bytes;
  each.kind = kind;
  each.address = address;
  each.size = size;
  made_.push_back(each);
}

void generator::map(paging::gva address, std::uint64_t length) {
  edit(system_call::map, address, (length + page_bytes - 1) / page_bytes * page_bytes);
}

void generator::edit(system_call which, paging::gva address, std::uint64_t length, std::uint32_t argument) {
  operation each;
  each.kind = operation_kind::system_call;
  each.call = which;
  each.address = address;
  each.length = length;
  each.argument = argument;
  made_.push_back(each);
}

void generator::map_code_and_data(std::uint64_t bytes) {
  map(code_base, code_bytes);
  map(data_base, bytes);
}

void generator::call(system_call which, std::uint32_t process) {
  operation each;
  each.kind = operation_kind::system_call;
  each.call = which;
  each.argument = process;
  made_.push_back(each);
}

void generator::check(const configuration::description& described) const {
  for (const configuration::key& k : described.keys()) {
    configuration::value held = k.get();
    if (!admits(k.allowed, held))
      fail(k.path + " is " + configuration::written(held, k.unit) + "; " + configuration::described(k.allowed, k.unit) +
           " is expected");
  }
}

void generator::fail(const std::string& what) const {
  throw input_error("workload " + std::string(name_) + ": " + what);
}

}  // namespace nestwalk::workload
