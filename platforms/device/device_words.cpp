#include "platforms/device/device_words.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/protocol/error.h"
#include "platforms/walks/named_bits.h"

namespace nestwalk::platforms {
namespace {

namespace vtd = paging::vtd;

constexpr std::uint64_t table_address = ~std::uint64_t{0xfff};

unsigned field(std::uint64_t from, unsigned at, unsigned width) {
  return static_cast<unsigned>((from >> at) & ((1u << width) - 1));
}

std::string second_stage_words(const vtd::entry& e, unsigned width) {
  return fmt::format("second stage of {} levels at HPA {:#x}", width + 2, e[0] & table_address);
}

std::string context_words(const vtd::entry& e) {
  namespace c = vtd::context_entry;
  const std::string domain = fmt::format("domain {}", field(e[1], c::domain, 16));
  if (field(e[0], c::translation_type, 2) == c::pass_through) return domain + ", pass-through";
  return domain + ", " + second_stage_words(e, field(e[1], c::address_width, 3));
}

std::string sm_context_words(const vtd::entry& e) {
  namespace c = vtd::sm_context_entry;
  return fmt::format("PASIDs of {} bits, RID_PASID {:#x}{}", field(e[0], c::pdts, 3) + 13, e[1] & c::rid_pasid,
                     (e[1] & c::rid_priv) != 0 ? ", RID_PRIV" : "");
}

std::string pasid_words(const vtd::entry& e) {
  namespace p = vtd::pasid_entry;
  const unsigned pgtt = field(e[0], p::pgtt, 3);
  const std::string first = fmt::format("first stage of {} levels at {} {:#x}", field(e[2], p::fspm, 2) + 4,
                                        pgtt == p::nested ? "GPA" : "HPA", e[2] & table_address);
  const std::string second = second_stage_words(e, field(e[0], p::address_width, 3));
  const std::string domain = fmt::format("domain {}, ", e[1] & p::domain);
  switch (pgtt) {
    case p::first_stage: return domain + first;
    case p::second_stage: return domain + second;
    case p::nested: return domain + first + ", " + second;
    case p::pass_through: return domain + "pass-through";
    default: return domain + fmt::format("PGTT {}, which is reserved", pgtt);
  }
}

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

const char* name_of(vtd::entry_kind kind) {
  constexpr std::array<const char*, vtd::entry_kinds> names = {"root",    "context",   "root",
                                                               "context", "PASID dir", "PASID"};
  return names[static_cast<unsigned>(kind)];
}

std::string device_entry_flags(vtd::entry_kind kind, std::uint64_t value) {
  constexpr std::array<named_bit, 2> common = {{{vtd::present, "P"}, {vtd::fault_processing_disable, "FPD"}}};
  constexpr std::array<named_bit, 3> context = {{{vtd::sm_context_entry::dte, "DTE"},
                                                 {vtd::sm_context_entry::paside, "PASIDE"},
                                                 {vtd::sm_context_entry::pre, "PRE"}}};
  if ((value & vtd::present) == 0) return "not present";
  std::vector<std::string> flags = set_bits(value, common);
  if (kind == vtd::entry_kind::sm_context)
    for (std::string& each : set_bits(value, context)) flags.push_back(std::move(each));
  if (kind == vtd::entry_kind::pasid_table && (value & vtd::pasid_entry::ssade) != 0) flags.emplace_back("SSADE");
  return fmt::format("{}", fmt::join(flags, " "));
}

std::string device_entry_words(vtd::entry_kind kind, const vtd::entry& e) {
  if ((e[0] & vtd::present) == 0) return "";
  switch (kind) {
    case vtd::entry_kind::context: return context_words(e);
    case vtd::entry_kind::sm_context: return sm_context_words(e);
    case vtd::entry_kind::pasid_table: return pasid_words(e);
    default: return "";
  }
}

std::string source_words(std::uint16_t source) {
  return fmt::format("{:02x}:{:02x}.{}", source >> 8, source >> 3 & 31, source & 7);
}

std::uint16_t parsed_source(const std::string& text) {
  const std::string_view all = text;
  const std::size_t colon = all.find(':');
  const std::size_t point = all.find('.');
  if (colon != std::string_view::npos && point != std::string_view::npos && point > colon) {
    const auto bus = number(all.substr(0, colon), 0xff);
    const auto slot = number(all.substr(colon + 1, point - colon - 1), 31);
    const auto function = number(all.substr(point + 1), 7);
    if (bus && slot && function) return static_cast<std::uint16_t>(*bus << 8 | *slot << 3 | *function);
  } else if (const auto id = number(all.substr(all.rfind("0x", 0) == 0 ? 2 : 0), 0xffff)) {
    return static_cast<std::uint16_t>(*id);
  }
  throw input_error(
      fmt::format("--device {}: this is no requester id; write bus, device and function as 01:02.3, or all "
                  "16 bits as 0x113",
                  text));
}

}  // namespace nestwalk::platforms
