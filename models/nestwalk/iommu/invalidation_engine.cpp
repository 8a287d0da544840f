#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include "nestwalk/iommu/invalidation_engine.h"

#include <algorithm>

namespace nestwalk::iommu {

using paging::vtd::descriptor;
using paging::vtd::descriptor_qwords;
using paging::vtd::descriptor_type;
using paging::vtd::granularity;
using paging::vtd::queue_error;
using paging::vtd::table_mode;

namespace {

constexpr unsigned iqei_mask = 15;
constexpr unsigned itesid_shift = 32;
constexpr unsigned icesid_shift = 48;

granularity field(std::uint64_t value, unsigned at) {
  return static_cast<granularity>((value >> at) & 3);
}

}  // namespace

invalidation_engine::invalidation_engine(const sc_core::sc_module_name& name, const surroundings& s,
                                         const invalidation_engine_config& c)
    : sc_module(name),
      registers_(s.registers),
      faults_(s.faults),
      completion_(s.completion),
      inside_(s.inside),
      target_(s.target),
      memory_(s.memory),
      unit_(s.unit),
      config_(c),
      responder_([](const descriptor& d) {
        return device_answer{sc_core::SC_ZERO_TIME, d.source};
      }) {
  sc_core::sc_spawn([this] { run(); }, "run");
}

void invalidation_engine::order(order_kind kind) {
  orders_.push_back(kind);
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void invalidation_engine::global_command(std::uint32_t value) {
  const std::uint32_t now = commanded_;
  commanded_ = value;
  const bool queue = unit_.has(paging::vtd::ecap::qi);
  if (((now ^ value) & global::te) != 0) order((value & global::te) != 0 ? order_kind::enable : order_kind::disable);
  if (queue && ((now ^ value) & global::qie) != 0)
    order((value & global::qie) != 0 ? order_kind::start_queue : order_kind::stop_queue);
}

void invalidation_engine::reset() {
  orders_.clear();
  devices_.clear();
  commanded_ = 0;
  invalidate_address_ = 0;
}

void invalidation_engine::iotlb_command(std::uint64_t address) {
  invalidate_address_ = address;
  order(order_kind::iotlb);
}

void invalidation_engine::spend(unsigned cycles) {
  counts_.busy_cycles += cycles;
  wait(cycles * config_.cycle);
}

void invalidation_engine::run() {
  for (;;) {
    if (!orders_.empty()) {
      const order_kind kind = orders_.front();
      orders_.pop_front();
      carry_out(kind);
    } else if (queue_waits()) {
      next_descriptor();
    } else {
      wait(changed_);
    }
  }
}

void invalidation_engine::carry_out(order_kind kind) {
  ++counts_.commands;
  spend(config_.cycles_per_command);
  switch (kind) {
    case order_kind::context: carry_out_context(); break;
    case order_kind::iotlb: carry_out_iotlb(); break;
    case order_kind::enable:
    case order_kind::disable:
      inside_.drain();
      registers_.set_bits(unit_register::gsts, global::te, kind == order_kind::enable);
      target_.translation_enabled(kind == order_kind::enable);
      break;
    case order_kind::protect:
      inside_.drain();
      registers_.set_bits(unit_register::pmen, pmen::prs, (registers_[unit_register::pmen] & pmen::epm) != 0);
      break;
    case order_kind::start_queue: registers_.set_bits(unit_register::gsts, global::qie, true); break;
    case order_kind::stop_queue:
      registers_.set_bits(unit_register::gsts, global::qie, false);
      registers_.set(unit_register::iqh, 0);
      break;
  }
}

// While the queue is on or the tables are not legacy ones, commands in registers are not carried out: they end with a
// granularity of 0 (6.5.1, 11.4.6).
bool invalidation_engine::takes_commands() const {
  return (registers_[unit_register::gsts] & global::qie) == 0 && target_.mode() == table_mode::legacy;
}

void invalidation_engine::carry_out_context() {
  const std::uint64_t command = registers_[unit_register::ccmd];
  const granularity how = takes_commands() ? field(command, ccmd::cirg) : granularity::reserved;
  if (how != granularity::reserved) {
    descriptor d;
    d.type = descriptor_type::context_cache;
    d.how = how;
    d.domain = static_cast<std::uint16_t>(command & unit_.domain_mask());
    d.source = static_cast<std::uint16_t>(command >> ccmd::sid);
    d.function_mask = static_cast<std::uint8_t>((command >> ccmd::fm) & 3);
    target_.invalidate(d);
  }
  registers_.set_bits(unit_register::ccmd, ccmd::icc | ccmd::caig_mask, false);
  registers_.set_bits(unit_register::ccmd, static_cast<std::uint64_t>(how) << ccmd::caig, true);
}

void invalidation_engine::carry_out_iotlb() {
  const std::uint64_t command = registers_[unit_register::iotlb];
  descriptor d;
  d.type = descriptor_type::iotlb;
  d.how = takes_commands() ? field(command, iotlb::iirg) : granularity::reserved;
  d.domain = static_cast<std::uint16_t>(command >> iotlb::did & unit_.domain_mask());
  if (d.how == granularity::selective && !unit_.can(paging::vtd::cap::psi)) d.how = granularity::domain;
  const unsigned mask = invalidate_address_ & 0x3f;
  if (d.how == granularity::selective && mask > unit_.largest_address_mask()) d.how = granularity::reserved;
  if (d.how == granularity::selective) {
    d.size_log2 = static_cast<std::uint8_t>(std::min(64u, 12 + mask));
    d.address = d.size_log2 >= 64 ? 0 : invalidate_address_ & unit_.guest_mask() & (~std::uint64_t{0} << d.size_log2);
    d.hint = (invalidate_address_ & (1u << 6)) != 0;
  }
  if (d.how != granularity::reserved) {
    target_.invalidate(d);
    inside_.drain();
  }
  registers_.set_bits(unit_register::iotlb, iotlb::ivt | iotlb::iaig_mask, false);
  registers_.set_bits(unit_register::iotlb, static_cast<std::uint64_t>(d.how) << iotlb::iaig, true);
}

bool invalidation_engine::queue_waits() const {
  if ((registers_[unit_register::gsts] & global::qie) == 0) return false;
  if ((registers_[unit_register::fsts] & (fsts::iqe | fsts::ite)) != 0) return false;
  return registers_[unit_register::iqh] != registers_[unit_register::iqt];
}

void invalidation_engine::stop(queue_error why) {
  ++counts_.queue_errors;
  registers_.set_bits(unit_register::iqercd, iqei_mask, false);
  registers_.set_bits(unit_register::iqercd, static_cast<std::uint64_t>(why), true);
  faults_.set_status(fsts::iqe);
}

void invalidation_engine::advance() {
  const std::uint64_t size = std::uint64_t{0x1000} << (registers_[unit_register::iqa] & iqa::qs);
  registers_.set(unit_register::iqh, (registers_[unit_register::iqh] + (wide() ? 32 : 16)) % size);
}

// What no descriptor can mend (11.4.9.9).
queue_error invalidation_engine::queue_is_wrong() const {
  const std::uint64_t size = std::uint64_t{0x1000} << (registers_[unit_register::iqa] & iqa::qs);
  const std::uint64_t tail = registers_[unit_register::iqt];
  if (!has_mode(unit_, target_.mode())) return queue_error::mode_invalid;
  const bool may_be_wide = unit_.has(paging::vtd::ecap::smts) || unit_.has(paging::vtd::ecap::adms);
  if (wide() ? !may_be_wide : target_.mode() != table_mode::legacy) return queue_error::width_invalid;
  // Nor does a head between two places of 256 bits, where one of 128 bits left it, ever meet the tail.
  if (wide() && ((tail | registers_[unit_register::iqh]) & 16) != 0) return queue_error::tail_misaligned;
  return tail >= size ? queue_error::tail_invalid : queue_error::none;
}

void invalidation_engine::next_descriptor() {
  if (const queue_error wrong = queue_is_wrong(); wrong != queue_error::none) return stop(wrong);
  descriptor_qwords raw{};
  const std::uint64_t base = registers_[unit_register::iqa] & ~std::uint64_t{0xfff};
  if (!fetch(base + registers_[unit_register::iqh], raw)) return stop(queue_error::fetch_failed);
  spend(config_.cycles_per_descriptor);
  descriptor d;
  const queue_error wrong = decode(raw, unit_, {wide(), target_.mode() != table_mode::legacy}, d);
  if (wrong != queue_error::none) return stop(wrong);
  ++counts_.descriptors;
  if (d.type != descriptor_type::wait) {
    perform(d);
  } else if (!finish(d)) {
    return;
  }
  advance();
}

bool invalidation_engine::fetch(std::uint64_t at, descriptor_qwords& raw) {
  sc_core::sc_time delay;
  memory_->b_transport(payload_.read(at, raw.data(), wide() ? 32 : 16), delay);
  const bool ok = payload_.ok();
  wait(delay);
  return ok;
}

void invalidation_engine::perform(const descriptor& d) {
  if (d.type != descriptor_type::device_tlb && d.type != descriptor_type::pasid_device_tlb)
    return target_.invalidate(d);
  const device_answer answer = responder_(d);
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const sc_core::sc_time limit = now + config_.device_time_out_cycles * config_.cycle;
  const bool answers = answer.after.has_value() && now + *answer.after <= limit;
  devices_.push_back({answers ? now + *answer.after : limit, answers, d.source, answer.from});
}

// An error of a device's answer, and whose it was, unless an earlier one is still to be read.
void invalidation_engine::tell(std::uint32_t bit, std::uint16_t source, unsigned shift) {
  if ((registers_[unit_register::fsts] & bit) == 0) {
    registers_.set_bits(unit_register::iqercd, std::uint64_t{0xffff} << shift, false);
    registers_.set_bits(unit_register::iqercd, std::uint64_t{source} << shift, true);
  }
  faults_.set_status(bit);
}

// Until every device-TLB invalidation has been answered; false where one was not.
bool invalidation_engine::await_devices() {
  std::stable_sort(devices_.begin(), devices_.end(),
                   [](const pending_device& a, const pending_device& b) { return a.done_at < b.done_at; });
  while (!devices_.empty()) {
    const pending_device next = devices_.front();
    if (next.done_at > sc_core::sc_time_stamp()) wait(next.done_at - sc_core::sc_time_stamp());
    devices_.pop_front();
    if (!next.answers) {
      ++counts_.time_outs;
      devices_.clear();
      tell(fsts::ite, next.source, itesid_shift);
      return false;
    }
    if (next.from != next.source) {
      tell(fsts::ice, next.from, icesid_shift);
    }
  }
  return true;
}

// A wait ends once all before it has: translations gone, the requests that used them ended, devices heard, interrupt
// messages arrived, which a status write, posted as they are, does not pass. After a time-out nothing is written and
// the head stays at it (6.5.2.11). False where the queue stopped at it.
bool invalidation_engine::finish(const descriptor& d) {
  if (!await_devices()) return false;
  inside_.drain();
  completion_.drain();
  if (d.writes_status) {
    sc_core::sc_time delay;
    memory_->b_transport(
        payload_.write(d.status_address & ((std::uint64_t{1} << unit_.host_bits) - 1), &d.status, sizeof d.status),
        delay);
    const bool ok = payload_.ok();
    wait(delay);
    if (!ok) {
      stop(queue_error::none);
      return false;
    }
  }
  ++counts_.waits;
  if (d.interrupts && (registers_[unit_register::ics] & ics::iwc) == 0) {
    registers_.set_bits(unit_register::ics, ics::iwc, true);
    completion_.raise();
  }
  return true;
}

void invalidation_engine::describe(statistics::group& into) {
  into.add("descriptors", "descriptors", "Descriptors of the invalidation queue that were carried out.",
           counts_.descriptors);
  into.add("commands", "commands", "Commands in registers that were carried out.", counts_.commands);
  into.add("waits", "descriptors", "Wait descriptors that completed.", counts_.waits);
  into.add("queue_errors", "errors", "Times that the queue stopped at an error.", counts_.queue_errors);
  into.add("time_outs", "errors", "Device-TLB invalidations that no device answered in time.", counts_.time_outs);
  into.add("busy_cycles", "cycles", "Time that the engine itself took, beside memory and waiting.",
           counts_.busy_cycles);
}

}  // namespace nestwalk::iommu
