#include "platforms/walks/walk_log.h"

#include <nlohmann/json.hpp>

#include "platforms/walks/entry_flags.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

using json = nlohmann::ordered_json;

const char* name_of_stage(paging::stage_kind stage) {
  return stage == paging::stage_kind::guest ? "guest" : "nested";
}

const char* name_of_result(paging::exchange_result result) {
  return result == paging::exchange_result::stored    ? "stored"
         : result == paging::exchange_result::changed ? "changed meanwhile"
                                                      : "failed";
}

json entry_of(const walk_step& s, const walk_record& r, const char* name) {
  return {{"step", name},
          {"stage", name_of_stage(s.stage)},
          {"entry", entry_name(s.stage, r.nested_format, s.level)},
          {"address", hex(s.entry)}};
}

json step_of(const walk_step& s, const walk_record& r) {
  json line;
  switch (s.kind) {
    case step_kind::read:
      line = entry_of(s, r, "read");
      line["value"] = hex(s.value);
      line["flags"] = entry_flags(s.stage, r.nested_format, s.level, s.value);
      line["served_by"] = protocol::name_of(s.served_by);
      line["cycles"] = s.cycles;
      break;
    case step_kind::exchange:
      line = entry_of(s, r, "exchange");
      line["expected"] = hex(s.value);
      line["desired"] = hex(s.desired);
      line["result"] = name_of_result(s.result);
      line["cycles"] = s.cycles;
      break;
    case step_kind::walk_cache:
      line = {{"step", "walk cache"},
              {"stage", name_of_stage(s.stage)},
              {"entry", entry_name(s.stage, r.nested_format, s.level)},
              {"table", hex(s.value)}};
      break;
    case step_kind::second: line = {{"step", "second stage"}, {"gpa", hex(s.entry)}, {"why", name_of(s.why)}}; break;
    case step_kind::nested_tlb:
      line = {{"step", "nested TLB"}, {"gpa", hex(s.entry)}, {"why", name_of(s.why)}, {"cycles", s.cycles}};
      break;
    case step_kind::question:
      line = {{"step", "question"}, {"stage", name_of_stage(s.stage)}, {"cycles", s.cycles}};
      break;
    case step_kind::look_up:
      line = {{"step", "walk cache look-up"}, {"stage", name_of_stage(s.stage)}, {"cycles", s.cycles}};
      break;
    case step_kind::missed: line = {{"step", "nested TLB miss"}, {"gpa", hex(s.entry)}, {"cycles", s.cycles}}; break;
    case step_kind::logged:
      line = {{"step", "page log"}, {"address", hex(s.entry)}, {"page", hex(s.value)}, {"cycles", s.cycles}};
      break;
    case step_kind::again: line = {{"step", "again"}, {"stage", name_of_stage(s.stage)}}; break;
    case step_kind::device_start:
    case step_kind::device_entry:
    case step_kind::tlb_missed: break;  // of a device's request: a core's walk has none
  }
  return line;
}

json result_of(const walk_record& r) {
  if (!r.mapped) return {{"fault", title_of(r.fault.kind)}, {"why", described(r.fault)}};
  json result = {{"hpa", hex(r.output.value)},
                 {"guest_page", page_size(r.mapping.guest_size_log2)},
                 {"guest_rights", guest_rights(r.mapping.granted)}};
  if (r.nested) {
    result["nested_page"] = page_size(r.mapping.nested_size_log2);
    result["nested_rights"] = nested_rights(r.mapping.granted);
  }
  return result;
}

}  // namespace

void write_walk(const walk_record& record, std::ostream& out) {
  json line = {{"gva", hex(record.address.value)},
               {"access", name_of(record.access.type)},
               {"mode", name_of(record.access.mode)},
               {"began", record.began_cycles},
               {"steps", json::array()}};
  for (const walk_step& s : record.steps) line["steps"].push_back(step_of(s, record));
  line["result"] = result_of(record);
  line["cycles"] = record.cycles;
  line["memory_cycles"] = record.memory_cycles;
  out << line.dump() << '\n';
}

}  // namespace nestwalk::platforms
