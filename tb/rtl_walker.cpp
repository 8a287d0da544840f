#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include "tb/rtl_walker.h"

#include <algorithm>

#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::tb {

namespace {

constexpr unsigned entry_bytes = 8;
constexpr unsigned tags = 64;      // no fewer than any model's contexts
constexpr unsigned all_quiet = 3;  // cycles after which nothing moves before memory answers
constexpr unsigned domain_numbers = 256;

bool in_thread() {
  const sc_core::sc_process_handle now = sc_core::sc_get_current_process_handle();
  return now.valid() && now.proc_kind() == sc_core::SC_THREAD_PROC_;
}

// Memory as debug transport sees it.
struct looking_memory {
  walker::table_memory& tables;
  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) const { return tables.look(at, bytes, value); }
  paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) const {
    return paging::exchange_result::stored;
  }
};

}  // namespace

// A translation under way.
struct rtl_walker::call {
  request_words request{};
  rtl_context context;
  std::uint8_t domain = 0;
  bool done = false;
  rtl_response response;
  std::uint64_t taken_at = 0;
  sc_core::sc_event answered;
};

struct rtl_walker::memory_job {
  std::uint64_t due = 0;
  std::uint8_t id = 0;
  bool error = false;
  bool swapped = false;
  std::uint64_t data = 0;
};

rtl_walker::rtl_walker(const sc_core::sc_module_name& name, const rtl_walker_config& config)
    : sc_module(name), config_(config), tables_(memory, config.use_dmi), model_(make_model(config.model)) {
  if (!model_) throw input_error(std::string(this->name()) + ".model: no RTL model \"" + config.model + "\" was built");
  if (config.cycle == sc_core::SC_ZERO_TIME)
    throw input_error(std::string(this->name()) + ".cycle: a clock period of 0; take one above 0, such as 0.4 ns");
  caches_ = false;
  for (const model_shape& shape : model_shapes())
    if (shape.name == config.model) caches_ = shape.nested_tlb_entries + shape.walk_cache_entries != 0;
  taken_.assign(tags, nullptr);
  model_->reset();
  requests.bind(static_cast<protocol::translation_fw_if<paging::gva>&>(*this));
  memory.bind(tables_);
  // A thread: memory may wait.
  sc_core::sc_spawn(
      [this] {
        while (true) {
          sc_core::wait(wake_);
          tick();
        }
      },
      "clock");
}

rtl_walker::~rtl_walker() = default;

void rtl_walker::describe(statistics::group& into) {
  into.add("walks", "walks", "translations that the RTL walked for", counts_.walks);
  into.add("faults", "walks", "of these, the ones that faulted", counts_.faults);
  into.add("squashed", "walks", "walks begun again because an invalidation squashed them", counts_.squashed);
  into.add("reads", "reads", "table entries read", counts_.reads);
  into.add("exchanges", "exchanges", "exchanges that set flags", counts_.exchanges);
  into.add("latency", "cycles", "cycles of a walk, from the taking of its request to its response", counts_.latency);
  into.add("cycles_clocked", "cycles", "cycles in which the RTL was evaluated", counts_.cycles_clocked);
}

bool rtl_walker::translate(question& t, sc_core::sc_time& delay) {
  const std::string refusal = why_unsupported(*t.domain);
  if (!refusal.empty()) throw input_error(std::string(name()) + ": " + refusal);
  call c;
  c.context = rtl_context_of(*t.domain);
  c.domain = domain_of(pack(c.context, paging::gva(), {}));
  c.request = pack(c.context, t.address, t.question);
  const bool waits = in_thread();
  if (waits && delay != sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  // What an uncached walk may not use goes first.
  if (t.uncached && caches_) invalidating_ = true;
  do {
    c.done = false;
    waiting_.push_back(&c);
    if (waits) {
      wake();
      while (!c.done) sc_core::wait(c.answered);
    } else {
      const std::uint64_t began = cycle_;
      while (!c.done) step();
      delay += config_.cycle * static_cast<double>(cycle_ - began);
    }
  } while (c.response.result == rtl_result::squashed);
  return finish(c, t);
}

bool rtl_walker::finish(call& c, question& t) {
  ++counts_.walks;
  const paging::outcome o = outcome_of(c.response, c.context, t.address);
  t.from_cache = false;  // a fault comes from a walk with nothing cached
  t.mapping = o.page;
  t.fault = o.failure;
  counts_.faults += o.mapped() ? 0 : 1;
  return o.mapped();
}

bool rtl_walker::look(question& t) {
  looking_memory memory{tables_};
  const paging::outcome o = paging::two_stage_walk<looking_memory>(*t.domain, memory).translate(t.address, t.question);
  t.mapping = o.page;
  t.fault = o.failure;
  t.flags_were_set = o.flags_were_set;
  return o.mapped();
}

// Whatever is named, everything goes: walks that are taken after it see the tables as they are.
void rtl_walker::invalidate(const paging::selector&, sc_core::sc_time&) {
  const bool walks = std::any_of(taken_.begin(), taken_.end(), [](const call* c) { return c != nullptr; });
  if (!caches_ && !walks) return;
  invalidating_ = true;
  wake();
}

std::uint8_t rtl_walker::domain_of(const request_words& context) {
  const auto found = domains_.find(context);
  if (found != domains_.end()) return found->second;
  if (domains_.size() == domain_numbers) {
    domains_.clear();
    invalidating_ = caches_;
  }
  const auto number = static_cast<std::uint8_t>(domains_.size());
  domains_.emplace(context, number);
  return number;
}

// The next edge of a clock that began with the simulation.
void rtl_walker::wake() {
  const std::uint64_t period = config_.cycle.value();
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  std::uint64_t wait = (period - now % period) % period;
  if (wait == 0 && clocked_ && last_edge_ == now) wait = period;
  quiet_ = 0;
  wake_.notify(sc_core::sc_time::from_value(wait));
}

void rtl_walker::tick() {
  const std::uint64_t period = config_.cycle.value();
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  // Edges at which nothing could have changed were not clocked.
  if (clocked_ && now - last_edge_ > period) cycle_ += (now - last_edge_) / period - 1;
  clocked_ = true;
  last_edge_ = now;
  quiet_ = step() ? 0 : quiet_ + 1;
  std::uint64_t cycles = 1;
  if (quiet_ >= all_quiet) {
    // Nothing changes before memory's next answer.
    if (jobs_.empty()) return;
    std::uint64_t due = jobs_.front().due;
    for (const memory_job& job : jobs_) due = std::min(due, job.due);
    if (due > cycle_) cycles += due - cycle_;
  }
  wake_.notify(sc_core::sc_time::from_value(period * cycles));
}

// One cycle. Whether a pin moved.
bool rtl_walker::step() {
  input_pins& in = model_->in;
  in.response_ready = true;
  in.memory_request_ready = true;
  in.invalidated_ready = true;
  in.invalidate_valid = invalidating_;
  in.invalidate_every_domain = in.invalidate_guest = in.invalidate_nested = true;
  offer_call();
  answer_memory();
  model_->cycle();
  const output_pins& out = model_->out;
  const bool moves = in.request_valid || in.memory_response_valid || in.invalidate_valid || out.memory_request_valid ||
                     out.response_valid || out.invalidated_valid;
  if (in.invalidate_valid && out.invalidate_ready) invalidating_ = false;
  take_response();
  take_memory_request();
  if (in.request_valid && out.request_ready) {
    taken_[in.request_tag] = waiting_.front();
    taken_[in.request_tag]->taken_at = cycle_;
    waiting_.pop_front();
  }
  ++cycle_;
  ++counts_.cycles_clocked;
  return moves;
}

void rtl_walker::offer_call() {
  input_pins& in = model_->in;
  // An invalidation that is asked for goes before the walks that came after it.
  const auto free = std::find(taken_.begin(), taken_.end(), nullptr);
  in.request_valid = !waiting_.empty() && free != taken_.end() && !invalidating_;
  if (!in.request_valid) return;
  in.request_tag = static_cast<std::uint16_t>(free - taken_.begin());
  in.request_domain = waiting_.front()->domain;
  in.request = waiting_.front()->request;
}

void rtl_walker::answer_memory() {
  input_pins& in = model_->in;
  const auto due = std::find_if(jobs_.begin(), jobs_.end(), [this](const memory_job& j) { return j.due <= cycle_; });
  in.memory_response_valid = due != jobs_.end();
  if (!in.memory_response_valid) return;
  in.memory_response_id = due->id;
  in.memory_response_error = due->error;
  in.memory_response_swapped = due->swapped;
  in.memory_response_data = due->data;
  jobs_.erase(due);
}

void rtl_walker::take_memory_request() {
  const output_pins& out = model_->out;
  if (!out.memory_request_valid) return;
  memory_job job;
  job.id = out.memory_request_id;
  const paging::hpa at(out.memory_request_address);
  sc_core::sc_time delay;
  if (out.memory_request_exchange) {
    ++counts_.exchanges;
    const paging::exchange_result done =
        tables_.exchange(at, entry_bytes, out.memory_request_expected, out.memory_request_desired, delay);
    job.error = done == paging::exchange_result::failed;
    job.swapped = done == paging::exchange_result::stored;
    job.data = out.memory_request_expected;
  } else {
    ++counts_.reads;
    const walker::table_memory::answer a = tables_.read(at, entry_bytes, delay);
    job.error = !a.ok;
    job.data = a.value;
    delay = a.time;
  }
  const std::uint64_t cycles = (delay.value() + config_.cycle.value() - 1) / config_.cycle.value();
  job.due = cycle_ + std::max<std::uint64_t>(cycles, 1);
  jobs_.push_back(job);
}

void rtl_walker::take_response() {
  const output_pins& out = model_->out;
  if (!out.response_valid) return;
  call*& taken = taken_[out.response_tag];
  taken->response = unpack(out.response);
  taken->done = true;
  counts_.latency.add(cycle_ - taken->taken_at);
  counts_.squashed += taken->response.result == rtl_result::squashed ? 1 : 0;
  taken->answered.notify(sc_core::SC_ZERO_TIME);
  taken = nullptr;
}

}  // namespace nestwalk::tb
