// What a configuration must keep to, and what the untimed side of the VMM does.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "guest_machine.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::test {
namespace {

std::string complaint(const std::function<void(vmm::vmm_config&)>& spoil) {
  vmm::vmm_config c;
  spoil(c);
  try {
    check(c);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

TEST(vmm_config, the_defaults_are_in_range) {
  EXPECT_EQ(complaint([](auto&) {}), "");
}

TEST(vmm_config, a_key_out_of_range_is_named) {
  const auto names = [](const std::string& what, const char* key) { return what.find(key) != std::string::npos; };
  EXPECT_TRUE(names(complaint([](auto& c) { c.guest_memory = 5000; }), "guest_memory"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.backing_log2 = 13; }), "vmm.backing:"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.host_base = 1; }), "host_base"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.host_size = std::uint64_t{1} << 46; }), "host_size"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.nested_levels = 3; }), "nested_levels"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.shadow.kept_roots = 1; }), "shadow.kept_roots"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.reclaim.exits = 0; }), "reclaim.exits"));
}

vmm::vmm_config small() {
  vmm::vmm_config c;
  c.guest_memory = 16 << 20;
  c.host_base = 1 << 30;
  c.host_size = 256 << 20;
  return c;
}

TEST(vmm_untimed, guest_memory_reads_as_zero_until_written_and_is_backed_then) {
  guest_machine machine("machine", small());
  machine.start();
  EXPECT_EQ(machine.guest_qword(5 << 20), 0u);
  EXPECT_FALSE(machine.monitor.backing(paging::gpa(5 << 20)));
  machine.image().write(5 << 20, 0x77);
  EXPECT_TRUE(machine.monitor.backing(paging::gpa(5 << 20)));
  EXPECT_EQ(machine.guest_qword(5 << 20), 0x77u);
  EXPECT_EQ(machine.monitor.next_guest_page(paging::gpa(0)), paging::gpa(4 << 20)) << "backed by 2 MiB";
  EXPECT_EQ(machine.monitor.next_guest_page(paging::gpa(6 << 20)), std::nullopt);
}

TEST(vmm_untimed, an_exit_costs_its_instructions_and_its_memory_accesses) {
  guest_machine machine("machine", small());
  machine.start();
  machine.memory.calls = 0;
  const sc_core::sc_time before = machine.time;
  protocol::vm_exit exit;
  exit.reason = protocol::exit_reason::ept_violation;
  machine.raise(exit);
  const double instructions = static_cast<double>(machine.monitor.config().instructions.nested_fault);
  const double accesses = static_cast<double>(machine.memory.calls);
  EXPECT_EQ(machine.time - before, machine.cpu.instruction * instructions + machine.memory.latency * accesses);
  EXPECT_GT(machine.memory.calls, 4u) << "entries read and written";
  EXPECT_EQ(machine.count("ept_violation.exits"), 1u);
  EXPECT_EQ(machine.count("cycles"),
            static_cast<std::uint64_t>((machine.time - before) / machine.monitor.config().cycle));
}

TEST(vmm_untimed, a_pool_where_there_is_no_memory_is_an_error_that_names_its_keys) {
  guest_machine machine("machine", small());
  machine.start();
  machine.memory.fail(0, ~std::uint64_t{0});
  protocol::vm_exit exit;
  exit.reason = protocol::exit_reason::ept_violation;
  EXPECT_THROW(machine.raise(exit), input_error);
}

}  // namespace
}  // namespace nestwalk::test
