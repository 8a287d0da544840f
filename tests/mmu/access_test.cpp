// Accesses: translated, passed on, faulted, split at page boundaries.
#include <numeric>

#include <gtest/gtest.h>

#include "mmu_machine.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;
namespace x86_entry = paging::x86_entry;
namespace ept_entry = paging::ept_entry;

constexpr std::uint64_t page = 0x40'0000;   // gva
constexpr std::uint64_t frame = 0x12'3000;  // gpa

TEST(mmu, a_load_reads_where_both_stages_lead) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.memory.write(m.hpa(frame) + 0x128, 0x1122334455667788);
  EXPECT_TRUE(m.core.load(page + 0x128));
  EXPECT_EQ(m.core.value, 0x1122334455667788u);
  EXPECT_EQ(m.core.served_by, protocol::memory_level::dram);
}

TEST(mmu, without_a_second_stage_a_gpa_is_an_hpa) {
  mmu_machine m(native());
  m.tables.map(page, frame);
  EXPECT_TRUE(m.core.store(page + 8, 77));
  EXPECT_EQ(m.memory.read(frame + 8), 77u);
}

TEST(mmu, every_combination_of_page_sizes_leads_to_the_right_byte) {
  mmu_machine m;
  std::uint64_t gpa = std::uint64_t{1} << 32;
  std::uint64_t gva = std::uint64_t{1} << 40;
  for (const unsigned guest : {12u, 21u, 30u})
    for (const unsigned nested : {12u, 21u, 30u}) {
      if (guest == 30 && nested == 12) continue;  // 2^18 entries: left to the walkers' tests
      m.tables.map(gva, gpa, guest, nested);
      for (const std::uint64_t offset : {std::uint64_t{0x18}, (std::uint64_t{1} << guest) - 8}) {
        m.memory.write(m.hpa(gpa + offset), gpa + offset);
        for (int use = 0; use < 2; ++use) {
          ASSERT_TRUE(m.core.load(gva + offset)) << guest << " over " << nested;
          EXPECT_EQ(m.core.value, gpa + offset) << guest << " over " << nested;
        }
      }
      gpa += std::uint64_t{1} << 30;
      gva += std::uint64_t{1} << 30;
    }
}

TEST(mmu, the_second_use_of_a_page_needs_no_walk) {
  mmu_machine m;
  m.tables.map(page, frame);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_TRUE(m.hits(page + 0x800));
  EXPECT_FALSE(m.hits(page + 0x1000));
}

TEST(mmu, fetches_and_loads_share_the_l2_tlb) {
  mmu_machine m;
  m.tables.map(page, frame);
  EXPECT_TRUE(m.core.run(page));
  EXPECT_TRUE(m.hits(page));
  EXPECT_EQ(m.mmu.parts().shared_tlb->counts().hits[0], 1u);
}

TEST(mmu, works_without_any_tlb) {
  mmu_machine m({}, mmu_without_tlbs());
  m.tables.map(page, frame);
  m.memory.write(m.hpa(frame), 5);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_EQ(m.core.value, 5u);
  EXPECT_FALSE(m.hits(page));
}

TEST(mmu, the_same_payload_goes_down_with_its_address_restored) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.memory.keeps_transfers = true;
  protocol::owned_payload p;
  std::uint64_t value = 0;
  sc_core::sc_time delay;
  auto& payload = p.read(page + 0x10, &value, 8);
  m.core.data.socket->b_transport(payload, delay);
  EXPECT_EQ(payload.get_address(), page + 0x10);
  ASSERT_FALSE(m.memory.transfers.empty());
  EXPECT_EQ(m.memory.transfers.back().payload, &payload);
  EXPECT_EQ(m.memory.transfers.back().address, m.hpa(frame) + 0x10);
}

TEST(mmu, a_plain_initiator_is_an_explicit_supervisor_with_ac_set) {
  mmu_machine m;
  m.tables.map(page, frame);  // a user page
  m.core.write_register(control_register::cr4, m.core.read_register(control_register::cr4) | paging::cr4::smap);
  EXPECT_FALSE(m.core.load(page, access_mode::supervisor)) << "SMAP stops a supervisor without AC";
  tlm::tlm_generic_payload plain;
  std::uint64_t value = 0;
  plain.set_read();
  plain.set_address(page);
  plain.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  plain.set_data_length(8);
  plain.set_streaming_width(8);
  sc_core::sc_time delay;
  m.core.data.socket->b_transport(plain, delay);
  EXPECT_TRUE(plain.is_response_ok());
  plain.set_address(page + 0x1000);
  plain.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  plain.set_dmi_allowed(false);
  m.core.data.socket->b_transport(plain, delay);
  EXPECT_EQ(plain.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(mmu, a_page_fault_is_an_address_error_with_code_and_cr2) {
  mmu_machine m;
  EXPECT_FALSE(m.core.store(page + 0x123, 1));
  EXPECT_EQ(m.core.fault.kind, fault_kind::page_fault);
  EXPECT_EQ(m.core.fault.error_code, paging::pf::wr | paging::pf::us);
  EXPECT_EQ(m.core.fault.linear.value, page + 0x123);
  EXPECT_EQ(m.mmu.data_counts().faults[static_cast<unsigned>(fault_kind::page_fault)], 1u);
}

TEST(mmu, a_read_with_write_intent_faults_as_a_write_and_sets_the_dirty_flag) {
  mmu_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~x86_entry::rw);
  EXPECT_FALSE(m.core.read(page, &m.core.value, 8, access_mode::user, side::data, true));
  EXPECT_EQ(m.core.fault.error_code, paging::pf::p | paging::pf::wr | paging::pf::us);
  m.tables.map(page, frame, 12, 12, leaf::x86_clean);
  EXPECT_TRUE(m.core.read(page, &m.core.value, 8, access_mode::user, side::data, true));
  EXPECT_NE(m.tables.guest.read_entry(page, 1) & x86_entry::d, 0u);
}

TEST(mmu, a_fetch_of_a_no_execute_page_faults_and_a_load_does_not) {
  mmu_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 | x86_entry::xd);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_FALSE(m.core.run(page));
  EXPECT_NE(m.core.fault.error_code & paging::pf::id, 0u);
}

TEST(mmu, an_ept_violation_reports_both_addresses) {
  mmu_machine m;
  m.tables.guest.map(page, frame, 12, leaf::x86);
  EXPECT_FALSE(m.core.load(page + 0x20));
  EXPECT_EQ(m.core.fault.kind, fault_kind::ept_violation);
  EXPECT_EQ(m.core.fault.guest_physical.value, frame + 0x20);
  EXPECT_EQ(m.core.fault.linear.value, page + 0x20);
}

TEST(mmu, after_an_ept_violation_is_mended_the_access_succeeds_without_a_flush) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.tables.back(frame, 12, leaf::ept & ~ept_entry::w);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_FALSE(m.core.store(page, 1));
  EXPECT_EQ(m.core.fault.kind, fault_kind::ept_violation);
  EXPECT_FALSE(m.hits(page)) << "the combined mapping has gone with the violation";
  m.tables.back(frame, 12);
  EXPECT_TRUE(m.core.store(page, 1));
}

// SDM vol. 3, 28.3.3.1: of the guest-physical address, what paging-structure caches hold goes too.
TEST(mmu, after_an_ept_violation_its_guest_physical_page_is_walked_from_the_root) {
  constexpr std::uint64_t elsewhere = 0x77'7000;
  constexpr std::uint64_t other_table = 0x77'8000;
  mmu::mmu_config config = small_mmu();
  config.nested_walker.caches.pde = {4, 0};
  mmu_machine m({}, config);
  m.tables.map(page, frame);
  m.tables.back(frame, 12, leaf::ept & ~ept_entry::w);
  m.memory.write(elsewhere, 42);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_FALSE(m.core.store(page, 1));

  const std::uint64_t table = m.tables.nested.read_entry(frame, 2) & ~0xfffULL;
  const std::uint64_t flags = m.tables.nested.read_entry(frame, 2) & 0xfff;
  for (unsigned at = 0; at < 4096; at += 8) m.memory.write(other_table + at, m.memory.read(table + at));
  m.tables.nested.write_entry(frame, 2, other_table | flags);
  m.tables.nested.write_entry(frame, 1, elsewhere | (leaf::ept & ~ept_entry::w));
  EXPECT_TRUE(m.core.load(page));
  EXPECT_EQ(m.core.value, 42U) << "a walk cache kept the table that the walk of the violation came through";
}

TEST(mmu, after_a_page_fault_the_address_is_walked_anew) {
  mmu_machine m;
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~x86_entry::rw);
  EXPECT_TRUE(m.core.load(page));
  EXPECT_TRUE(m.hits(page));
  EXPECT_FALSE(m.core.store(page, 1));
  EXPECT_FALSE(m.hits(page));
  m.tables.map(page, frame);
  EXPECT_TRUE(m.core.store(page, 1));
}

TEST(mmu, a_non_canonical_address_is_a_general_protection_fault) {
  mmu_machine m;
  EXPECT_FALSE(m.core.load(std::uint64_t{1} << 47));
  EXPECT_EQ(m.core.fault.kind, fault_kind::general_protection);
}

TEST(mmu, memory_that_fails_a_table_read_is_a_fault_of_its_own_kind) {
  mmu_machine m;
  m.tables.map(page, frame);
  const std::uint64_t entry = m.hpa(m.tables.guest.entry_address(page, 1));
  m.memory.fail(entry, entry + 7);
  EXPECT_FALSE(m.core.load(page));
  EXPECT_EQ(m.core.fault.kind, fault_kind::memory_error);
  EXPECT_EQ(m.core.fault.entry.value, entry);
  m.memory.mend();
  EXPECT_TRUE(m.core.load(page)) << "the next access is unharmed";
}

TEST(mmu, an_error_of_memory_itself_is_no_translation_fault) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.memory.fail(m.hpa(frame), m.hpa(frame) + 7);
  EXPECT_FALSE(m.core.load(page));
  EXPECT_EQ(m.core.fault.kind, fault_kind::none);
}

TEST(mmu, local_time_moves_by_the_walk_and_the_memory_access) {
  mmu_machine m(native(), mmu_without_tlbs());
  m.tables.map(page, frame);
  EXPECT_TRUE(m.core.load(page));
  const sc_core::sc_time step = mmu_without_tlbs().guest_walker.cycle * mmu_without_tlbs().guest_walker.step_cycles;
  EXPECT_EQ(m.core.delay, 5 * m.memory.latency + 4 * step);
}

TEST(mmu, an_l1_hit_takes_the_l1_latency) {
  mmu::mmu_config c = small_mmu();
  c.l1d_tlb.latency_cycles = 2;
  mmu_machine m({}, c);
  m.tables.map(page, frame);
  m.core.load(page);
  m.core.load(page);
  EXPECT_EQ(m.core.delay, m.memory.latency + sc_core::sc_time(2, sc_core::SC_NS));
}

// Crossing a page.

TEST(mmu, an_access_across_a_page_goes_to_both_frames_as_payloads_of_their_own) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame + 0x9000);
  m.memory.keeps_transfers = true;
  EXPECT_TRUE(m.core.store(page + 0xffd, 0x8877665544332211));
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xffd, 3), 0x332211u);
  EXPECT_EQ(m.memory.read(m.hpa(frame + 0x9000), 5), 0x8877665544u);
  const auto& t = m.memory.transfers;
  ASSERT_GE(t.size(), 2u);
  EXPECT_EQ(t[t.size() - 2].length, 3u);
  EXPECT_EQ(t.back().length, 5u);
  EXPECT_TRUE(m.core.load(page + 0xffd));
  EXPECT_EQ(m.core.value, 0x8877665544332211u);
  EXPECT_EQ(m.core.served_by, protocol::memory_level::dram);
  EXPECT_EQ(m.mmu.data_counts().page_crossings, 2u);
}

TEST(mmu, a_fault_in_the_second_page_writes_nothing_in_the_first) {
  mmu_machine m;
  m.tables.map(page, frame);
  EXPECT_FALSE(m.core.store(page + 0xffc, ~std::uint64_t{0}));
  EXPECT_EQ(m.core.fault.linear.value, page + 0x1000);
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xffc, 4), 0u);
}

TEST(mmu, of_two_faults_the_first_page_wins) {
  mmu_machine m;
  EXPECT_FALSE(m.core.load(page + 0xffc));
  EXPECT_EQ(m.core.fault.linear.value, page + 0xffc);
}

TEST(mmu, an_access_over_three_pages_is_served) {
  mmu_machine m;
  for (std::uint64_t i = 0; i < 3; ++i) m.tables.map(page + i * 0x1000, frame + i * 0x5000);
  std::vector<unsigned char> out(0x1800), in(0x1800);
  std::iota(out.begin(), out.end(), static_cast<unsigned char>(3));
  EXPECT_TRUE(m.core.write(page + 0xc00, out.data(), 0x1800));
  EXPECT_TRUE(m.core.read(page + 0xc00, in.data(), 0x1800));
  EXPECT_EQ(in, out);
  EXPECT_EQ(m.memory.read(m.hpa(frame + 0xa000) + 0x3ff, 1), out.back());
}

TEST(mmu, an_access_that_ends_with_the_page_does_not_cross_it) {
  mmu_machine m;
  m.tables.map(page, frame);
  EXPECT_TRUE(m.core.load(page + 0xff8));
  EXPECT_EQ(m.mmu.data_counts().page_crossings, 0u);
}

TEST(mmu, byte_enables_hold_across_a_page) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame + 0x1000);
  protocol::owned_payload p;
  const std::uint64_t value = ~std::uint64_t{0};
  unsigned char enables[3] = {0xff, 0, 0};
  auto& payload = p.write(page + 0xffc, &value, 8);
  payload.set_byte_enable_ptr(enables);
  payload.set_byte_enable_length(3);
  sc_core::sc_time delay;
  m.core.data.socket->b_transport(payload, delay);
  EXPECT_TRUE(payload.is_response_ok());
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xffc), 0x00ff'0000'ff00'00ffu);
  payload.set_byte_enable_ptr(nullptr);
}

TEST(mmu, memory_that_fails_in_the_second_page_fails_the_access) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame + 0x1000);
  m.memory.fail(m.hpa(frame) + 0x1000, m.hpa(frame) + 0x1001);
  const std::uint64_t zero = 0;
  EXPECT_FALSE(m.core.write(page + 0xffc, &zero, 8));
  EXPECT_EQ(m.core.fault.kind, fault_kind::none);
}

TEST(mmu, statistics_name_their_parts) {
  mmu_machine m;
  m.tables.map(page, frame);
  m.core.load(page);
  m.core.load(page);
  statistics::group root;
  m.mmu.describe(root.child("mmu"));
  EXPECT_EQ(root.value("mmu.data.accesses"), 2);
  EXPECT_EQ(root.value("mmu.l1d_tlb.hits"), 1);
  EXPECT_EQ(root.value("mmu.l2_tlb.misses_4k"), 1);
  EXPECT_GT(root.value("mmu.translation_time"), 0);
  EXPECT_NE(root.find("mmu.nested_walker.walks"), nullptr);
}

}  // namespace
