#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {

walk_recorder::open_walk* walk_recorder::find(std::uint64_t walk) {
  const auto at = open_.find(walk);
  return at != open_.end() ? &at->second : nullptr;
}

// A step of a walk of the second stage alone (of PDPTE registers, say) belongs to no record.
void walk_recorder::add(std::uint64_t walk, const walk_step& step) {
  open_walk* const of = find(walk);
  if (of == nullptr) return;
  of->told += step.took;
  of->record.steps.push_back(step);
}

void walk_recorder::begins(const protocol::translation<paging::gva>& t, const sc_core::sc_time& now) {
  open_walk& begun = open_[t.walk];
  begun.record.began = now;
  begun.record.address = t.address;
  begun.record.access = t.question;
  begun.record.nested = t.domain->nested_on;
  begun.record.nested_format = t.domain->nested.kind;
}

void walk_recorder::begins(const protocol::translation<paging::gpa>& t, const sc_core::sc_time&) {
  walk_step step;
  step.kind = step_kind::second;
  step.stage = paging::stage_kind::nested;
  step.entry = t.address.value;
  step.why = t.question.why;
  if (open_walk* const of = find(t.walk)) {
    of->second = of->record.steps.size();
    of->told_before_second = of->told;
  }
  add(t.walk, step);
}

void walk_recorder::begins_again(std::uint64_t walk, paging::stage_kind stage) {
  walk_step step;
  step.kind = step_kind::again;
  step.stage = stage;
  add(walk, step);
}

void walk_recorder::spends(std::uint64_t walk, paging::stage_kind stage, walker::walker_work what,
                           sc_core::sc_time time) {
  if (time == sc_core::SC_ZERO_TIME) return;
  walk_step step;
  step.kind = what == walker::walker_work::question ? step_kind::question : step_kind::look_up;
  step.stage = stage;
  step.took = time;
  add(walk, step);
}

void walk_recorder::starts_from_cache(const walker::walk_cache_hit& hit) {
  walk_step step;
  step.kind = step_kind::walk_cache;
  step.stage = hit.stage;
  step.level = hit.level;
  step.value = hit.table;
  add(hit.walk, step);
}

void walk_recorder::reads(const walker::table_read& read) {
  walk_step step;
  step.stage = read.stage;
  step.level = read.level;
  step.entry = read.entry;
  step.value = read.value;
  step.served_by = read.served_by;
  step.memory = read.latency;
  step.took = read.step + read.latency;
  add(read.walk, step);
}

void walk_recorder::exchanges(const walker::table_exchange& exchange) {
  walk_step step;
  step.kind = step_kind::exchange;
  step.stage = exchange.stage;
  step.level = exchange.level;
  step.entry = exchange.entry;
  step.value = exchange.expected;
  step.desired = exchange.desired;
  step.result = exchange.result;
  step.memory = exchange.latency;
  step.took = exchange.step + exchange.latency;
  add(exchange.walk, step);
}

void walk_recorder::logs(const walker::page_record& record) {
  walk_step step;
  step.kind = step_kind::logged;
  step.stage = paging::stage_kind::nested;
  step.entry = record.slot.value;
  step.value = record.page;
  step.memory = step.took = record.latency;
  add(record.walk, step);
}

void walk_recorder::second_stage_answered(const protocol::translation<paging::gpa>& t, bool, sc_core::sc_time latency) {
  open_walk* const of = find(t.walk);
  if (of == nullptr) return;
  walk_step step;
  step.kind = of->second ? step_kind::missed : step_kind::nested_tlb;
  step.stage = paging::stage_kind::nested;
  step.entry = t.address.value;
  step.why = t.question.why;
  step.took = of->second ? latency - (of->told - of->told_before_second) : latency;
  if (!of->second) {
    add(t.walk, step);
  } else if (step.took != sc_core::SC_ZERO_TIME) {
    of->told += step.took;
    std::vector<walk_step>& steps = of->record.steps;
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(*of->second), step);
  }
  of->second.reset();
}

void walk_recorder::ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) {
  walk_record& record = open_[t.walk].record;
  record.mapped = mapped;
  if (mapped) {
    record.mapping = t.mapping;
    record.output = t.output();
  } else {
    record.fault = t.fault;
  }
  record.began_cycles = record.began.value() / cycle_.value();
  record.cycles = cycles_of(latency, cycle_);
  count_cycles(record, cycle_);
  done_(record);
  open_.erase(t.walk);
}

void walk_recorder::ends(const protocol::translation<paging::gpa>&, bool, sc_core::sc_time) {}

}  // namespace nestwalk::platforms
