#include "tb/bench.h"

#include <optional>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/output/replacement.h"
#include "tb/bench_memory.h"
#include "tb/scoreboard.h"
#include "tb/table_world.h"
#include "tb/waves_file.h"

namespace nestwalk::tb {

namespace {

constexpr unsigned slots = 128;  // tags in use at once, more than any model's contexts
constexpr unsigned slot_mask = slots - 1;
constexpr std::uint64_t patience = 100'000;  // cycles without a response while walks are in flight

// How the ports behave for a while.
struct manner {
  unsigned request = 10'000;   // a request is offered, in 10,000 cycles
  unsigned response = 10'000;  // a response is taken
  unsigned memory = 10'000;    // memory takes a request
  unsigned invalidation = 0;
  unsigned reset = 0;
  unsigned edit = 0;    // an entry changes at any time; with caches, an invalidation follows
  unsigned growth = 0;  // an entry comes to allow writes, without an invalidation
  bool alone = false;
};

class bench {
 public:
  explicit bench(const seed_options& options)
      : options_(options),
        random_(random_source::scramble(options.seed)),
        model_(make_model(options.model)),
        shape_(shape_of(options.model)),
        world_(random_.next()),
        memory_(world_, random_),
        scoreboard_(slots, caches(), world_) {
    result_.seed = options.seed;
    result_.model = options.model;
    if (options.waves.empty()) return;
    waves_.emplace(options.waves);
    if (!model_->open_waves(waves_->aside()))
      throw input_error(fmt::format("{}: the waveforms cannot be written", options.waves));
  }

  seed_result run() {
    model_->reset();
    draw_manner();
    while (result_.failure.empty() && result_.walks < options_.walks && !result_.stopped) {
      cycle();
      result_.stopped = options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed);
    }
    if (result_.failure.empty() && model_->assertion_failures() != 0)
      fail("an assertion of the bound checker failed", 0);
    keep_waves();
    if (!options_.coverage.empty()) model_->write_coverage(options_.coverage);
    result_.cycles = cycle_;
    result_.covered = scoreboard_.covered();
    return result_;
  }

 private:
  static const model_shape& shape_of(const std::string& name) {
    for (const model_shape& shape : model_shapes())
      if (shape.name == name) return shape;
    return model_shapes().front();
  }
  bool caches() const { return shape_.nested_tlb_entries + shape_.walk_cache_entries != 0; }

  void keep_waves();
  void draw_manner();
  void draw_alone();
  void cycle();
  void offer_request();
  void offer_invalidation();
  void edit_tables();
  void observe_request();
  void observe_memory(const memory_job* answered);
  void observe_response();
  void observe_invalidation();
  void leave_trail(const walk_record& r);
  void reset_in_mid_walk();
  void fail(const std::string& how, std::uint64_t walk) {
    if (!result_.failure.empty()) return;
    result_.failure = how;
    result_.failed_walk = walk;
  }
  walk_record& record_of(unsigned tag) { return scoreboard_.record(tag & slot_mask); }

  seed_options options_;
  random_source random_;
  std::optional<platforms::replacement> waves_;  // outlives the model, which writes it
  std::unique_ptr<rtl_model> model_;
  const model_shape& shape_;
  table_world world_;
  bench_memory memory_;
  scoreboard scoreboard_;
  seed_result result_;
  manner manner_;
  walk_record offered_;
  std::uint64_t cycle_ = 0;
  std::uint64_t last_progress_ = 0;
  std::uint64_t next_walk_ = 0;
  std::uint64_t next_manner_ = 0;  // walk at which the manner changes
  unsigned in_flight_ = 0;
  bool flushing_ = false;  // the invalidation offered ends that
  bool settling_ = false;  // no request is offered until the walks in flight are done
};

// What comes of the walks is no worse for waveforms that cannot be written.
void bench::keep_waves() {
  model_->close_waves();
  if (!waves_) return;
  try {
    if (!is_whole_fst(waves_->aside()))
      throw input_error(
          fmt::format("{}: writing the waveforms failed: the file is not whole; is the disk full?", options_.waves));
    waves_->commit();
  } catch (const input_error& problem) {
    result_.waves_problem = problem.what();
  }
}

// Another manner every few hundred walks, and other tables with it.
void bench::draw_manner() {
  constexpr unsigned often[] = {10'000, 10'000, 9'000, 5'000, 1'000};
  constexpr unsigned latencies[][3] = {{1, 1, 1}, {2, 2, 2}, {1, 4, 30}, {5, 20, 60}, {10, 10, 10}, {1, 60, 200}};
  next_manner_ = next_walk_ + 100 + random_.below(400);
  const bool flush = caches();
  if (flush) {
    scoreboard_.tables_changed();
  }
  for (unsigned slot = 0; slot < slots; ++slot) scoreboard_.record(slot).timed = false;
  world_.renew();
  manner_ = {};
  memory_.manner = {};
  if (random_.chance(2'500)) {
    draw_alone();
  } else {
    const auto& latency = latencies[random_.below(6)];
    memory_.manner.least = latency[0];
    memory_.manner.most = latency[1];
    memory_.manner.rare_most = latency[2];
    manner_.request = often[random_.below(5)];
    manner_.response = often[random_.below(5)];
    manner_.memory = often[random_.below(5)];
    if (random_.chance(4'000)) manner_.invalidation = 5 + random_.below(40);
    if (random_.chance(2'000)) manner_.reset = 2;
    if (random_.chance(5'000)) manner_.edit = caches() ? 10 : 300;
    if (!flush && random_.chance(4'000)) memory_.manner.race = 1'000;
    if (!flush && random_.chance(4'000)) memory_.manner.error = 30;
  }
  if (!flush) return;
  manner_.reset = 0;
  if (random_.chance(3'000)) manner_.growth = 300;
  settling_ = true;  // the caches are flushed once the walks over the old tables are done
}

// One walk at a time over a memory of one latency: the manner in which cycles are judged.
void bench::draw_alone() {
  manner_.alone = true;
  if (!caches() && random_.chance(5'000)) manner_.edit = 300;
  memory_.manner.least = memory_.manner.most = memory_.manner.rare_most = 1 + random_.below(12);
}

void bench::cycle() {
  input_pins& in = model_->in;
  if (next_walk_ >= next_manner_ && !in.invalidate_valid) draw_manner();
  if (manner_.edit != 0 && random_.chance(manner_.edit)) edit_tables();
  if (manner_.growth != 0 && random_.chance(manner_.growth) && world_.allow_writes()) scoreboard_.rights_grew();
  offer_request();
  offer_invalidation();
  in.response_ready = random_.chance(manner_.response);
  in.memory_request_ready = random_.chance(manner_.memory);
  in.invalidated_ready = random_.chance(manner_.response);
  const memory_job* const answered = memory_.answer(in, cycle_);
  model_->cycle();
  observe_memory(answered);
  observe_response();
  observe_request();
  observe_invalidation();
  if (model_->out.busy > shape_.contexts) fail("more walks are busy than there are contexts", next_walk_);
  ++cycle_;
  if (in_flight_ == 0) last_progress_ = cycle_;
  if (cycle_ - last_progress_ > patience) fail("walks are in flight and none answers", next_walk_);
  if (manner_.reset != 0 && random_.chance(manner_.reset)) reset_in_mid_walk();
}

void bench::offer_request() {
  input_pins& in = model_->in;
  if (in.request_valid || in_flight_ >= slots / 2 || settling_) return;
  if (manner_.alone ? in_flight_ != 0 : !random_.chance(manner_.request)) return;
  unsigned slot = static_cast<unsigned>(next_walk_) & slot_mask;
  while (scoreboard_.record(slot).open) slot = (slot + 1) & slot_mask;
  offered_.domain_number = random_.below(table_world::domains);
  offered_.where = world_.at(offered_.domain_number);
  offered_.address = world_.draw_address(*offered_.where);
  offered_.access = world_.draw_access();
  in.request_valid = true;
  in.request_tag = static_cast<std::uint16_t>(slot | random_.below(512) * slots);
  in.request_domain = static_cast<std::uint8_t>(offered_.domain_number);
  in.request = pack(offered_.where->registers, offered_.address, offered_.access);
}

void bench::offer_invalidation() {
  input_pins& in = model_->in;
  if (in.invalidate_valid) return;
  const bool flush = settling_ && in_flight_ == 0 && !in.request_valid;
  if (!flush && (manner_.invalidation == 0 || !random_.chance(manner_.invalidation))) return;
  flushing_ = flush;
  in.invalidate_valid = true;
  in.invalidate_domain = static_cast<std::uint8_t>(random_.below(table_world::domains));
  in.invalidate_every_domain = flush || random_.chance(2'000);
  in.invalidate_guest = flush || random_.chance(5'000);
  in.invalidate_nested = flush || random_.chance(5'000);
  in.invalidate_by_gpa = !flush && random_.chance(3'000);
  in.invalidate_gpa = random_.next() & 0xff;
}

// With caches, what software owes follows at once: an invalidation of what the entry may have left cached.
void bench::edit_tables() {
  const std::uint64_t entry = world_.recent_entry();
  if (entry == 0 || (caches() && (model_->in.invalidate_valid || settling_))) return;
  world_.disturb(entry);
  if (!caches()) return;
  scoreboard_.tables_changed();
  input_pins& in = model_->in;
  in.invalidate_valid = true;
  in.invalidate_every_domain = true;
  // What was read through a nested mapping goes with it.
  in.invalidate_guest = true;
  in.invalidate_nested = !table_world::is_guest_table(entry);
  in.invalidate_by_gpa = false;
}

void bench::observe_request() {
  input_pins& in = model_->in;
  if (!in.request_valid || !model_->out.request_ready) return;
  walk_record& r = record_of(in.request_tag);
  r.operations.clear();
  r.open = true;
  r.number = next_walk_++;
  r.where = offered_.where;
  r.domain_number = offered_.domain_number;
  r.address = offered_.address;
  r.access = offered_.access;
  r.answered_all = true;
  r.touched = r.had_finished = false;
  // An edit waits for its invalidation, which drops what this walk may find cached.
  r.tables_changed = in.invalidate_valid || settling_;
  r.timed = manner_.alone && in_flight_ == 0;
  r.taken_at = cycle_;
  r.occupancy = ++in_flight_;
  in.request_valid = false;
}

void bench::observe_memory(const memory_job* answered) {
  const output_pins& out = model_->out;
  if (answered != nullptr) {
    const input_pins& in = model_->in;
    walk_record& r = record_of(answered->tag);
    if (!r.open) return fail("memory answers a walk that is over", next_walk_);
    r.operations.back().error = in.memory_response_error;
    r.operations.back().swapped = in.memory_response_swapped;
    r.operations.back().data = in.memory_response_data;
    r.answered_all = true;
    result_.errors += in.memory_response_error ? 1 : 0;
    result_.lost += answered->exchange && !in.memory_response_swapped && !in.memory_response_error ? 1 : 0;
  }
  if (!out.memory_request_valid || !model_->in.memory_request_ready) return;
  walk_record& r = record_of(out.memory_request_tag);
  if (!r.open) return fail("a memory request of no walk", next_walk_);
  if (!r.answered_all) return fail("a second memory request of a walk that has one", r.number);
  r.operations.push_back({out.memory_request_exchange, out.memory_request_address, out.memory_request_expected,
                          out.memory_request_desired, false, false, 0, cycle_});
  r.answered_all = false;
  ++(out.memory_request_exchange ? result_.exchanges : result_.reads);
  memory_.take(out, cycle_);
}

void bench::observe_response() {
  const output_pins& out = model_->out;
  result_.cache_hits += (out.events.nested_tlb_hit ? 1 : 0) + (out.events.walk_cache_hit ? 1 : 0);
  if (!out.response_valid || !model_->in.response_ready) return;
  walk_record& r = record_of(out.response_tag);
  if (!r.open) return fail("a response to no walk", next_walk_);
  const rtl_response response = unpack(out.response);
  const cycle_formula formula{memory_.manner.least, shape_.bypass, caches(),
                              response.nested_stage && response.why == paging::purpose::flag_update};
  const std::string wrong = scoreboard_.judge(r, response, out.response_page, cycle_, formula);
  if (!wrong.empty()) {
    leave_trail(r);
    fail(fmt::format("{} of {:#x} in domain {}: {}",
                     r.access.type == paging::access_type::write  ? "write"
                     : r.access.type == paging::access_type::read ? "read"
                                                                  : "fetch",
                     r.address.value, r.domain_number, wrong),
         r.number);
  }
  result_.squashed += response.result == rtl_result::squashed ? 1 : 0;
  result_.faults += response.result != rtl_result::squashed && response.result != rtl_result::mapped ? 1 : 0;
  r.open = false;
  --in_flight_;
  last_progress_ = cycle_;
  ++result_.walks;
}

void bench::observe_invalidation() {
  input_pins& in = model_->in;
  const output_pins& out = model_->out;
  if (in.invalidate_valid && out.invalidate_ready) {
    scoreboard_.invalidated(in.invalidate_every_domain, in.invalidate_domain);
    in.invalidate_valid = false;
    if (flushing_) {
      settling_ = flushing_ = false;
      scoreboard_.caches_flushed();
    }
    ++result_.invalidations;
  }
  if (!out.invalidated_valid || !in.invalidated_ready) return;
  for (const walk_record& r : scoreboard_.records())
    if (r.open && r.touched) return fail("an invalidation is done before a walk that it touched", r.number);
}

void bench::leave_trail(const walk_record& r) {
  if (!result_.failure.empty()) return;
  for (const walk_record::operation& o : r.operations) {
    const std::string access = o.exchange ? fmt::format("exchange {:#x} for {:#x}", o.expected, o.desired) : "read";
    result_.trail.push_back(fmt::format("cycle {}: {:#x}: {}: {:#x}{}", o.asked_at, o.address, access, o.data,
                                        o.error                    ? ", an error"
                                        : o.exchange && !o.swapped ? ", lost"
                                                                   : ""));
  }
}

void bench::reset_in_mid_walk() {
  model_->reset();
  memory_.reset();
  for (unsigned slot = 0; slot < slots; ++slot) scoreboard_.record(slot).open = false;
  in_flight_ = 0;
  ++result_.resets;
}

}  // namespace

seed_result run_seed(const seed_options& options) {
  return bench(options).run();
}

}  // namespace nestwalk::tb
