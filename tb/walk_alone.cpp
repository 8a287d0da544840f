#include "tb/walk_alone.h"

#include <stdexcept>

namespace nestwalk::tb {

namespace {

constexpr unsigned patience = 1'000'000;  // cycles

// The one request that a lone walk has in memory.
struct pending_access {
  bool waits = false;
  unsigned due = 0;
  output_pins asked;
};

void answer(rtl_model& model, const pending_access& access, const table_store& memory) {
  const output_pins& asked = access.asked;
  model.in.memory_response_valid = true;
  model.in.memory_response_id = asked.memory_request_id;
  model.in.memory_response_error = false;
  model.in.memory_response_data = memory.read(asked.memory_request_address);
  model.in.memory_response_swapped =
      asked.memory_request_exchange &&
      memory.exchange(asked.memory_request_address, asked.memory_request_expected, asked.memory_request_desired);
}

}  // namespace

lone_walk walk_alone(rtl_model& model, const request_words& request, const table_store& memory, unsigned latency) {
  lone_walk walk;
  pending_access access;
  unsigned taken_at = 0;
  model.in.request_valid = true;
  model.in.request = request;
  model.in.response_ready = true;
  model.in.memory_request_ready = true;
  for (unsigned cycle = 0; cycle < patience; ++cycle) {
    model.in.memory_response_valid = access.waits && access.due == cycle;
    if (model.in.memory_response_valid) {
      answer(model, access, memory);
      access.waits = false;
    }
    model.cycle();
    const bool taken = model.in.request_valid && model.out.request_ready;
    if (taken) taken_at = cycle;
    if (model.out.memory_request_valid) {
      access = {true, cycle + latency, model.out};
      ++(model.out.memory_request_exchange ? walk.exchanges : walk.reads);
    }
    const bool done = model.out.response_valid;
    if (done) {
      walk.response = unpack(model.out.response);
      walk.cycles = cycle - taken_at;
    }
    if (taken) model.in.request_valid = false;
    if (done) return walk;
  }
  throw std::runtime_error("the RTL walker gave no answer in a million cycles");
}

}  // namespace nestwalk::tb
