#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include "nestwalk/cpu/core.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "nestwalk/cpu/core_time.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::cpu {

using paging::access_type;
using paging::fault_kind;
using protocol::exit_reason;
using workload::operation_kind;

namespace {

constexpr std::size_t batch_size = 4096;
constexpr std::uint64_t no_mark = ~std::uint64_t{0};

std::string hexadecimal(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

const char* name_of(access_type type) {
  return type == access_type::read ? "load" : type == access_type::write ? "store" : "fetch";
}

// The exit that a fault of the second stage is.
exit_reason exit_of(fault_kind kind) {
  switch (kind) {
    case fault_kind::ept_violation: return exit_reason::ept_violation;
    case fault_kind::ept_misconfiguration: return exit_reason::ept_misconfiguration;
    case fault_kind::page_modification_log_full: return exit_reason::page_modification_log_full;
    default: return exit_reason::nested_page_fault;
  }
}

}  // namespace

core::core(const sc_core::sc_module_name& name, const core_config& config)
    : sc_module(name),
      config_(config),
      instruction_time_(fractional_cycles(config.cycles_per_instruction, config.cycle)),
      time_(config.quantum),
      account_(config.cycle),
      vm_(config, control, exit),
      batch_(batch_size) {
  fetch.bind(fetch_path_.backward);
  data.bind(data_path_.backward);
  control.bind(static_cast<protocol::control_bw_if&>(*this));
  exit.bind(static_cast<protocol::exit_bw_if&>(*this));
  guest_instructions.bind(static_cast<guest_instructions_if&>(*this));
  host_instructions.bind(vm_);
  fetch_path_.payload.access().fetch = true;
  sc_core::sc_spawn([this] { run(); }, "run");
}

void core::describe(statistics::group& into) {
  cycle_account::counters& cycles = account_.counts();
  into.add("accesses", "accesses", "Fetches, loads, stores and modifications of the program.",
           statistics::sum().of(counts_.fetches).of(counts_.loads).of(counts_.stores).of(counts_.modifies));
  into.add("cycles", "cycles", "Clock cycles of the core, whoever ran.",
           statistics::sum().of(cycles.program).of(cycles.kernel).of(cycles.vmm));
  into.add("cycles_per_access", "cycles", "Clock cycles for each access of the program.",
           [this] { return statistics::ratio(account_.counts().total(), counts_.accesses()); });
  into.add("program_cycles", "cycles", "Clock cycles in the program.", cycles.program);
  into.add("kernel_cycles", "cycles", "Clock cycles in the guest kernel, faults' entry and return included.",
           cycles.kernel);
  into.add("vmm_cycles", "cycles", "Clock cycles in the VMM, VM exits and entries included.", cycles.vmm);
  into.add("fetches", "accesses", "Instruction fetches of the program: its instructions.", counts_.fetches);
  into.add("loads", "accesses", "Loads of the program.", counts_.loads);
  into.add("stores", "accesses", "Stores of the program.", counts_.stores);
  into.add("modifies", "accesses", "Accesses of the program that read and write.", counts_.modifies);
  into.add("skipped", "accesses", "Accesses that the guest kernel made the program do without.", counts_.skipped);
  into.add("system_calls", "calls", "System calls of the program.", counts_.system_calls);
  into.add("page_faults", "faults", "#PF delivered to the guest kernel.", counts_.page_faults);
  into.add("general_protections", "faults", "#GP delivered to the guest kernel.", counts_.general_protections);
  into.add("kernel_instructions", "instructions", "Instructions of the guest kernel.", counts_.kernel_instructions);
  into.add("kernel_loads", "accesses", "Loads of the guest kernel.", counts_.kernel_loads);
  into.add("kernel_stores", "accesses", "Stores of the guest kernel.", counts_.kernel_stores);
  vm_.describe(into.child("vmm"));
}

// ---- The program

void core::run() {
  if (program_.operations == nullptr) return;
  state_ = core_state::running;
  try {
    fetch_path_.target.lead_to(fetch);
    data_path_.target.lead_to(data);
    set_mode(paging::access_mode::supervisor);
    account_.hand_over(party::vmm, time_.now());
    vm_.launch(time_.delay());
    account_.hand_over(party::kernel, time_.now());
    vm_.launch_took(account_.counts().vmm);
    guest->boot();
    leave_kernel(sc_core::SC_ZERO_TIME);
    run_program();
    time_.synchronise();
  } catch (const sc_core::sc_unwind_exception&) {
    throw;
  } catch (...) {  // it must not end in the SystemC kernel, which would lose what it is
    failure_ = std::current_exception();
    state_ = core_state::failed;
  }
  account_.settle(time_.now());
}

void core::run_program() {
  choose_mark();
  while (!stop_.load(std::memory_order_relaxed)) {
    const std::size_t count = program_.operations->next(batch_.data(), batch_.size());
    if (count == 0 || !run_batch(count)) {
      state_ = count == 0 ? core_state::finished : core_state::limited;
      return;
    }
    if (program_.progress) program_.progress(accesses_done_);
  }
  state_ = core_state::stopped;
}

bool core::run_batch(std::size_t count) {
  std::size_t i = 0;
  try {
    for (; i < count; ++i) {
      const workload::operation& next = batch_[i];
      if (next.kind == operation_kind::system_call) {
        call_system(next);
        continue;
      }
      perform(next);
      if (++accesses_done_ == mark_ && reached_mark()) return false;
    }
  } catch (const input_error& problem) {
    throw input_error(place_of(i) + problem.what());
  }
  return true;
}

/// Which operation of the batch a message is about.
std::string core::place_of(std::size_t index) const {
  std::string place = program_.operations->place_of(batch_.data(), index);
  if (!place.empty()) place += ": ";
  if (batch_[index].kind != operation_kind::system_call) place += "access " + std::to_string(accesses_done_ + 1) + ": ";
  return place;
}

void core::choose_mark() {
  mark_ = no_mark;
  if (program_.warmup > accesses_done_) mark_ = program_.warmup;
  if (program_.limit > accesses_done_ && program_.limit < mark_) mark_ = program_.limit;
  if (program_.interval == 0 || accesses_done_ < program_.warmup) return;
  const std::uint64_t into_interval = (accesses_done_ - program_.warmup) % program_.interval;
  mark_ = std::min(mark_, accesses_done_ - into_interval + program_.interval);
}

/// Does what is due now; true where that is the end.
bool core::reached_mark() {
  if (accesses_done_ == program_.warmup && program_.warmed_up) {
    account_.settle(time_.now());
    program_.warmed_up();
  } else if (program_.interval != 0 && accesses_done_ > program_.warmup &&
             (accesses_done_ - program_.warmup) % program_.interval == 0) {
    account_.settle(time_.now());
    program_.interval_passed();
  }
  if (accesses_done_ == program_.limit) return true;
  choose_mark();
  return false;
}

void core::call_system(const workload::operation& call) {
  ++counts_.system_calls;
  const std::uint32_t caller = guest->current_process();
  enter_kernel(cycles(config_.system_call_entry_cycles, config_.cycle));
  guest->system_call(call);
  leave_kernel(cycles(config_.system_call_return_cycles, config_.cycle));
  if (observer_ != nullptr) observer_->called(caller, call);
  time_.synchronise_if_due();
}

inline void core::perform(const workload::operation& operation) {
  bool done = true;
  switch (operation.kind) {
    case operation_kind::fetch:
      ++counts_.fetches;
      time_.delay() += instruction_time_;
      done = access<access_type::fetch>(operation.address, operation.size);
      break;
    case operation_kind::load:
      ++counts_.loads;
      done = access<access_type::read>(operation.address, operation.size);
      break;
    case operation_kind::modify:
      ++counts_.modifies;
      make_store_value(stores_done_++, operation.size, stored_);
      done = modify(operation.address, operation.size);
      break;
    case operation_kind::store:
      ++counts_.stores;
      make_store_value(stores_done_++, operation.size, stored_);
      done = access<access_type::write>(operation.address, operation.size);
      break;
    case operation_kind::system_call: break;
  }
  if (!done) ++counts_.skipped;
  time_.synchronise_if_due();
}

template <access_type Type>
inline bool core::access(paging::gva address, unsigned size) {
  constexpr bool writes = Type == access_type::write;
  unsigned char* const bytes = writes ? stored_ : loaded_;
  path& way = Type == access_type::fetch ? fetch_path_ : data_path_;
  tlm::tlm_generic_payload& payload =
      writes ? way.payload.write(address.value, bytes, size) : way.payload.read(address.value, bytes, size);
  way.target.transport(payload, &way.payload.access(), time_.delay());
  if (!payload.is_response_ok() &&
      recover({Type, address, writes ? nullptr : bytes, writes ? bytes : nullptr, size}) == ending::given_up)
    return false;
  if (observer_ != nullptr) report(Type, address, bytes, size);
  return true;
}

/// Reads with write intent, then writes. A VMM that emulates the instruction does both.
bool core::modify(paging::gva address, unsigned size) {
  const attempt reads{access_type::write, address, loaded_, stored_, size};
  const ending read = send(reads) ? ending::performed : recover(reads);
  data_path_.payload.access().modify = false;
  if (read == ending::given_up) return false;
  if (read == ending::performed) {
    if (observer_ != nullptr) report(access_type::read, address, loaded_, size);
    return access<access_type::write>(address, size);
  }
  if (observer_ != nullptr) report(access_type::write, address, stored_, size);
  return true;
}

void core::report(access_type type, paging::gva address, const unsigned char* bytes, unsigned size) {
  const retired_access done{guest->current_process(), address, size, bytes};
  if (type == access_type::read) observer_->loaded(done);
  if (type == access_type::write) observer_->stored(done);
}

// ---- Accesses and their faults

bool core::send(const attempt& a) {
  path& way = a.type == access_type::fetch ? fetch_path_ : data_path_;
  const bool reads = a.into != nullptr;
  tlm::tlm_generic_payload& payload =
      reads ? way.payload.read(a.address.value, a.into, a.size) : way.payload.write(a.address.value, a.from, a.size);
  way.payload.access().modify = reads && a.type == access_type::write;
  way.target.transport(payload, &way.payload.access(), time_.delay());
  return payload.is_response_ok();
}

/// After a failed attempt: until the access has come to an end.
core::ending core::recover(const attempt& a) {
  protocol::access_extension& answer = (a.type == access_type::fetch ? fetch_path_ : data_path_).payload.access();
  for (unsigned faults = 1;; ++faults) {
    const paging::fault fault = answer.fault;
    answer.fault = {};
    if (faults > config_.most_faults)
      throw input_error("core: the " + std::string(name_of(a.type)) + " at " + hexadecimal(a.address.value) +
                        " faults for ever (kind " + std::to_string(static_cast<unsigned>(fault.kind)) +
                        ", error code " + hexadecimal(fault.error_code) + ", guest-physical address " +
                        hexadecimal(fault.guest_physical.value) + "): neither kernel nor VMM resolves it");
    const progress next = resolve(a, fault);
    if (next != progress::again) return next == progress::emulated ? ending::emulated : ending::given_up;
    time_.synchronise_if_due();
    if (send(a)) return ending::performed;
  }
}

core::progress core::resolve(const attempt& a, const paging::fault& fault) {
  switch (fault.kind) {
    case fault_kind::page_fault:
      if (vm_.exception_exits(protocol::page_fault_vector)) return leave(a, exit_reason::exception, fault);
      return deliver(a, fault);
    case fault_kind::general_protection:
      if (vm_.exception_exits(protocol::general_protection_vector)) return leave(a, exit_reason::exception, fault);
      return deliver(a, fault);
    case fault_kind::ept_violation:
    case fault_kind::ept_misconfiguration:
    case fault_kind::nested_page_fault:
    case fault_kind::page_modification_log_full: return leave(a, exit_of(fault.kind), fault);
    case fault_kind::none:
    case fault_kind::remapping_fault:
    case fault_kind::memory_error: break;
  }
  if (guest->machine_check(fault, a.address)) return progress::given_up;
  machine_check(a, fault);
}

/// Runs the guest's handler, which may itself fault, exit and take system time.
core::progress core::deliver(const attempt& a, const paging::fault& fault) {
  const bool page_fault = fault.kind == fault_kind::page_fault;
  ++(page_fault ? counts_.page_faults : counts_.general_protections);
  const party interrupted = account_.running();
  const unsigned cpl = cpl_;
  const bool alignment_check = alignment_check_;
  enter_kernel(cycles(config_.exception_entry_cycles, config_.cycle));
  const fault_answer answer = page_fault ? guest->page_fault(fault) : guest->general_protection(fault, a.address);
  time_.delay() += cycles(config_.exception_return_cycles, config_.cycle);
  account_.hand_over(interrupted, time_.now());
  cpl_ = cpl;
  alignment_check_ = alignment_check;
  set_mode(mode());
  return answer == fault_answer::retry ? progress::again : progress::given_up;
}

core::progress core::leave(const attempt& a, exit_reason reason, const paging::fault& fault) {
  protocol::vm_exit exit;
  exit.reason = reason;
  exit.fault = fault;
  exit.linear = a.address;
  exit.access = {a.type, mode()};
  exit.address = a.address;
  exit.size = a.type == access_type::fetch ? 0 : a.size;
  exit.stored = a.from;
  run_vmm(exit);
  switch (exit.action) {
    case protocol::exit_action::retry: return progress::again;
    case protocol::exit_action::skip: return progress::emulated;
    case protocol::exit_action::inject: break;
  }
  return deliver(a, exit.injected);
}

void core::run_vmm(protocol::vm_exit& exit) {
  const party interrupted = account_.running();
  if (parties_ != nullptr) parties_->exits(exit.reason);
  account_.hand_over(party::vmm, time_.now());
  const statistics::counter before = account_.counts().vmm;
  vm_.leave(exit, time_.delay());
  account_.hand_over(interrupted, time_.now());
  vm_.exit_took(exit.reason, account_.counts().vmm - before);
}

void core::set_mode(paging::access_mode mode) {
  fetch_path_.payload.access().mode = mode;
  data_path_.payload.access().mode = mode;
}

/// To CPL 0, as a handler's stub leaves it: with RFLAGS.AC clear.
void core::enter_kernel(const sc_core::sc_time& cost) {
  account_.hand_over(party::kernel, time_.now());
  time_.delay() += cost;
  cpl_ = 0;
  alignment_check_ = false;
  set_mode(mode());
}

/// Back to the program at CPL 3.
void core::leave_kernel(const sc_core::sc_time& cost) {
  time_.delay() += cost;
  account_.hand_over(party::program, time_.now());
  cpl_ = 3;
  set_mode(mode());
}

void core::machine_check(const attempt& a, const paging::fault& fault) const {
  std::string where = "memory answers an error";
  if (fault.kind == fault_kind::memory_error)
    where += " to a read of the table entry at host-physical " + hexadecimal(fault.entry.value);
  throw input_error("core: machine check: the " + std::string(name_of(a.type)) + " of " + std::to_string(a.size) +
                    " bytes at " + hexadecimal(a.address.value) + " failed: " + where +
                    "; the memory must hold what the tables map");
}

}  // namespace nestwalk::cpu
