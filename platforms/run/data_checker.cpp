#include "platforms/run/data_checker.h"

#include <cstring>

#include <fmt/format.h>

namespace nestwalk::platforms {
namespace {

std::string bytes_in_words(const unsigned char* bytes, unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

}  // namespace

/// Bytes of an access in the page where it begins, if it goes on in the next; else 0.
unsigned data_checker::room_in_page(const cpu::retired_access& access) {
  const std::uint64_t room = (std::uint64_t{1} << page_log2) - access.address.offset(page_log2);
  return access.size > room ? static_cast<unsigned>(room) : 0;
}

void data_checker::loaded(const cpu::retired_access& access) {
  static constexpr unsigned char zeros[64] = {};
  if (const unsigned first = room_in_page(access); first != 0) {
    --loads_;  // one load in two pages
    loaded({access.process, access.address, first, access.data});
    return loaded({access.process, access.address + first, access.size - first, access.data + first});
  }
  ++loads_;
  const pages& of = processes_[access.process];
  const auto found = of.find(access.address.value >> page_log2);
  const unsigned char* const expected =
      found == of.end() ? zeros : found->second->data() + access.address.offset(page_log2);
  if (std::memcmp(expected, access.data, access.size) != 0) note_mismatch(access, expected);
}

void data_checker::stored(const cpu::retired_access& access) {
  if (const unsigned first = room_in_page(access); first != 0) {
    stored({access.process, access.address, first, access.data});
    return stored({access.process, access.address + first, access.size - first, access.data + first});
  }
  std::shared_ptr<page>& held = processes_[access.process][access.address.value >> page_log2];
  if (held == nullptr)
    held = std::make_shared<page>();
  else if (held.use_count() > 1)
    held = std::make_shared<page>(*held);
  std::memcpy(held->data() + access.address.offset(page_log2), access.data, access.size);
}

void data_checker::called(std::uint32_t caller, const workload::operation& call) {
  switch (call.call) {
    case workload::system_call::unmap:
      unmap(processes_[caller], call.address.value >> page_log2, call.length >> page_log2);
      break;
    case workload::system_call::fork: processes_[call.argument] = processes_[caller]; break;
    case workload::system_call::exit: processes_.erase(caller); break;
    default:  // contents stay
      break;
  }
}

void data_checker::unmap(pages& of, std::uint64_t first, std::uint64_t count) {
  if (count < of.size()) {
    for (std::uint64_t i = 0; i < count; ++i) of.erase(first + i);
    return;
  }
  for (auto each = of.begin(); each != of.end();) each = each->first - first < count ? of.erase(each) : std::next(each);
}

void data_checker::note_mismatch(const cpu::retired_access& access, const unsigned char* expected) {
  if (mismatches_++ != 0) return;
  first_mismatch_ = fmt::format("process {} loaded {} from {:#x} ({} bytes), but {} was stored there", access.process,
                                bytes_in_words(access.data, access.size), access.address.value, access.size,
                                bytes_in_words(expected, access.size));
}

}  // namespace nestwalk::platforms
