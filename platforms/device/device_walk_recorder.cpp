#include "platforms/device/device_walk_recorder.h"

namespace nestwalk::platforms {
namespace {

// The same walk as one of a first stage that adds nothing.
protocol::translation<paging::gva> without_first_stage(const protocol::translation<paging::gpa>& t) {
  protocol::translation<paging::gva> same;
  same.address = paging::gva(t.address.value);
  same.question.type = t.question.type;
  same.domain = t.domain;
  same.walk = t.walk;
  same.mapping = t.mapping;
  same.fault = t.fault;
  return same;
}

}  // namespace

device_walk_recorder::device_walk_recorder(const sc_core::sc_time& cycle, const sc_core::sc_time& look_up)
    : cycle_(cycle), look_up_(look_up), stages_(cycle, [this](const walk_record& walked) { take(walked); }) {}

const walk_record& device_walk_recorder::told() {
  sc_core::sc_time all;
  for (const walk_step& s : record_.steps) all += s.took;
  record_.cycles = cycles_of(all, cycle_);
  count_cycles(record_, cycle_);
  return record_;
}

void device_walk_recorder::begins(const iommu::resolution_start& s) {
  walk_step step;
  step.kind = s.again ? step_kind::again : step_kind::device_start;
  step.context_kept = s.context_kept;
  step.pasid_kept = s.pasid_kept;
  step.took = s.took;
  record_.steps.push_back(step);
}

void device_walk_recorder::reads(const iommu::entry_read& r) {
  walk_step step;
  step.kind = step_kind::device_entry;
  step.level = static_cast<unsigned>(r.kind);
  step.entry = r.at.value;
  step.value = r.value[0];
  step.answered = r.answered;
  step.served_by = r.served_by;
  step.memory = r.latency;
  step.took = r.step + r.latency;
  record_.steps.push_back(step);
  record_.device_entries.push_back(r.value);
}

void device_walk_recorder::missed() {
  if (look_up_ == sc_core::SC_ZERO_TIME) return;
  walk_step step;
  step.kind = step_kind::tlb_missed;
  step.took = look_up_;
  record_.steps.push_back(step);
}

void device_walk_recorder::take(const walk_record& walked) {
  record_.steps.insert(record_.steps.end(), walked.steps.begin(), walked.steps.end());
  record_.nested = walked.nested;
  record_.nested_format = walked.nested_format;
  record_.mapped = walked.mapped;
  record_.output = walked.output;
  record_.mapping = walked.mapping;
  record_.fault = walked.fault;
}

void device_walk_recorder::begins(const protocol::translation<paging::gva>& t, const sc_core::sc_time& now) {
  if (!t.uncached) missed();
  first_stage_ = t.walk;
  stages_.begins(t, now);
}
void device_walk_recorder::begins(const protocol::translation<paging::gpa>& t, const sc_core::sc_time& now) {
  if (first_stage_ == 0) {
    if (!t.uncached) missed();
    stages_.begins(without_first_stage(t), now);
  }
  stages_.begins(t, now);
}
void device_walk_recorder::begins_again(std::uint64_t walk, paging::stage_kind stage) {
  stages_.begins_again(walk, stage);
}
void device_walk_recorder::spends(std::uint64_t walk, paging::stage_kind stage, walker::walker_work what,
                                  sc_core::sc_time time) {
  stages_.spends(walk, stage, what, time);
}
void device_walk_recorder::second_stage_answered(const protocol::translation<paging::gpa>& t, bool mapped,
                                                 sc_core::sc_time latency) {
  stages_.second_stage_answered(t, mapped, latency);
}
void device_walk_recorder::ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) {
  stages_.ends(t, mapped, latency);
  first_stage_ = 0;
}
void device_walk_recorder::ends(const protocol::translation<paging::gpa>& t, bool mapped, sc_core::sc_time latency) {
  stages_.ends(t, mapped, latency);
  if (first_stage_ == 0) stages_.ends(without_first_stage(t), mapped, latency);
}

}  // namespace nestwalk::platforms
