#include "nestwalk/paging/fault.h"

#include <array>

namespace nestwalk::paging {

namespace {

struct kind_words {
  const char* name;
  const char* title;
};

constexpr std::array<kind_words, fault_kinds> words = {{
    {"none", "none"},
    {"general_protection", "#GP"},
    {"page_fault", "#PF"},
    {"ept_violation", "EPT violation"},
    {"ept_misconfiguration", "EPT misconfiguration"},
    {"nested_page_fault", "nested page fault"},
    {"page_modification_log_full", "page-modification log full"},
    {"remapping_fault", "remapping fault"},
    {"memory_error", "memory error"},
}};

}  // namespace

const char* name_of(fault_kind kind) {
  return words[static_cast<unsigned>(kind)].name;
}

const char* title_of(fault_kind kind) {
  return words[static_cast<unsigned>(kind)].title;
}

fault memory_error(stage_kind stage, unsigned level, hpa entry, purpose why) {
  fault f;
  f.kind = fault_kind::memory_error;
  f.cause = walk_cause::memory_error;
  f.stage = stage;
  f.level = static_cast<std::uint8_t>(level);
  f.entry = entry;
  f.why = why;
  return f;
}

}  // namespace nestwalk::paging
