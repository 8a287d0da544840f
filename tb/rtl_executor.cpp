#include "tb/rtl_executor.h"

#include "nestwalk/protocol/error.h"
#include "tb/rtl_request.h"
#include "tb/walk_alone.h"

namespace nestwalk::tb {

namespace {

constexpr unsigned latency = 1;  // cycles; no vector hangs on it

table_store store_over(platforms::vector_memory& qwords) {
  const auto read = [&qwords](std::uint64_t address) {
    const auto found = qwords.find(address);
    return found == qwords.end() ? 0 : found->second;
  };
  const auto exchange = [&qwords, read](std::uint64_t address, std::uint64_t expected, std::uint64_t desired) {
    if (read(address) != expected) return false;
    qwords[address] = desired;
    return true;
  };
  return {read, exchange};
}

}  // namespace

rtl_executor::rtl_executor() : model_(make_model(model_shapes().front().name)) {
  model_->reset();
}

std::string rtl_executor::why_not(const platforms::conformance_vector& v) const {
  return why_unsupported(v.domain());
}

std::vector<platforms::vector_run> rtl_executor::perform(const platforms::conformance_vector& v) {
  const paging::domain context = v.domain();
  const std::string refusal = why_unsupported(context);
  if (!refusal.empty()) throw input_error(refusal);
  const rtl_context registers = rtl_context_of(context);
  platforms::vector_run run;
  run.after = v.before;
  const table_store memory = store_over(run.after);
  const lone_walk walk = walk_alone(*model_, pack(registers, v.address, v.access()), memory, latency);
  const paging::outcome came = outcome_of(walk.response, registers, v.address);
  run.result = platforms::result_of(came.failure);
  if (came.mapped()) run.result.hpa = came.output.value;
  return {run};
}

}  // namespace nestwalk::tb
