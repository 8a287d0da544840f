// What leaves for the VMM, at what cost, and how the guest goes on.
#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "cpu/core_bench.h"
#include "nestwalk/paging/registers.h"

namespace nestwalk::cpu::testing {
namespace {

using paging::access_mode;
using paging::access_type;
using paging::fault_kind;
using protocol::exit_action;
using protocol::exit_reason;

constexpr std::uint64_t launch_cycles = 2 + 500;  // one instruction of the VMM, and the first VM entry

TEST(exits, none_without_a_vmm) {
  core_bench bench(core_bench::config(), false);
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_fault);
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(bench.statistics.value("page_faults"), 1);
  EXPECT_TRUE(bench.registers.seen.empty());
}

TEST(exits, an_exit_with_nobody_to_take_it_says_so) {
  core_bench bench(core_bench::config(), false);
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::ept_violation);
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("ept_violation"), std::string::npos) << bench.failure();
}

TEST(exits, controls_that_the_vmm_starts_with_launch_the_guest) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.translation.vpid = 9;
  bench.load(0x2000);
  bench.run();
  EXPECT_EQ(bench.registers.seen, (std::vector<std::string>{"load_controls 9", "vm_entry 0"}));
}

TEST(exits, a_fault_of_the_second_stage_always_leaves_and_the_access_is_tried_again) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.store(0x2000, 4);
  for (const fault_kind kind : {fault_kind::ept_violation, fault_kind::ept_misconfiguration,
                                fault_kind::nested_page_fault, fault_kind::page_modification_log_full})
    bench.memory.fail(0x2000, kind);
  bench.vmm.on_exit = [&](protocol::vm_exit&, sc_core::sc_time& delay) { bench.vmm.cpu->execute(50, delay); };
  EXPECT_EQ(bench.run(), core_state::finished);
  ASSERT_EQ(bench.vmm.seen.size(), 4u);
  EXPECT_EQ(bench.vmm.seen[0].reason, exit_reason::ept_violation);
  EXPECT_EQ(bench.vmm.seen[1].reason, exit_reason::ept_misconfiguration);
  EXPECT_EQ(bench.vmm.seen[2].reason, exit_reason::nested_page_fault);
  EXPECT_EQ(bench.vmm.seen[3].reason, exit_reason::page_modification_log_full);
  EXPECT_EQ(bench.vmm.seen[0].access.type, access_type::write);
  EXPECT_EQ(bench.vmm.seen[0].access.mode, access_mode::user);
  EXPECT_EQ(bench.vmm.seen[0].address, gva(0x2000));
  EXPECT_EQ(bench.vmm.seen[0].size, 4u);
  EXPECT_EQ(bench.cycles("vmm.exits.ept_violation"), 1u);
  EXPECT_EQ(bench.cycles("vmm.exit_cycles.ept_violation"), 1000u + 500 + 50 * 2);
  EXPECT_EQ(bench.cycles("vmm_cycles"), launch_cycles + 4 * 1600);
  EXPECT_EQ(bench.cycles("program_cycles"), 5u * 5);
}

TEST(exits, an_exit_stores_the_pml_index_where_the_vmm_reads_its_controls) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.registers.log_index = 0xffff;
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_modification_log_full);
  std::uint16_t read = 0;
  bench.vmm.on_exit = [&](protocol::vm_exit&, sc_core::sc_time&) {
    read = bench.vmm.cpu->controls().translation.ept.log_index;
  };
  bench.run();
  EXPECT_EQ(read, 0xffffu);
}

TEST(exits, a_page_fault_leaves_where_the_bitmap_says) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.exception_bitmap = 1u << protocol::page_fault_vector;
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_fault);
  bench.load(0x3000);
  bench.memory.fail(0x3000, fault_kind::general_protection);
  bench.run();
  ASSERT_EQ(bench.vmm.seen.size(), 1u);
  EXPECT_EQ(bench.vmm.seen[0].reason, exit_reason::exception);
  EXPECT_EQ(bench.vmm.seen[0].fault.linear, gva(0x2000));
  EXPECT_EQ(bench.statistics.value("page_faults"), 0);
  EXPECT_EQ(bench.statistics.value("general_protections"), 1);
}

TEST(exits, what_the_vmm_injects_the_kernel_takes) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.exception_bitmap = 1u << protocol::page_fault_vector;
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_fault);
  bench.vmm.on_exit = [](protocol::vm_exit& exit, sc_core::sc_time&) {
    exit.action = exit_action::inject;
    exit.injected = exit.fault;
    exit.injected.error_code = paging::pf::us | paging::pf::p;
  };
  std::uint32_t error_code = 0;
  bench.kernel.on_page_fault = [&](const paging::fault& fault) {
    error_code = fault.error_code;
    return fault_answer::retry;
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(error_code, paging::pf::us | paging::pf::p);
  EXPECT_EQ(bench.cycles("vmm_cycles"), launch_cycles + 1500);
  EXPECT_EQ(bench.cycles("kernel_cycles"), 300u);
}

TEST(exits, an_emulated_store_is_not_made_again) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.exception_bitmap = 1u << protocol::page_fault_vector;
  bench.memory.fail(0x9000, fault_kind::page_fault);
  bench.kernel.on_boot = [&] {
    const std::uint64_t value = 0x1234;
    bench.kernel.cpu->store(gva(0x9000), &value, 8);
  };
  std::uint64_t stored = 0;
  bench.vmm.on_exit = [&](protocol::vm_exit& exit, sc_core::sc_time&) {
    ASSERT_NE(exit.stored, nullptr);
    std::memcpy(&stored, exit.stored, 8);
    EXPECT_EQ(exit.access.mode, access_mode::supervisor);
    exit.action = exit_action::skip;
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(stored, 0x1234u);
  EXPECT_EQ(bench.memory.seen.size(), 1u);
}

TEST(exits, an_emulated_modify_is_neither_read_nor_written_again) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.exception_bitmap = 1u << protocol::page_fault_vector;
  bench.memory.fail(0x9000, fault_kind::page_fault);
  bench.add(operation_kind::modify, 0x9000, 8);
  bench.vmm.on_exit = [&](protocol::vm_exit& exit, sc_core::sc_time&) {
    EXPECT_NE(exit.stored, nullptr);
    EXPECT_EQ(exit.access.type, paging::access_type::write);
    exit.action = exit_action::skip;
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(bench.memory.seen.size(), 1u);
  EXPECT_EQ(bench.statistics.value("skipped"), 0);
}

TEST(exits, a_write_of_an_owned_bit_leaves_where_it_differs_from_the_shadow) {
  core_bench bench;
  using paging::cr0::pg;
  using paging::cr0::wp;
  bench.registers.values[control_register::cr0] = wp;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.cr0_mask = wp;
  bench.vmm.controls.cr0_shadow = 0;
  bench.vmm.on_exit = [](protocol::vm_exit& exit, sc_core::sc_time&) { exit.action = exit_action::skip; };
  bench.kernel.on_boot = [&] {
    bench.kernel.cpu->write_register(control_register::cr0, pg);
    EXPECT_EQ(bench.registers.values[control_register::cr0], pg | wp);  // the owned bit stays as it is
    EXPECT_TRUE(bench.vmm.seen.empty());
    bench.kernel.cpu->write_register(control_register::cr0, wp);
    EXPECT_EQ(bench.registers.values[control_register::cr0], pg | wp);
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  ASSERT_EQ(bench.vmm.seen.size(), 1u);
  EXPECT_EQ(bench.vmm.seen[0].reason, exit_reason::control_register_write);
  EXPECT_EQ(bench.vmm.seen[0].which, control_register::cr0);
  EXPECT_EQ(bench.vmm.seen[0].value, wp);
}

TEST(exits, register_writes_and_invalidations_leave_as_their_controls_say) {
  core_bench bench;
  bench.vmm.on_exit = [](protocol::vm_exit& exit, sc_core::sc_time&) { exit.action = exit_action::skip; };
  bench.vmm.controls.virtualised = true;
  protocol::vm_controls all = bench.vmm.controls;
  all.cr3_load_exiting = all.invlpg_exiting = all.invpcid_exiting = all.efer_write_exiting = true;
  all.cr4_mask = paging::cr4::pge;
  const auto use_everything = [&] {
    bench.kernel.cpu->write_register(control_register::cr3, 0x1000 | paging::cr3::no_flush);
    bench.kernel.cpu->write_register(control_register::cr4, paging::cr4::pge);
    bench.kernel.cpu->write_register(control_register::efer, paging::efer::nxe);
    bench.kernel.cpu->write_register(control_register::pkru, 4);
    bench.kernel.cpu->invlpg(gva(0x7000));
    bench.kernel.cpu->invpcid(paging::invpcid_type::single_context, 3, gva(0));
  };
  bench.memory.fail(0x2000, fault_kind::ept_violation);
  bench.kernel.on_boot = [&] {
    use_everything();
    EXPECT_TRUE(bench.vmm.seen.empty());
    bench.vmm.on_exit = [&](protocol::vm_exit&, sc_core::sc_time& delay) { bench.vmm.cpu->write_controls(all, delay); };
    std::uint64_t value = 0;
    bench.kernel.cpu->load(gva(0x2000), &value, 8);
    bench.vmm.seen.clear();
    bench.vmm.on_exit = [](protocol::vm_exit& exit, sc_core::sc_time&) { exit.action = exit_action::skip; };
    bench.registers.seen.clear();
    use_everything();
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  ASSERT_EQ(bench.vmm.seen.size(), 5u);
  EXPECT_EQ(bench.vmm.seen[0].value, 0x1000 | paging::cr3::no_flush);
  EXPECT_EQ(bench.vmm.seen[1].which, control_register::cr4);
  EXPECT_EQ(bench.vmm.seen[2].reason, exit_reason::efer_write);
  EXPECT_EQ(bench.vmm.seen[3].reason, exit_reason::invlpg);
  EXPECT_EQ(bench.vmm.seen[3].linear, gva(0x7000));
  EXPECT_EQ(bench.vmm.seen[4].reason, exit_reason::invpcid);
  EXPECT_EQ(bench.vmm.seen[4].pcid, 3u);
  EXPECT_EQ(std::count(bench.registers.seen.begin(), bench.registers.seen.end(), "write"), 1);  // PKRU
}

TEST(exits, an_instruction_is_run_again_where_the_vmm_says) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.invlpg_exiting = true;
  bench.vmm.on_exit = [&](protocol::vm_exit&, sc_core::sc_time& delay) {
    protocol::vm_controls controls = bench.vmm.cpu->controls();
    controls.invlpg_exiting = false;
    bench.vmm.cpu->write_controls(controls, delay);
  };
  bench.kernel.on_boot = [&] { bench.kernel.cpu->invlpg(gva(0x7000)); };
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(bench.registers.seen, (std::vector<std::string>{"load_controls 1", "vm_entry 0", "vm_exit",
                                                            "load_controls 1", "vm_entry 0", "invlpg"}));
}

TEST(exits, an_instruction_that_leaves_for_ever_ends_the_run) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.vmm.controls.invlpg_exiting = true;
  bench.kernel.on_boot = [&] { bench.kernel.cpu->invlpg(gva(0x7000)); };
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("invlpg"), std::string::npos) << bench.failure();
}

TEST(exits, controls_hold_from_vm_entry_on_and_tlb_control_for_one) {
  core_bench bench;
  bench.vmm.controls.virtualised = true;
  bench.memory.fail(0x2000, fault_kind::ept_violation, 2);
  bench.load(0x2000);
  unsigned exits = 0;
  bench.vmm.on_exit = [&](protocol::vm_exit&, sc_core::sc_time& delay) {
    if (++exits == 2) return;
    protocol::vm_controls controls = bench.vmm.cpu->controls();
    controls.translation.vpid = 4;
    bench.vmm.cpu->write_controls(controls, delay);
    bench.vmm.cpu->write_tlb_control(paging::tlb_control::flush_asid, delay);
    bench.vmm.cpu->invept(paging::invept_type::all_context, 0, delay);
    bench.vmm.cpu->write_guest_register(control_register::cr3, 0x5000, delay);
    EXPECT_EQ(bench.vmm.cpu->guest_register(control_register::cr3), 0x5000u);
  };
  bench.run();
  EXPECT_EQ(bench.registers.seen,
            (std::vector<std::string>{"load_controls 1", "vm_entry 0", "vm_exit", "invept", "load_guest_register",
                                      "load_controls 4", "vm_entry 3", "vm_exit", "vm_entry 0"}));
}

TEST(exits, the_vmm_s_cycles_are_those_of_its_launch_and_of_its_exits) {
  core_config c = core_bench::config();
  c.cycles_per_instruction = 1.3;
  core_bench bench(c);
  bench.vmm.controls.virtualised = true;
  bench.memory.latency = sc_core::sc_time(3.7, sc_core::SC_NS);
  bench.vmm.on_exit = [&](protocol::vm_exit&, sc_core::sc_time& delay) { bench.vmm.cpu->execute(7, delay); };
  for (unsigned i = 0; i < 9; ++i) {
    bench.load(0x2000 + 0x1000 * i);
    bench.memory.fail(0x2000 + 0x1000 * i, i % 2 == 0 ? fault_kind::ept_violation : fault_kind::nested_page_fault);
  }
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(bench.cycles("vmm.launches"), 1u);
  EXPECT_GT(bench.cycles("vmm.launch_cycles"), 0u);
  EXPECT_EQ(bench.cycles("vmm_cycles"), bench.cycles("vmm.launch_cycles") +
                                            bench.cycles("vmm.exit_cycles.ept_violation") +
                                            bench.cycles("vmm.exit_cycles.nested_page_fault"));
}

TEST(exits, the_parts_of_time_add_up_to_the_whole) {
  core_config config = core_bench::config();
  config.cycle = sc_core::sc_time(370, sc_core::SC_PS);
  core_bench bench(config);
  bench.vmm.controls.virtualised = true;
  for (unsigned i = 0; i < 100; ++i) {
    bench.store(0x2000 + 8 * i);
    bench.memory.fail(0x2000 + 8 * i, i % 2 == 0 ? fault_kind::page_fault : fault_kind::ept_violation);
  }
  bench.run();
  EXPECT_EQ(bench.cycles(), sc_core::sc_time_stamp().value() / 370);
  EXPECT_EQ(bench.cycles(),
            bench.cycles("program_cycles") + bench.cycles("kernel_cycles") + bench.cycles("vmm_cycles"));
}

TEST(exits, a_register_write_that_the_machine_refuses_is_the_kernel_s_end) {
  core_bench bench;
  bench.registers.refuses = true;
  bench.kernel.on_boot = [&] { bench.kernel.cpu->write_register(control_register::cr4, 1); };
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("#GP"), std::string::npos) << bench.failure();
}

}  // namespace
}  // namespace nestwalk::cpu::testing
