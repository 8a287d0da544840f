#include "tb/scoreboard.h"

#include <map>

#include <fmt/format.h>

#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::tb {

namespace {

using operation = walk_record::operation;

// Answers the model with what the RTL saw, and notes where the two part.
class replay_memory {
 public:
  explicit replay_memory(const std::vector<operation>& operations) : operations_(operations) {}

  bool read(paging::hpa at, unsigned, std::uint64_t& value) {
    const operation* const o = next(at, false);
    if (o == nullptr) return false;
    value = o->data;
    return !o->error;
  }
  paging::exchange_result exchange(paging::hpa at, unsigned, std::uint64_t expected, std::uint64_t desired) {
    const operation* const o = next(at, true);
    if (o == nullptr) return paging::exchange_result::failed;
    if (o->expected != expected || o->desired != desired) {
      differs(fmt::format("exchanges {:#x} for {:#x}, the model {:#x} for {:#x}", o->expected, o->desired, expected,
                          desired));
      return paging::exchange_result::failed;
    }
    if (o->error) return paging::exchange_result::failed;
    return o->swapped ? paging::exchange_result::stored : paging::exchange_result::changed;
  }

  /// The model asked for more than the RTL did.
  bool ran_out() const { return ran_out_; }
  std::size_t used() const { return used_; }
  const std::string& difference() const { return difference_; }

 private:
  const operation* next(paging::hpa at, bool exchange) {
    if (used_ == operations_.size()) {
      ran_out_ = true;
      wanted_ = at.value;
      return nullptr;
    }
    const operation& o = operations_[used_];
    if (o.address != at.value || o.exchange != exchange) {
      differs(fmt::format("{} {:#x}, the model {} {:#x}", o.exchange ? "exchanges" : "reads", o.address,
                          exchange ? "exchanges" : "reads", at.value));
      return nullptr;
    }
    ++used_;
    return &o;
  }
  void differs(const std::string& how) {
    if (difference_.empty()) difference_ = fmt::format("memory access {}: the RTL {}", used_, how);
  }

  const std::vector<operation>& operations_;
  std::size_t used_ = 0;
  bool ran_out_ = false;
  std::uint64_t wanted_ = 0;
  std::string difference_;
};

// Memory as it stands; what would be stored is kept aside.
class looking_memory {
 public:
  explicit looking_memory(table_world& world) : world_(world) {}
  bool read(paging::hpa at, unsigned, std::uint64_t& value) {
    const auto found = stored_.find(at.value);
    value = found != stored_.end() ? found->second : world_.read(at.value);
    return true;
  }
  paging::exchange_result exchange(paging::hpa at, unsigned, std::uint64_t, std::uint64_t desired) {
    stored_[at.value] = desired;
    return paging::exchange_result::stored;
  }

 private:
  table_world& world_;
  std::map<std::uint64_t, std::uint64_t> stored_;
};

// The first field in which `rtl` is not what the model says.
class field_comparison {
 public:
  template <class T>
  field_comparison& field(const char* name, T rtl, T model) {
    if (difference_.empty() && rtl != model)
      difference_ = fmt::format("{}: the RTL says {:#x}, the model {:#x}", name, static_cast<std::uint64_t>(rtl),
                                static_cast<std::uint64_t>(model));
    return *this;
  }
  const std::string& difference() const { return difference_; }

 private:
  std::string difference_;
};

std::string compare(const paging::outcome& rtl, const paging::outcome& model) {
  const paging::fault& a = rtl.failure;
  const paging::fault& b = model.failure;
  field_comparison c;
  c.field("fault kind", a.kind, b.kind);
  c.field("fault stage", a.stage, b.stage);
  c.field("fault level", a.level, b.level);
  c.field("error code", a.error_code, b.error_code);
  c.field("qualification", a.qualification, b.qualification);
  c.field("fault linear address", a.linear.value, b.linear.value);
  c.field("fault guest-physical address", a.guest_physical.value, b.guest_physical.value);
  c.field("fault entry", a.entry.value, b.entry.value);
  if (!c.difference().empty() || !model.mapped()) return c.difference();
  c.field("page", rtl.page.page.value, model.page.page.value);
  c.field("guest page size", rtl.page.guest_size_log2, model.page.guest_size_log2);
  c.field("nested page size", rtl.page.nested_size_log2, model.page.nested_size_log2);
  c.field("rights", rtl.page.granted.bits, model.page.granted.bits);
  c.field("protection key", rtl.page.granted.key, model.page.granted.key);
  c.field("memory type", rtl.page.type, model.page.type);
  c.field("global", rtl.page.global, model.page.global);
  c.field("output", rtl.output.value, model.output.value);
  return c.difference();
}

unsigned count_reads(const walk_record& r) {
  unsigned reads = 0;
  for (const operation& o : r.operations) reads += o.exchange ? 0 : 1;
  return reads;
}

}  // namespace

void scoreboard::invalidated(bool every_domain, unsigned domain_number) {
  for (walk_record& r : records_) {
    if (!r.open || r.touched || (!every_domain && r.domain_number != domain_number)) continue;
    r.touched = true;
    r.had_finished = r.answered_all;
    r.operations_then = r.operations.size();
  }
}

void scoreboard::tables_changed() {
  for (walk_record& r : records_) r.tables_changed = r.open;
}

void scoreboard::rights_grew() {
  rights_grew_ = true;
  tables_changed();
}

std::string scoreboard::judge(walk_record& r, const rtl_response& response, std::uint64_t page, std::uint64_t cycle,
                              const cycle_formula& formula) {
  if (page != r.address.value >> paging::page_4k) return fmt::format("page number {:#x} is not the one asked", page);
  if (!r.answered_all) return "a response while memory has yet to answer";
  const unsigned reads = count_reads(r);
  if (response.reads != (reads > 255 ? 255 : reads))
    return fmt::format("the RTL reports {} reads and made {}", response.reads, reads);
  if (response.result == rtl_result::squashed) return judge_squashed(r);
  if (response.result == rtl_result::flag_due) return "a flag is due and was not set";
  std::string wrong;
  if (!caches_)
    wrong = judge_replayed(r, response);
  else if (!r.tables_changed)
    wrong = judge_cached(r, response);
  if (wrong.empty()) wrong = judge_cycles(r, cycle - r.taken_at, formula);
  if (wrong.empty()) covered_.add(r.where->registers, r.access, response, r.occupancy);
  return wrong;
}

std::string scoreboard::judge_squashed(const walk_record& r) const {
  if (!r.touched) return "squashed, and no invalidation named its domain";
  if (caches_) return {};
  replay_memory memory(r.operations);
  paging::two_stage_walk<replay_memory>(r.where->context, memory).translate(r.address, r.access);
  return memory.difference();
}

std::string scoreboard::judge_replayed(const walk_record& r, const rtl_response& response) {
  replay_memory memory(r.operations);
  const paging::outcome model =
      paging::two_stage_walk<replay_memory>(r.where->context, memory).translate(r.address, r.access);
  if (!memory.difference().empty()) return memory.difference();
  if (memory.ran_out()) return fmt::format("the RTL ended after {} memory accesses, the model has more", memory.used());
  if (memory.used() != r.operations.size())
    return fmt::format("the RTL made {} memory accesses, the model {}", r.operations.size(), memory.used());
  if (r.touched && (!r.had_finished || r.operations_then != r.operations.size()))
    return "not squashed, though an invalidation came before its last read";
  return compare(outcome_of(response, r.where->registers, r.address), model);
}

std::string scoreboard::judge_cached(const walk_record& r, const rtl_response& response) {
  // Whether a flag was due when this walk judged its entry, another walk may have changed since.
  if (response.nested_stage && response.why == paging::purpose::flag_update) return {};
  looking_memory memory(world_);
  paging::outcome model =
      paging::two_stage_walk<looking_memory>(r.where->context, memory).translate(r.address, r.access);
  paging::outcome rtl = outcome_of(response, r.where->registers, r.address);
  if (model.mapped() && rtl.mapped()) {
    if (!model.flags_were_set) return "a flag that the walk has to set is not set";
    // A cached mapping may have been read before its dirty flag was set.
    if (r.access.type != paging::access_type::write && (model.page.granted.bits & paging::rights::dirty) != 0)
      rtl.page.granted.bits = static_cast<std::uint8_t>(rtl.page.granted.bits | paging::rights::dirty);
    // Nor need it give a right that came later; only a fault must come from the tables as they are.
    if (rights_grew_ && (rtl.page.granted.bits & ~model.page.granted.bits) == 0)
      rtl.page.granted.bits = model.page.granted.bits;
  }
  return compare(rtl, model);
}

std::string scoreboard::judge_cycles(const walk_record& r, std::uint64_t cycles, const cycle_formula& formula) {
  if (!r.timed || r.touched) return {};
  const unsigned reads = count_reads(r);
  const auto exchanges = static_cast<unsigned>(r.operations.size()) - reads;
  // A turn in the launch stage, and one more cycle where the read that follows would have passed the queue.
  const unsigned extra = 2 * ((formula.may_restart ? 2u : 0u) + (formula.flag_fault ? 1u : 0u));
  if (exchanges == 0) {
    const unsigned most = reads * (formula.latency + (formula.bypass ? 0 : 1)) + 2 + extra;
    if (cycles > most)
      return fmt::format("{} cycles for {} reads at latency {}: the formula gives {}", cycles, reads, formula.latency,
                         most);
    return {};
  }
  // Each exchange has a turn in the launch stage before it, the data page one after the guest's last, and a lost
  // exchange one to begin again.
  unsigned lost = 0;
  for (const operation& o : r.operations) lost += o.exchange && !o.swapped ? 1 : 0;
  const unsigned turns = exchanges + lost + 1 + extra;
  const unsigned most = (reads + exchanges) * (formula.latency + 1) + turns + 2;
  if (cycles > most)
    return fmt::format("{} cycles for {} reads and {} exchanges at latency {}: no more than {} are due", cycles, reads,
                       exchanges, formula.latency, most);
  return {};
}

}  // namespace nestwalk::tb
