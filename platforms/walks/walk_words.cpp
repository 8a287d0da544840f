#include "platforms/walks/walk_words.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "platforms/walks/named_bits.h"

namespace nestwalk::platforms {
namespace {

std::string page_fault_words(std::uint32_t code) {
  namespace pf = paging::pf;
  std::vector<std::string> words = {(code & pf::wr) != 0   ? "write"
                                    : (code & pf::id) != 0 ? "instruction fetch"
                                                           : "read",
                                    (code & pf::us) != 0 ? "user" : "supervisor",
                                    (code & pf::p) != 0 ? "page-protection violation" : "page not present"};
  if ((code & pf::rsvd) != 0) words.emplace_back("reserved bit set");
  if ((code & pf::pk) != 0) words.emplace_back("protection key");
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string qualification_words(std::uint64_t q) {
  namespace e = paging::ept_qualification;
  constexpr std::array<named_bit, 3> asked = {{{e::read, "read"}, {e::write, "write"}, {e::fetch, "fetch"}}};
  constexpr std::array<named_bit, 4> allowed = {
      {{e::readable, "R"}, {e::writable, "W"}, {e::executable, "X"}, {e::user_executable, "XU"}}};
  const auto rights = set_bits(q, allowed);
  return fmt::format("{}, the entries allow {}{}", fmt::join(set_bits(q, asked), " and "),
                     rights.empty() ? "nothing" : fmt::format("{}", fmt::join(rights, " ")),
                     (q & e::linear_valid) == 0        ? ""
                     : (q & e::linear_translated) != 0 ? ", of the data page"
                                                       : ", of a guest table entry");
}

std::string exit_information_words(std::uint64_t info) {
  std::string words = page_fault_words(static_cast<std::uint32_t>(info));
  if ((info & paging::npf::final_address) != 0) words += ", of the data page";
  if ((info & paging::npf::guest_tables) != 0) words += ", of a guest table entry";
  return words;
}

}  // namespace

std::string hex(std::uint64_t number) {
  return fmt::format("{:#x}", number);
}

std::string page_size(unsigned log2) {
  if (log2 >= 63) return "none";
  constexpr std::string_view units = "BKMG";
  const unsigned unit = std::min(log2 / 10, 3u);
  return fmt::format("{}{}", std::uint64_t{1} << (log2 - 10 * unit), units[unit]);
}

std::string entry_name(paging::stage_kind stage, paging::nested_kind format, unsigned level) {
  constexpr std::array<const char*, 6> names = {"entry", "PTE", "PDE", "PDPTE", "PML4E", "PML5E"};
  const char* const name = names[level < names.size() ? level : 0];
  if (stage == paging::stage_kind::guest) return name;
  constexpr std::array<const char*, 3> prefixes = {"EPT ", "n", "SS "};
  return prefixes[static_cast<unsigned>(format)] + std::string(name);
}

const char* name_of(paging::access_type type) {
  constexpr std::array<const char*, 3> names = {"read", "write", "fetch"};
  return names[static_cast<unsigned>(type)];
}

const char* name_of(paging::access_mode mode) {
  constexpr std::array<const char*, 3> names = {"user", "supervisor", "supervisor with AC"};
  return names[static_cast<unsigned>(mode)];
}

const char* name_of(paging::purpose why) {
  constexpr std::array<const char*, 3> names = {"data page", "table entry", "flag update"};
  return names[static_cast<unsigned>(why)];
}

std::string guest_rights(paging::rights r) {
  std::string words = "read";
  if (r.has(paging::rights::writable)) words += " write";
  if (r.has(paging::rights::executable)) words += " execute";
  return words + (r.has(paging::rights::user) ? ", user" : ", supervisor");
}

std::string nested_rights(paging::rights r) {
  std::vector<std::string> words;
  if (r.has(paging::rights::nested_read)) words.emplace_back("read");
  if (r.has(paging::rights::nested_write)) words.emplace_back("write");
  if (r.has(paging::rights::nested_execute)) words.emplace_back("execute");
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, " "));
}

std::string described(const paging::fault& f) {
  switch (f.kind) {
    case paging::fault_kind::page_fault:
      return fmt::format("#PF({:#x}) at {:#x}: {}", f.error_code, f.linear.value, page_fault_words(f.error_code));
    case paging::fault_kind::general_protection: return "#GP(0): the address is not canonical";
    case paging::fault_kind::ept_violation:
      return fmt::format("EPT violation, qualification {:#x}, guest-physical address {:#x}: {}", f.qualification,
                         f.guest_physical.value, qualification_words(f.qualification));
    case paging::fault_kind::ept_misconfiguration:
      return fmt::format("EPT misconfiguration, guest-physical address {:#x}", f.guest_physical.value);
    case paging::fault_kind::nested_page_fault:
      return fmt::format("nested page fault, EXITINFO1 {:#x}, guest-physical address {:#x}: {}", f.qualification,
                         f.guest_physical.value, exit_information_words(f.qualification));
    case paging::fault_kind::memory_error: return fmt::format("memory error at the table entry {:#x}", f.entry.value);
    default: return title_of(f.kind);
  }
}

}  // namespace nestwalk::platforms
