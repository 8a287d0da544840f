#include "platforms/walks/entry_flags.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/paging/format.h"
#include "nestwalk/paging/vtd_domain.h"
#include "platforms/walks/named_bits.h"

namespace nestwalk::platforms {
namespace {

namespace ept = paging::ept_entry;
namespace vtd = paging::vtd;
namespace x86 = paging::x86_entry;

constexpr std::array<named_bit, 4> ept_rights = {{{ept::r, "R"}, {ept::w, "W"}, {ept::x, "X"}, {ept::xu, "XU"}}};
constexpr std::array<named_bit, 1> ept_accessed = {{{ept::a, "A"}}};
constexpr std::array<named_bit, 2> ept_of_page = {{{ept::d, "D"}, {ept::ignore_pat, "IPAT"}}};
constexpr std::array<named_bit, 6> x86_common = {
    {{x86::p, "P"}, {x86::rw, "RW"}, {x86::us, "US"}, {x86::pwt, "PWT"}, {x86::pcd, "PCD"}, {x86::a, "A"}}};
constexpr std::array<named_bit, 3> x86_of_page = {{{x86::d, "D"}, {x86::ps, "PS"}, {x86::g, "G"}}};
constexpr std::array<named_bit, 1> x86_last = {{{x86::xd, "XD"}}};

constexpr std::array<named_bit, 3> vtd_rights = {
    {{vtd::second_entry::r, "R"}, {vtd::second_entry::w, "W"}, {vtd::second_entry::x, "X"}}};
constexpr std::array<named_bit, 4> vtd_others = {{{vtd::second_entry::a, "A"},
                                                  {vtd::second_entry::d, "D"},
                                                  {paging::page_size_bit, "PS"},
                                                  {vtd::second_entry::snp, "SNP"}}};

bool is_vtd(paging::stage_kind stage, paging::nested_kind format) {
  return stage == paging::stage_kind::nested && format == paging::nested_kind::vtd;
}

std::string vtd_flags(std::uint64_t value) {
  std::vector<std::string> flags = set_bits(value, vtd_rights);
  if (flags.empty()) return "not present";
  for (std::string& each : set_bits(value, vtd_others)) flags.push_back(std::move(each));
  return fmt::format("{}", fmt::join(flags, " "));
}

bool is_ept(paging::stage_kind stage, paging::nested_kind format) {
  return stage == paging::stage_kind::nested && format == paging::nested_kind::ept;
}

std::string ept_flags(std::uint64_t value, bool leaf) {
  std::vector<std::string> flags = set_bits(value, ept_rights);
  if (flags.empty()) return "not present";
  if ((value & ept::a) != 0) flags.emplace_back("A");
  if (leaf) {
    constexpr std::array<const char*, 8> types = {"UC", "WC", "type 2", "type 3", "WT", "WP", "WB", "type 7"};
    if ((value & ept::d) != 0) flags.emplace_back("D");
    flags.emplace_back(types[(value >> ept::type_shift) & 7]);
    if ((value & ept::ignore_pat) != 0) flags.emplace_back("IPAT");
  }
  return fmt::format("{}", fmt::join(flags, " "));
}

std::string x86_flags(std::uint64_t value, unsigned level, bool leaf) {
  if ((value & x86::p) == 0) return "not present";
  std::vector<std::string> flags = set_bits(value, x86_common);
  if (leaf) {
    if ((value & x86::d) != 0) flags.emplace_back("D");
    if (level > 1) flags.emplace_back("PS");
    if ((value & (level == 1 ? x86::pat_4k : x86::pat_large)) != 0) flags.emplace_back("PAT");
    if ((value & x86::g) != 0) flags.emplace_back("G");
  }
  if ((value & x86::xd) != 0) flags.emplace_back("XD");
  return fmt::format("{}", fmt::join(flags, " "));
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::toupper(static_cast<unsigned char>(x)) == std::toupper(static_cast<unsigned char>(y));
  });
}

// Calls `f` with every flag of a format that is one bit.
template <class F>
void for_each_flag(paging::stage_kind stage, paging::nested_kind format, F&& f) {
  const auto each = [&f](const auto& names) { std::for_each(names.begin(), names.end(), f); };
  if (is_vtd(stage, format)) {
    each(vtd_rights);
    each(vtd_others);
  } else if (is_ept(stage, format)) {
    each(ept_rights);
    each(ept_accessed);
    each(ept_of_page);
  } else {
    each(x86_common);
    each(x86_of_page);
    each(x86_last);
  }
}

}  // namespace

std::string entry_flags(paging::stage_kind stage, paging::nested_kind format, unsigned level, std::uint64_t value) {
  if (is_vtd(stage, format)) return vtd_flags(value);
  const bool leaf = level == 1 || ((level == 2 || level == 3) && (value & paging::page_size_bit) != 0);
  return is_ept(stage, format) ? ept_flags(value, leaf) : x86_flags(value, level, leaf);
}

std::optional<std::uint64_t> flag_named(paging::stage_kind stage, paging::nested_kind format, std::string_view name) {
  std::optional<std::uint64_t> bit;
  for_each_flag(stage, format, [&](const named_bit& flag) {
    if (same_word(flag.name, name)) bit = flag.bit;
  });
  return bit;
}

std::string flag_names(paging::stage_kind stage, paging::nested_kind format) {
  std::vector<std::string> names;
  for_each_flag(stage, format, [&](const named_bit& flag) { names.emplace_back(flag.name); });
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace nestwalk::platforms
