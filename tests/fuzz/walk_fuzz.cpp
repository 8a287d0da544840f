// Any memory, registers and access: the walk of both stages ends, sets flags alone, and an mmu of TLBs, walkers and
// sockets comes to the same.
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "fuzz_target.h"
#include "platforms/conform/bare_mmu.h"
#include "walk_case.h"

namespace nestwalk::test {
namespace {

// One walk of both stages reads at most (5 + 1)(5 + 1) - 1 entries; every walk done anew has set a flag or lost one of
// 255 exchanges before.
constexpr unsigned most_calls = 36 * 600;

mmu::mmu_config configuration(const paging::capabilities& processor, bool cached) {
  mmu::mmu_config c;
  c.processor = processor;
  constexpr unsigned sizes = tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_4m | tlb::pages::of_1g;
  for (tlb::tlb_config* t : {&c.l1i_tlb, &c.l1d_tlb, &c.l2_tlb, &c.nested_tlb}) {
    t->base = {cached ? 16u : 0u, 4, sizes};
  }
  if (cached)
    for (walker::walker_config* w : {&c.guest_walker, &c.nested_walker})
      w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {8, 2};
  return c;
}

// An mmu for each processor, with and without anything cached; elaborated once.
platforms::bare_mmu& machine_for(const walk_case& c) {
  static std::vector<std::unique_ptr<platforms::bare_mmu>> all;
  if (all.empty()) {
    for (unsigned i = 0; i < 2 * processors.size(); ++i)
      all.push_back(std::make_unique<platforms::bare_mmu>(fmt::format("mmu_{}", i).c_str(),
                                                          configuration(processors[i / 2], i % 2 != 0)));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  return *all[2 * c.processor + (c.cached ? 1 : 0)];
}

void expect_equal(const char* what, std::uint64_t untimed, std::uint64_t mmu) {
  if (untimed != mmu) finding(fmt::format("{}: {:#x} untimed, {:#x} by the mmu", what, untimed, mmu));
}

void expect_same_fault(const paging::fault& untimed, const paging::fault& mmu) {
  expect_equal("kind of fault", static_cast<unsigned>(untimed.kind), static_cast<unsigned>(mmu.kind));
  expect_equal("stage", static_cast<unsigned>(untimed.stage), static_cast<unsigned>(mmu.stage));
  expect_equal("level", untimed.level, mmu.level);
  expect_equal("error code", untimed.error_code, mmu.error_code);
  expect_equal("qualification", untimed.qualification, mmu.qualification);
  expect_equal("linear address", untimed.linear.value, mmu.linear.value);
  expect_equal("guest-physical address", untimed.guest_physical.value, mmu.guest_physical.value);
}

void fill(platforms::bare_mmu& mmu, const small_memory& memory) {
  mmu.clear_memory();
  for (std::uint64_t at = 0; at < small_memory::bytes; at += 8) mmu.write(at, memory.at(at));
}

// Where the untimed walk came to `expected` and left `after`, the mmu must too, and again where it succeeds.
void compare(const walk_case& c, const paging::outcome& expected, const small_memory& after, std::uint16_t index) {
  platforms::bare_mmu& mmu = machine_for(c);
  mmu.flush_everything();
  mmu.enter(c.controls, c.guest);
  sc_core::sc_time delay;
  mmu.registers().load_guest_register(protocol::control_register::pkrs, c.guest.pkrs, delay);
  fill(mmu, c.memory);
  for (unsigned time = 0; time < 2; ++time) {
    const bool mapped = mmu.access(c.address, c.access, 1);
    if (mapped != expected.mapped()) finding(mapped ? "only the untimed walk faults" : "only the mmu faults");
    if (mapped)
      expect_equal("host-physical address", expected.output.value, mmu.output.value);
    else
      expect_same_fault(expected.failure, mmu.fault);
    for (std::uint64_t at = 0; at < small_memory::bytes; at += 8)
      expect_equal("memory after the access", after.at(at), mmu.read(at));
    for (std::size_t i = 0; i < after.records.size(); ++i)
      expect_equal("record", after.records[i],
                   mmu.read(small_memory::log_address + (c.controls.ept.log_index - i) * 8));
    if (c.controls.ept.page_modification_logging)
      expect_equal("PML index", index, mmu.registers().page_modification_log_index());
    if (!mapped) break;
  }
}

}  // namespace
}  // namespace nestwalk::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nestwalk::test;
  const walk_case c{input_bytes(data, size)};
  small_memory memory = c.memory;
  nestwalk::paging::page_modification_log log;
  const nestwalk::paging::domain domain = c.domain(log);
  const nestwalk::paging::outcome came =
      nestwalk::paging::two_stage_walk<small_memory>(domain, memory).translate(c.address, c.access);
  if (memory.calls > most_calls) finding("a walk of " + std::to_string(memory.calls) + " entries");
  if (came.failure.kind == nestwalk::paging::fault_kind::memory_error && memory.failing == 0)
    finding("a memory error though memory answers");
  // A guest's flag stored in an EPT entry changes that entry under what is cached of it: no one answer is right.
  const bool changed_below = c.ept() && memory.guest_flag_in_nested_page;
  if (c.comparable() && !changed_below) compare(c, came, memory, log.index);
  return 0;
}
