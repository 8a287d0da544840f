#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {

std::uint64_t walk_recorder::cycles(const sc_core::sc_time& time) const {
  return (time.value() + cycle_.value() / 2) / cycle_.value();
}

void walk_recorder::begins(const protocol::translation<paging::gva>& t) {
  record_ = walk_record{};
  record_.address = t.address;
  record_.access = t.question;
  record_.nested = t.context->nested_on;
  record_.nested_format = t.context->nested.kind;
  walked_second_ = false;
}

void walk_recorder::begins(const protocol::translation<paging::gpa>& t) {
  walk_step step;
  step.kind = step_kind::second;
  step.stage = paging::stage_kind::nested;
  step.entry = t.address.value;
  step.why = t.question.why;
  record_.steps.push_back(step);
  walked_second_ = true;
}

void walk_recorder::begins_again(paging::stage_kind stage) {
  walk_step step;
  step.kind = step_kind::again;
  step.stage = stage;
  record_.steps.push_back(step);
}

void walk_recorder::starts_from_cache(const walker::walk_cache_hit& hit) {
  walk_step step;
  step.kind = step_kind::walk_cache;
  step.stage = hit.stage;
  step.level = hit.level;
  step.value = hit.table;
  record_.steps.push_back(step);
}

void walk_recorder::reads(const walker::table_read& read) {
  walk_step step;
  step.stage = read.stage;
  step.level = read.level;
  step.entry = read.entry;
  step.value = read.value;
  step.served_by = read.served_by;
  step.cycles = cycles(read.latency);
  record_.steps.push_back(step);
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
  step.cycles = cycles(exchange.latency);
  record_.steps.push_back(step);
}

void walk_recorder::second_stage_answered(const protocol::translation<paging::gpa>& t, bool, sc_core::sc_time latency) {
  if (!walked_second_) {
    walk_step step;
    step.kind = step_kind::nested_tlb;
    step.stage = paging::stage_kind::nested;
    step.entry = t.address.value;
    step.why = t.question.why;
    step.cycles = cycles(latency);
    record_.steps.push_back(step);
  }
  walked_second_ = false;
}

void walk_recorder::ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) {
  record_.mapped = mapped;
  if (mapped) {
    record_.mapping = t.mapping;
    record_.output = t.output();
  } else {
    record_.fault = t.fault;
  }
  record_.cycles = cycles(latency);
  done_(record_);
}

void walk_recorder::ends(const protocol::translation<paging::gpa>&, bool, sc_core::sc_time) {}

}  // namespace nestwalk::platforms
