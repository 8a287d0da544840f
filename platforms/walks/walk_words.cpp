#include "platforms/walks/walk_words.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "paging/format.h"

namespace nestwalk::platforms {
namespace {

struct named_bit {
  std::uint64_t bit;
  const char* name;
};

template <std::size_t Count>
std::vector<std::string> set_bits(std::uint64_t value, const std::array<named_bit, Count>& names) {
  std::vector<std::string> set;
  for (const named_bit& each : names)
    if ((value & each.bit) != 0) set.emplace_back(each.name);
  return set;
}

std::string ept_flags(std::uint64_t value, bool leaf) {
  namespace e = paging::ept_entry;
  constexpr std::array<named_bit, 4> rights = {{{e::r, "R"}, {e::w, "W"}, {e::x, "X"}, {e::xu, "XU"}}};
  std::vector<std::string> flags = set_bits(value, rights);
  if (flags.empty()) return "not present";
  if ((value & e::a) != 0) flags.emplace_back("A");
  if (leaf) {
    constexpr std::array<const char*, 8> types = {"UC", "WC", "type 2", "type 3", "WT", "WP", "WB", "type 7"};
    if ((value & e::d) != 0) flags.emplace_back("D");
    flags.emplace_back(types[(value >> e::type_shift) & 7]);
    if ((value & e::ignore_pat) != 0) flags.emplace_back("IPAT");
  }
  return fmt::format("{}", fmt::join(flags, " "));
}

std::string x86_flags(std::uint64_t value, unsigned level, bool leaf) {
  namespace e = paging::x86_entry;
  if ((value & e::p) == 0) return "not present";
  constexpr std::array<named_bit, 6> common = {
      {{e::p, "P"}, {e::rw, "RW"}, {e::us, "US"}, {e::pwt, "PWT"}, {e::pcd, "PCD"}, {e::a, "A"}}};
  std::vector<std::string> flags = set_bits(value, common);
  if (leaf) {
    if ((value & e::d) != 0) flags.emplace_back("D");
    if (level > 1) flags.emplace_back("PS");
    if ((value & (level == 1 ? e::pat_4k : e::pat_large)) != 0) flags.emplace_back("PAT");
    if ((value & e::g) != 0) flags.emplace_back("G");
  }
  if ((value & e::xd) != 0) flags.emplace_back("XD");
  return fmt::format("{}", fmt::join(flags, " "));
}

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
  if (log2 >= 30) return fmt::format("{}G", 1u << (log2 - 30));
  if (log2 >= 20) return fmt::format("{}M", 1u << (log2 - 20));
  return fmt::format("{}K", 1u << (log2 - 10));
}

std::string entry_name(paging::stage_kind stage, paging::nested_kind format, unsigned level) {
  constexpr std::array<const char*, 6> names = {"entry", "PTE", "PDE", "PDPTE", "PML4E", "PML5E"};
  const char* const name = names[level < names.size() ? level : 0];
  if (stage == paging::stage_kind::guest) return name;
  return (format == paging::nested_kind::ept ? "EPT " : "n") + std::string(name);
}

std::string entry_flags(paging::stage_kind stage, paging::nested_kind format, unsigned level, std::uint64_t value) {
  const bool leaf = level == 1 || ((level == 2 || level == 3) && (value & paging::page_size_bit) != 0);
  if (stage == paging::stage_kind::nested && format == paging::nested_kind::ept) return ept_flags(value, leaf);
  return x86_flags(value, level, leaf);
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

const char* name_of(paging::fault_kind kind) {
  constexpr std::array<const char*, 8> names = {"none",
                                                "#GP",
                                                "#PF",
                                                "EPT violation",
                                                "EPT misconfiguration",
                                                "nested page fault",
                                                "page-modification log full",
                                                "memory error"};
  return names[static_cast<unsigned>(kind)];
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
    default: return name_of(f.kind);
  }
}

}  // namespace nestwalk::platforms
