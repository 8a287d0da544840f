// A core among doubles: a memory that fails as told, a kernel and a VMM that do as told, a program given as a list.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>

#include "nestwalk/cpu/core.h"
#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/protocol_monitor.h"

namespace nestwalk::cpu::testing {

using paging::gva;
using protocol::control_register;
using workload::operation;
using workload::operation_kind;

/// One access as the memory saw it.
struct seen_access {
  std::uint64_t address = 0;
  paging::access_type type = paging::access_type::read;
  paging::access_mode mode = paging::access_mode::user;
  unsigned size = 0;
  bool failed = false;
  sc_core::sc_time at;
  bool modify = false;  ///< a read with write intent
};

/// Answers in `latency`; an address fails with its next fault, as long as it has one.
class told_memory : public sc_core::sc_module, private protocol::blocking_target {
 public:
  protocol::memory_target_socket cpu_side{"cpu_side"};
  std::map<std::uint64_t, std::deque<paging::fault>> faults;
  std::map<std::uint64_t, unsigned char> bytes;
  std::vector<seen_access> seen;
  sc_core::sc_time latency{5, sc_core::SC_NS};

  explicit told_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    cpu_side.bind(static_cast<protocol::memory_forward&>(*this));
  }
  /// As 8 bytes, the first the lowest.
  std::uint64_t word(std::uint64_t address) {
    std::uint64_t value = 0;
    for (unsigned i = 8; i-- > 0;) value = value << 8 | bytes[address + i];
    return value;
  }
  void fail(std::uint64_t address, paging::fault_kind kind, unsigned times = 1) {
    paging::fault fault;
    fault.kind = kind;
    fault.linear = gva(address);
    fault.error_code = paging::pf::us;
    for (unsigned i = 0; i < times; ++i) faults[address].push_back(fault);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    delay += latency;
    auto* asked = payload.get_extension<protocol::access_extension>();
    ASSERT_NE(asked, nullptr);
    const bool write = payload.is_write();
    EXPECT_TRUE(!asked->fetch || !write);
    seen_access now{payload.get_address(),
                    asked->fetch ? paging::access_type::fetch
                    : write      ? paging::access_type::write
                                 : paging::access_type::read,
                    asked->mode,
                    payload.get_data_length(),
                    false,
                    sc_core::sc_time_stamp() + delay,
                    asked->modify};
    auto& waiting = faults[now.address];
    now.failed = !waiting.empty();
    seen.push_back(now);
    if (now.failed) {
      asked->fault = waiting.front();
      waiting.pop_front();
      return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    for (unsigned i = 0; i < now.size; ++i)
      if (write)
        bytes[now.address + i] = payload.get_data_ptr()[i];
      else
        payload.get_data_ptr()[i] = bytes[now.address + i];
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
};

/// Keeps registers, and what was asked of it as text.
class told_registers : public sc_core::sc_module, private protocol::control_fw_if {
 public:
  protocol::control_target_socket core{"core"};
  std::map<control_register, std::uint64_t> values;
  std::vector<std::string> seen;
  bool refuses = false;
  std::uint16_t log_index = 511;

  explicit told_registers(const sc_core::sc_module_name& name) : sc_module(name) {
    core.bind(static_cast<protocol::control_fw_if&>(*this));
  }

 private:
  using time = sc_core::sc_time;
  bool write_register(control_register which, std::uint64_t value, time&) override {
    if (refuses) return false;
    seen.push_back("write");
    values[which] = value;
    return true;
  }
  std::uint64_t read_register(control_register which) const override {
    const auto found = values.find(which);
    return found == values.end() ? 0 : found->second;
  }
  void invlpg(gva, time&) override { seen.push_back("invlpg"); }
  bool invpcid(paging::invpcid_type, std::uint16_t, gva, time&) override {
    seen.push_back("invpcid");
    return !refuses;
  }
  bool invept(paging::invept_type, std::uint64_t, time&) override {
    seen.push_back("invept");
    return true;
  }
  bool invvpid(paging::invvpid_type, std::uint16_t, gva, time&) override {
    seen.push_back("invvpid");
    return true;
  }
  void invlpga(gva, std::uint16_t, time&) override { seen.push_back("invlpga"); }
  void load_controls(const protocol::translation_controls& controls, time&) override {
    seen.push_back("load_controls " + std::to_string(controls.vpid));
  }
  void vm_entry(paging::tlb_control control, time&) override {
    seen.push_back("vm_entry " + std::to_string(static_cast<unsigned>(control)));
  }
  void vm_exit(time&) override { seen.push_back("vm_exit"); }
  std::uint16_t page_modification_log_index() const override { return log_index; }
  void load_guest_register(control_register which, std::uint64_t value, time&) override {
    seen.push_back("load_guest_register");
    values[which] = value;
  }
};

/// Does what its hooks say; without one, nothing.
class told_kernel : public sc_core::sc_module, public guest_software_if {
 public:
  sc_core::sc_port<guest_instructions_if> cpu{"cpu"};
  std::function<void()> on_boot;
  std::function<fault_answer(const paging::fault&)> on_page_fault;
  std::function<fault_answer(gva)> on_general_protection;
  std::function<void(const operation&)> on_system_call;
  std::uint32_t process = 1;

  explicit told_kernel(const sc_core::sc_module_name& name) : sc_module(name) {}

  void boot() override {
    if (on_boot) on_boot();
  }
  fault_answer page_fault(const paging::fault& fault) override {
    return on_page_fault ? on_page_fault(fault) : fault_answer::retry;
  }
  fault_answer general_protection(const paging::fault&, gva address) override {
    return on_general_protection ? on_general_protection(address) : fault_answer::skip;
  }
  void system_call(const operation& call) override {
    if (on_system_call) on_system_call(call);
  }
  std::uint32_t current_process() const override { return process; }
};

/// A VMM that starts its guest under `controls` and answers exits by its hook.
class told_vmm : public sc_core::sc_module, private protocol::exit_fw_if {
 public:
  protocol::exit_target_socket core{"core"};
  sc_core::sc_port<host_instructions_if> cpu{"cpu"};
  protocol::vm_controls controls;
  std::function<void(protocol::vm_exit&, sc_core::sc_time&)> on_exit;
  std::vector<protocol::vm_exit> seen;

  explicit told_vmm(const sc_core::sc_module_name& name) : sc_module(name) {
    core.bind(static_cast<protocol::exit_fw_if&>(*this));
  }

 private:
  void start(sc_core::sc_time& delay) override {
    if (controls.virtualised) cpu->write_controls(controls, delay);
  }
  void handle_exit(protocol::vm_exit& exit, sc_core::sc_time& delay) override {
    seen.push_back(exit);
    if (on_exit) on_exit(exit, delay);
  }
};

class listed_program : public workload::source {
 public:
  std::vector<operation> operations;
  std::size_t batch = 16;
  std::function<void()> at_end;

  std::size_t next(operation* out, std::size_t capacity) override {
    std::size_t count = 0;
    while (count < capacity && count < batch && at_ < operations.size()) out[count++] = operations[at_++];
    if (count == 0 && at_end) at_end();
    return count;
  }
  const char* format() const override { return "list"; }

 private:
  std::size_t at_ = 0;
};

/// The whole bench. Costs are round, so that tests can say what they expect.
class core_bench {
 public:
  static core_config config() {
    core_config c;
    c.cycle = sc_core::sc_time(1, sc_core::SC_NS);
    c.cycles_per_instruction = 2;
    c.exception_entry_cycles = 100;
    c.exception_return_cycles = 200;
    c.system_call_entry_cycles = 30;
    c.system_call_return_cycles = 40;
    c.vm_exit_cycles = 1000;
    c.vm_entry_cycles = 500;
    return c;
  }
  explicit core_bench(const core_config& c = config(), bool with_vmm = true) : core("core", c) {
    core.fetch.bind(monitor.initiator_side);
    core.data.bind(monitor.initiator_side);
    monitor.target_side.bind(memory.cpu_side);
    core.control.bind(registers.core);
    core.guest.bind(kernel);
    kernel.cpu.bind(core.guest_instructions);
    vmm.cpu.bind(core.host_instructions);
    if (with_vmm)
      core.exit.bind(vmm.core);
    else
      idle_exit.bind(vmm.core);
    core.describe(statistics);
  }

  void add(operation_kind kind, std::uint64_t address, unsigned size = 8) {
    operation o;
    o.kind = kind;
    o.address = gva(address);
    o.size = static_cast<std::uint16_t>(size);
    list.operations.push_back(o);
  }
  void load(std::uint64_t address, unsigned size = 8) { add(operation_kind::load, address, size); }
  void store(std::uint64_t address, unsigned size = 8) { add(operation_kind::store, address, size); }
  void fetch(std::uint64_t address, unsigned size = 4) { add(operation_kind::fetch, address, size); }
  void call(workload::system_call which = workload::system_call::map) {
    operation o;
    o.kind = operation_kind::system_call;
    o.call = which;
    list.operations.push_back(o);
  }

  core_state run() {
    what.operations = &list;
    core.load_program(what);
    sc_core::sc_start();
    return core.state();
  }
  std::uint64_t cycles(const std::string& whose = "cycles") const {
    return static_cast<std::uint64_t>(statistics.value(whose));
  }
  std::string failure() const {
    try {
      if (core.failure()) std::rethrow_exception(core.failure());
    } catch (const input_error& error) {
      return error.what();
    }
    return "";
  }

  cpu::core core;
  told_memory memory{"memory"};
  protocol::protocol_monitor monitor{"monitor"};
  told_registers registers{"registers"};
  told_kernel kernel{"kernel"};
  told_vmm vmm{"vmm"};
  listed_program list;
  program what;
  statistics::group statistics;

 private:
  struct idle_core : sc_core::sc_module, private protocol::exit_bw_if {
    protocol::exit_initiator_socket exit{"exit"};
    explicit idle_core(const sc_core::sc_module_name& name) : sc_module(name) {
      exit.bind(static_cast<protocol::exit_bw_if&>(*this));
    }
  };
  idle_core idle{"idle"};
  protocol::exit_initiator_socket& idle_exit = idle.exit;
};

}  // namespace nestwalk::cpu::testing
