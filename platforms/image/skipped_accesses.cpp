#include "platforms/image/skipped_accesses.h"

#include <fmt/format.h>

#include "platforms/report/wrapped.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

using paging::fault_kind;
using paging::walk_cause;

struct obstacle_words {
  const char* name;
  const char* about;
};

constexpr std::array<obstacle_words, obstacles> words = {
    {{"guest_not_mapped", "not mapped by the guest's tables"},
     {"guest_forbidden", "forbidden by the guest's tables"},
     {"guest_malformed", "at a guest entry with a reserved bit"},
     {"not_canonical", "to an address that is not canonical"},
     {"nested_not_mapped", "not mapped by the second stage"},
     {"nested_forbidden", "forbidden by the second stage"},
     {"nested_malformed", "at a malformed entry of the second stage"},
     {"no_table", "by a table that the image lacks"},
     {"no_data", "to bytes that the image lacks"}}};

obstacle by_cause(walk_cause cause, obstacle missing, obstacle forbidden, obstacle malformed) {
  if (cause == walk_cause::forbidden) return forbidden;
  return cause == walk_cause::malformed ? malformed : missing;
}

}  // namespace

obstacle skipped_accesses::obstacle_of(const paging::fault& fault) {
  switch (fault.kind) {
    case fault_kind::page_fault:
      return by_cause(fault.cause, obstacle::guest_not_mapped, obstacle::guest_forbidden, obstacle::guest_malformed);
    case fault_kind::general_protection: return obstacle::not_canonical;
    case fault_kind::memory_error: return obstacle::no_table;
    case fault_kind::none: return obstacle::no_data;
    default: break;
  }
  return by_cause(fault.cause, obstacle::nested_not_mapped, obstacle::nested_forbidden, obstacle::nested_malformed);
}

void skipped_accesses::add(const paging::fault& fault, paging::gva at, paging::hpa place) {
  kind& k = kinds_[static_cast<unsigned>(obstacle_of(fault))];
  if (k.pages.empty()) {
    k.first = at;
    k.fault = fault;
    k.place = place;
  }
  ++k.accesses;
  k.pages.insert(at.base(paging::page_4k).value);
}

void skipped_accesses::forget() {
  for (kind& each : kinds_) each.pages.clear();
}

std::uint64_t skipped_accesses::total() const {
  std::uint64_t all = 0;
  for (const kind& each : kinds_) all += each.accesses;
  return all;
}

void skipped_accesses::describe(statistics::group& into) {
  for (unsigned i = 0; i < obstacles; ++i)
    into.add(words[i].name, "accesses", fmt::format("Accesses that were skipped: {}.", words[i].about),
             kinds_[i].accesses);
}

nlohmann::ordered_json skipped_accesses::as_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (unsigned i = 0; i < obstacles; ++i) {
    const kind& k = kinds_[i];
    if (k.accesses == 0) continue;
    nlohmann::ordered_json first = {{"gva", hex(k.first.value)}};
    if (k.fault.stage == paging::stage_kind::nested && k.fault) first["gpa"] = hex(k.fault.guest_physical.value);
    if (k.fault.kind == fault_kind::memory_error) first["entry"] = hex(k.fault.entry.value);
    if (k.fault.kind == fault_kind::none) first["hpa"] = hex(k.place.value);
    list.push_back({{"why", words[i].name},
                    {"about", words[i].about},
                    {"accesses", k.accesses},
                    {"pages", k.pages.size()},
                    {"first", std::move(first)}});
  }
  return list;
}

std::string skipped_text(const nlohmann::ordered_json& skipped) {
  std::uint64_t all = 0;
  std::string text;
  for (const nlohmann::ordered_json& each : skipped) {
    const auto accesses = each["accesses"].get<std::uint64_t>();
    const auto pages = each["pages"].get<std::uint64_t>();
    all += accesses;
    std::string line = fmt::format("{} {}, {} page{}; the first at GVA {}", accesses, each["about"].get<std::string>(),
                                   pages, pages == 1 ? "" : "s", each["first"]["gva"].get<std::string>());
    for (const auto& [key, name] : {std::pair{"gpa", "GPA"}, {"entry", "entry at HPA"}, {"hpa", "HPA"}})
      if (each["first"].contains(key)) line += fmt::format(", {} {}", name, each["first"][key].get<std::string>());
    text += wrapped(line, "  ", "    ");
  }
  return all == 0 ? "" : fmt::format("{} access{} skipped:\n{}", all, all == 1 ? " was" : "es were", text);
}

}  // namespace nestwalk::platforms
