// One initiator that keeps DMI beside one that has none, on one mmu, through edits, flushes and switches: what they
// read is the same, and what faults for the one the other holds no grant for.
#include <algorithm>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "foreign_machine.h"
#include "support/environment.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;

constexpr unsigned pages = 24;
constexpr unsigned frames = 12;
constexpr std::uint64_t first_page = 0x4000'0000;
constexpr std::uint64_t first_frame = 0x200'0000;

struct random_dmi : testing::Test {
  std::uint64_t seed = from_environment("NESTWALK_SEED", 1);
  std::mt19937_64 draw{seed};
  foreign_machine m;
  two_stage_tables other{tables_in(m.memory), second_root()};
  protocol::access_extension rights;
  std::vector<tlm::tlm_dmi> held;
  std::size_t forgotten = 0;
  std::uint64_t direct = 0, refused = 0, hinted = 0, granted = 0;
  bool in_second = false;

  static two_stage_tables::config second_root() {
    two_stage_tables::config c;
    c.guest_tables = 0x5000'0000;
    c.nested_tables = 0x9000'0000;
    return c;
  }
  std::uint64_t below(std::uint64_t n) { return draw() % n; }
  two_stage_tables& tables() { return in_second ? other : m.tables; }

  void hear() {
    for (; forgotten < m.cpu.taken_back.size(); ++forgotten) {
      const auto [first, last] = m.cpu.taken_back[forgotten];
      held.erase(std::remove_if(held.begin(), held.end(),
                                [first = first, last = last](const tlm::tlm_dmi& d) {
                                  return d.get_start_address() <= last && first <= d.get_end_address();
                                }),
                 held.end());
    }
  }
  unsigned char* direct_place(std::uint64_t at, bool write) {
    hear();
    for (tlm::tlm_dmi& d : held)
      if (d.get_start_address() <= at && at + 7 <= d.get_end_address() &&
          (write ? d.is_write_allowed() : d.is_read_allowed()))
        return d.get_dmi_ptr() + (at - d.get_start_address());
    return nullptr;
  }

  // By transport, with the rights of `mode`; whether it succeeded.
  bool send(foreign_initiator& who, bool write, std::uint64_t at, std::uint64_t& value, access_mode mode) {
    who.value = value;
    auto& p = write ? who.writing(at) : who.reading(at);
    rights = {};
    rights.mode = mode;
    p.set_extension(&rights);
    const bool done = who.send() == tlm::TLM_OK_RESPONSE;
    p.clear_extension(&rights);
    value = who.value;
    return done;
  }

  void access() {
    const std::uint64_t at = first_page + below(pages) * 0x1000 + below(512) * 8;
    const auto mode = static_cast<access_mode>(below(12) == 0 ? 1 : 0);
    const bool write = below(3) == 0;
    std::uint64_t value = draw(), seen = value;
    const bool done = send(m.other_cpu, write, at, value, mode);
    unsigned char* const place = direct_place(at, write);
    if (!done) {
      ++refused;
      ASSERT_EQ(place, nullptr) << "what faults is granted, at " << std::hex << at;
      return;
    }
    if (place != nullptr) {
      ++direct;
      std::uint64_t there = 0;
      std::memcpy(&there, place, 8);
      ASSERT_EQ(there, value) << "the grant leads elsewhere, at " << std::hex << at;
      if (write) {
        const std::uint64_t fresh = draw();
        std::memcpy(place, &fresh, 8);
        ASSERT_TRUE(send(m.other_cpu, false, at, seen, mode));
        ASSERT_EQ(seen, fresh) << "what was written by DMI is elsewhere, at " << std::hex << at;
      }
      return;
    }
    ASSERT_TRUE(send(m.cpu, write, at, seen, mode));
    ASSERT_EQ(seen, value);
    if (m.cpu.payload.is_dmi_allowed()) ask(write, at, mode);
  }
  void ask(bool write, std::uint64_t at, access_mode mode) {
    ++hinted;
    auto& p = write ? m.cpu.writing(at) : m.cpu.reading(at);
    rights = {};
    rights.mode = mode;
    p.set_extension(&rights);
    tlm::tlm_dmi d;
    const bool given = m.cpu.socket->get_direct_mem_ptr(p, d);
    p.clear_extension(&rights);
    ASSERT_TRUE(given) << "hinted, and not granted";
    ++granted;
    held.push_back(d);
  }

  // An edit and the flush that it owes, before the next access.
  void edit_guest() {
    const std::uint64_t at = first_page + below(pages) * 0x1000;
    const std::uint64_t flags =
        (below(4) == 0 ? 0 : paging::x86_entry::rw) | (below(4) == 0 ? 0 : paging::x86_entry::us);
    if (below(8) == 0)
      tables().guest.unmap(at, 1);
    else
      tables().guest.map(at, first_frame + below(frames) * 0x1000, paging::page_4k,
                         (leaf::x86_clean & ~(paging::x86_entry::rw | paging::x86_entry::us)) | flags);
    m.control.invlpg(at);
  }
  void edit_nested() {
    const std::uint64_t frame = first_frame + below(frames) * 0x1000;
    const std::uint64_t to = m.hpa(first_frame + below(frames) * 0x1000) + (below(2) << 36);
    tables().nested.map(frame, to, paging::page_4k, below(6) == 0 ? leaf::ept & ~paging::ept_entry::w : leaf::ept);
    sc_core::sc_time spent;
    m.control.control->invept(paging::invept_type::single_context, tables().eptp(), spent);
  }
  void change_registers() {
    using protocol::control_register;
    const std::uint64_t cr4 = m.control.read_register(control_register::cr4);
    const std::uint64_t cr0 = m.control.read_register(control_register::cr0);
    switch (below(3)) {
      case 0: m.control.write_register(control_register::cr4, cr4 ^ paging::cr4::smap); break;
      case 1: m.control.write_register(control_register::cr0, cr0 ^ paging::cr0::wp); break;
      default:
        in_second = !in_second;
        auto controls = tables().controls();
        controls.vpid = in_second ? 2 : 1;
        sc_core::sc_time spent;
        m.control.control->load_controls(controls, spent);
        m.control.control->load_guest_register(control_register::cr3, tables().guest.root(), spent);
        m.control.control->vm_entry(paging::tlb_control::nothing, spent);
    }
  }
};

TEST_F(random_dmi, both_read_the_same_through_edits_flushes_and_switches) {
  const std::uint64_t total = from_environment("NESTWALK_OPERATIONS", 200'000);
  std::cout << "seed " << seed << "\n";
  for (unsigned f = 0; f < frames; ++f)
    for (two_stage_tables* t : {&m.tables, &other}) t->back(first_frame + f * 0x1000, paging::page_4k);
  for (unsigned i = 0; i < pages; ++i) edit_guest();
  for (std::uint64_t i = 0; i < total && !HasFatalFailure(); ++i) {
    switch (below(64)) {
      case 0: edit_guest(); break;
      case 1: below(4) == 0 ? edit_nested() : edit_guest(); break;
      case 2:
        if (below(4) == 0) change_registers();
        break;
      case 3:
        if (below(4) == 0) m.memory.take_back(m.hpa(first_frame), m.hpa(first_frame) + 0x2fff);
        break;
      default: access();
    }
    if (HasFatalFailure()) ADD_FAILURE() << "at operation " << i << " of seed " << seed;
  }
  std::cout << direct << " accesses by DMI, " << granted << " grants, " << refused << " faults\n";
  EXPECT_GT(direct, total / 8);
  EXPECT_GT(granted, total / 500);
  EXPECT_GT(refused, total / 100);
}

}  // namespace
