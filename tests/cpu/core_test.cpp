#include "nestwalk/cpu/core.h"

#include <gtest/gtest.h>

#include "cpu/core_bench.h"

namespace nestwalk::cpu::testing {
namespace {

using paging::access_mode;
using paging::access_type;
using paging::fault_kind;

TEST(core, an_instruction_costs_its_base_cycles_and_what_memory_takes) {
  core_bench bench;
  bench.fetch(0x1000);
  bench.load(0x2000);
  bench.store(0x3000);
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(bench.cycles(), 2u + 3 * 5);
  EXPECT_EQ(bench.cycles("program_cycles"), 17u);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(17, sc_core::SC_NS));
}

TEST(core, base_cycles_need_not_be_whole) {
  core_config config = core_bench::config();
  config.cycles_per_instruction = 0.25;
  core_bench bench(config);
  for (unsigned i = 0; i < 8; ++i) bench.fetch(0x1000);
  bench.run();
  EXPECT_EQ(bench.cycles(), 8u * 5 + 2);
}

TEST(core, sends_type_and_privilege_with_each_access) {
  core_bench bench;
  bench.kernel.on_boot = [&] {
    const std::uint64_t value = 7;
    bench.kernel.cpu->store(gva(0x5000), &value, 8);
    bench.kernel.cpu->write_alignment_check(true);
    bench.kernel.cpu->store(gva(0x5008), &value, 8);
  };
  bench.fetch(0x1000, 3);
  bench.load(0x2000, 16);
  bench.add(operation_kind::modify, 0x3000, 4);
  bench.run();
  const auto& seen = bench.memory.seen;
  ASSERT_EQ(seen.size(), 6u);
  EXPECT_EQ(seen[0].mode, access_mode::supervisor);
  EXPECT_EQ(seen[1].mode, access_mode::supervisor_ac);
  for (unsigned i = 2; i < 6; ++i) EXPECT_EQ(seen[i].mode, access_mode::user);
  EXPECT_EQ(seen[2].type, access_type::fetch);
  EXPECT_EQ(seen[2].size, 3u);
  EXPECT_EQ(seen[3].type, access_type::read);
  EXPECT_EQ(seen[3].size, 16u);
  EXPECT_EQ(seen[4].type, access_type::read);
  EXPECT_EQ(seen[5].type, access_type::write);
  for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(seen[i].modify, i == 4) << i;
}

TEST(core, a_modify_is_one_access_that_reads_with_write_intent_and_then_writes) {
  core_bench bench;
  bench.add(operation_kind::modify, 0x3000, 4);
  bench.load(0x3000, 4);
  bench.run();
  ASSERT_EQ(bench.memory.seen.size(), 3u);
  EXPECT_EQ(bench.memory.seen[0].type, access_type::read);
  EXPECT_TRUE(bench.memory.seen[0].modify);
  EXPECT_EQ(bench.memory.seen[1].type, access_type::write);
  EXPECT_FALSE(bench.memory.seen[1].modify);
  EXPECT_FALSE(bench.memory.seen[2].modify);
  EXPECT_EQ(bench.statistics.value("accesses"), 2);
}

TEST(core, a_modify_whose_read_is_passed_over_writes_nothing) {
  core_bench bench;
  bench.add(operation_kind::modify, 0x3000, 4);
  bench.memory.fail(0x3000, fault_kind::page_fault);
  bench.kernel.on_page_fault = [](const paging::fault&) { return fault_answer::skip; };
  bench.run();
  EXPECT_EQ(bench.memory.seen.size(), 1u);
  EXPECT_EQ(bench.statistics.value("skipped"), 1);
}

TEST(core, the_handler_s_loads_within_a_modify_have_no_write_intent) {
  core_bench bench;
  bench.add(operation_kind::modify, 0x3000, 4);
  bench.memory.fail(0x3000, fault_kind::page_fault);
  bench.kernel.on_page_fault = [&](const paging::fault&) {
    std::uint64_t value = 0;
    bench.kernel.cpu->load(gva(0x9000), &value, 8);
    return fault_answer::retry;
  };
  bench.run();
  ASSERT_EQ(bench.memory.seen.size(), 4u);
  EXPECT_FALSE(bench.memory.seen[1].modify);
  EXPECT_TRUE(bench.memory.seen[2].modify);
}

TEST(core, an_access_across_a_page_is_one_on_the_socket) {
  core_bench bench;
  bench.store(0x1ffd, 8);
  bench.run();
  ASSERT_EQ(bench.memory.seen.size(), 1u);
  EXPECT_EQ(bench.memory.seen[0].size, 8u);
  EXPECT_EQ(bench.statistics.value("accesses"), 1);
  unsigned char expected[largest_access];
  make_store_value(0, 8, expected);
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(bench.memory.bytes[0x1ffd + i], expected[i]);
}

TEST(core, stores_differ_by_their_ordinal) {
  core_bench bench;
  for (unsigned i = 0; i < 3; ++i) bench.store(0x1000 + 8 * i);
  bench.run();
  EXPECT_NE(bench.memory.word(0x1000), bench.memory.word(0x1008));
  EXPECT_NE(bench.memory.word(0x1008), bench.memory.word(0x1010));
}

TEST(core, a_page_fault_runs_the_kernel_and_tries_again) {
  core_bench bench;
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_fault, 2);
  unsigned faults = 0;
  bench.kernel.on_page_fault = [&](const paging::fault& fault) {
    EXPECT_EQ(fault.linear, gva(0x2000));
    bench.kernel.cpu->execute(10);
    ++faults;
    return fault_answer::retry;
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  EXPECT_EQ(faults, 2u);
  EXPECT_EQ(bench.cycles("kernel_cycles"), 2u * (100 + 10 * 2 + 200));
  EXPECT_EQ(bench.cycles("program_cycles"), 3u * 5);
  EXPECT_EQ(bench.statistics.value("page_faults"), 2);
  EXPECT_EQ(bench.memory.seen.back().mode, access_mode::user);
}

TEST(core, the_handler_s_accesses_do_not_disturb_the_store_that_faulted) {
  core_bench bench;
  bench.store(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_fault);
  bench.kernel.on_page_fault = [&](const paging::fault&) {
    std::uint64_t value = 1;
    bench.kernel.cpu->store(gva(0x9000), &value, 8);
    bench.kernel.cpu->load(gva(0x9000), &value, 8);
    EXPECT_EQ(value, 1u);
    return fault_answer::retry;
  };
  bench.run();
  unsigned char expected[largest_access];
  make_store_value(0, 8, expected);
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(bench.memory.bytes[0x2000 + i], expected[i]);
}

TEST(core, an_access_may_be_passed_over) {
  core_bench bench;
  bench.load(0x2000);
  bench.load(0x3000);
  bench.memory.fail(0x2000, fault_kind::general_protection);
  bench.kernel.on_general_protection = [](gva address) {
    EXPECT_EQ(address, gva(0x2000));
    return fault_answer::skip;
  };
  EXPECT_EQ(bench.run(), core_state::finished);
  ASSERT_EQ(bench.memory.seen.size(), 2u);
  EXPECT_EQ(bench.statistics.value("skipped"), 1);
  EXPECT_EQ(bench.statistics.value("general_protections"), 1);
}

TEST(core, an_access_that_faults_for_ever_ends_the_run) {
  core_bench bench;
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::page_fault, 1000);
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("0x2000"), std::string::npos) << bench.failure();
  EXPECT_EQ(bench.memory.seen.size(), 65u);
}

TEST(core, memory_that_answers_an_error_is_a_machine_check) {
  core_bench bench;
  bench.load(0x2000);
  bench.memory.fail(0x2000, fault_kind::memory_error);
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("machine check"), std::string::npos) << bench.failure();
}

TEST(core, what_ends_a_run_leaves_the_count_of_what_was_done) {
  core_bench bench;
  for (unsigned i = 0; i < 20; ++i) bench.load(0x1000);
  bench.list.at_end = [] { throw input_error("line 21: no record"); };
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_EQ(bench.failure(), "line 21: no record");
  EXPECT_EQ(bench.core.accesses_done(), 20u);
  EXPECT_EQ(bench.cycles(), 100u);
}

TEST(core, a_system_call_goes_to_the_kernel_at_its_cost) {
  core_bench bench;
  bench.call(workload::system_call::fork);
  bool called = false;
  bench.kernel.on_system_call = [&](const operation& call) {
    called = true;
    EXPECT_EQ(call.call, workload::system_call::fork);
    bench.kernel.cpu->execute(5);
  };
  bench.run();
  EXPECT_TRUE(called);
  EXPECT_EQ(bench.cycles("kernel_cycles"), 30u + 40 + 10);
  EXPECT_EQ(bench.statistics.value("accesses"), 0);
}

TEST(core, local_time_meets_systemc_s_at_multiples_of_the_quantum) {
  core_config config = core_bench::config();
  config.quantum = sc_core::sc_time(12, sc_core::SC_NS);
  core_bench bench(config);
  for (unsigned i = 0; i < 20; ++i) bench.load(0x1000);
  std::vector<std::uint64_t> stamps;
  bench.what.progress = [&](std::uint64_t) { stamps.push_back(sc_core::sc_time_stamp().value() / 1000); };
  bench.list.batch = 1;
  bench.run();
  // The 3rd access ends at 15, past 12; the 5th at 25, past 24; the 8th at 40, past 36.
  EXPECT_EQ(std::vector<std::uint64_t>(stamps.begin(), stamps.begin() + 8),
            (std::vector<std::uint64_t>{0, 0, 15, 15, 25, 25, 25, 40}));
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(100, sc_core::SC_NS));
}

/// An instruction takes 2^`log2` of the 2^64 units of simulated time, and nothing else takes any cycles.
core_config slow_core(unsigned log2) {
  core_config c;
  c.cycle = sc_core::sc_time::from_value(std::uint64_t{1} << log2);
  c.exception_entry_cycles = c.exception_return_cycles = 0;
  c.system_call_entry_cycles = c.system_call_return_cycles = 0;
  c.vm_exit_cycles = c.vm_entry_cycles = 0;
  return c;
}

TEST(core, more_time_than_there_is_ends_the_run_with_an_error) {
  core_bench bench(slow_core(60));
  bench.kernel.on_boot = [&] {
    for (unsigned i = 0; i < 20; ++i) bench.kernel.cpu->execute(1);
  };
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("simulated time ends"), std::string::npos) << bench.failure();
}

TEST(core, time_that_ends_between_two_quanta_is_an_error_too) {
  core_bench bench(slow_core(61));
  for (unsigned i = 0; i < 20; ++i) bench.fetch(0x1000 + 4 * i);
  EXPECT_EQ(bench.run(), core_state::failed);
  EXPECT_NE(bench.failure().find("simulated time ends"), std::string::npos) << bench.failure();
  EXPECT_GT(bench.statistics.value("accesses"), 4);
}

TEST(core, time_never_goes_back_over_the_memory_s_calls) {
  core_config config = core_bench::config();
  config.quantum = sc_core::sc_time(7, sc_core::SC_NS);
  core_bench bench(config);
  for (unsigned i = 0; i < 50; ++i) {
    bench.fetch(0x1000);
    bench.store(0x2000 + 8 * i);
    bench.memory.fail(0x2000 + 8 * i, fault_kind::page_fault);
  }
  bench.run();
  for (std::size_t i = 1; i < bench.memory.seen.size(); ++i)
    EXPECT_LT(bench.memory.seen[i - 1].at, bench.memory.seen[i].at);
}

TEST(core, warm_up_and_limit_count_accesses_and_no_system_calls) {
  core_bench bench;
  for (unsigned i = 0; i < 10; ++i) {
    bench.call();
    bench.load(0x1000 + 8 * i);
  }
  bench.what.warmup = 4;
  bench.what.limit = 7;
  std::uint64_t warmed_up_at = 0;
  bench.what.warmed_up = [&] {
    warmed_up_at = bench.core.accesses_done();
    bench.statistics.reset();
  };
  EXPECT_EQ(bench.run(), core_state::limited);
  EXPECT_EQ(warmed_up_at, 4u);
  EXPECT_EQ(bench.core.accesses_done(), 7u);
  EXPECT_EQ(bench.statistics.value("accesses"), 3);
  EXPECT_EQ(bench.cycles(), 3u * (5 + 70));
}

TEST(core, a_limit_at_the_warm_up_still_resets) {
  core_bench bench;
  for (unsigned i = 0; i < 10; ++i) bench.load(0x1000);
  bench.what.warmup = bench.what.limit = 4;
  bench.what.warmed_up = [&] { bench.statistics.reset(); };
  EXPECT_EQ(bench.run(), core_state::limited);
  EXPECT_EQ(bench.cycles(), 0u);
}

TEST(core, a_request_to_stop_is_heard_after_the_batch) {
  core_bench bench;
  for (unsigned i = 0; i < 100; ++i) bench.load(0x1000);
  bench.what.progress = [&](std::uint64_t accesses) {
    if (accesses == 32) bench.core.request_stop();
  };
  EXPECT_EQ(bench.run(), core_state::stopped);
  EXPECT_EQ(bench.core.accesses_done(), 32u);
}

class recorder : public retirement_observer {
 public:
  std::vector<std::string> seen;
  void loaded(const retired_access& access) override { add("load", access); }
  void stored(const retired_access& access) override { add("store", access); }
  void called(std::uint32_t caller, const operation&) override { seen.push_back("call " + std::to_string(caller)); }

 private:
  void add(const char* what, const retired_access& access) {
    seen.push_back(std::string(what) + " " + std::to_string(access.process) + " " +
                   std::to_string(access.address.value) + " " + std::to_string(access.size) + " " +
                   std::to_string(access.data[0]));
  }
};

TEST(core, an_observer_sees_what_the_program_did_and_nothing_else) {
  core_bench bench;
  recorder observer;
  bench.core.observe(&observer);
  bench.memory.bytes[0x2000] = 9;
  bench.memory.fail(0x7000, fault_kind::page_fault);
  bench.kernel.on_page_fault = [](const paging::fault&) { return fault_answer::skip; };
  bench.kernel.on_system_call = [&](const operation&) {
    const std::uint64_t value = 1;
    bench.kernel.cpu->store(gva(0x9000), &value, 8);
    bench.kernel.process = 5;
  };
  bench.fetch(0x1000);
  bench.load(0x2000, 2);
  bench.call();
  bench.store(0x3fff, 2);
  bench.store(0x7000, 2);  // passed over
  bench.add(operation_kind::modify, 0x2000, 2);
  bench.run();
  unsigned char first[largest_access];
  unsigned char third[largest_access];
  make_store_value(0, 2, first);
  make_store_value(2, 2, third);
  EXPECT_EQ(observer.seen,
            (std::vector<std::string>{"load 1 8192 2 9", "call 1", "store 5 16383 2 " + std::to_string(first[0]),
                                      "load 5 8192 2 9", "store 5 8192 2 " + std::to_string(third[0])}));
}

}  // namespace
}  // namespace nestwalk::cpu::testing
