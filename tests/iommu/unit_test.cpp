// The whole unit: what requests read, where they go, and what blocks them.
#include <gtest/gtest.h>

#include "iommu/remapping_machine.h"

namespace nestwalk::iommu {
namespace {

using test::remapping_machine;
using test::translation_shape;
using asked = remapping_machine::asked;
namespace p = paging::vtd::pasid_entry;

constexpr std::uint16_t device = 0x0113;
constexpr std::uint32_t pasid = 0x12345;
constexpr std::uint64_t address = 0x4020'1000;
constexpr std::uint64_t guest_page = 0x7000'0000;
constexpr std::uint64_t host_page = 0x5000;

// A device whose PASID is translated as `s` says, `address` mapped to `host_page`.
translation_shape prepare(remapping_machine& m, translation_shape s) {
  s.second_root = m.tables.frame();
  s.first_root = m.tables.frame();
  m.put_context(device);
  m.put_pasid(device, pasid, s);
  m.put_pasid(device, 0, s);
  const bool nested = s.pgtt == p::nested;
  if (nested || s.pgtt == p::first_stage) m.map_first(s, address, nested ? guest_page : host_page);
  if (nested) {
    m.map_first_tables(s, address);
    m.map_second(s, guest_page, host_page);
  }
  if (s.pgtt == p::second_stage) m.map_second(s, address, host_page);
  m.memory.write(host_page, 0xabcd);
  m.enable(true);
  return s;
}

translation_shape of(unsigned pgtt, unsigned first = 4, unsigned second = 4) {
  translation_shape s;
  s.pgtt = pgtt;
  s.first_levels = first;
  s.second_levels = second;
  return s;
}

// Reads of tables for a cold request, device entries and the data among them.
std::uint64_t cold_reads(const translation_shape& shape) {
  remapping_machine m(remapping_machine::without_caches({device}));
  prepare(m, shape);
  m.memory.calls = 0;
  EXPECT_TRUE(m.read(device, pasid, address));
  EXPECT_EQ(m.data, 0xabcdu);
  return m.memory.calls;
}

constexpr std::uint64_t device_entries = 4;
constexpr std::uint64_t data = 1;

TEST(iommu_reads, four_levels_over_four_are_24) {
  EXPECT_EQ(cold_reads(of(p::nested)), 24 + device_entries + data);
}
TEST(iommu_reads, five_levels_over_five_are_35) {
  EXPECT_EQ(cold_reads(of(p::nested, 5, 5)), 35 + device_entries + data);
}
TEST(iommu_reads, four_levels_over_three_are_19) {
  EXPECT_EQ(cold_reads(of(p::nested, 4, 3)), 19 + device_entries + data);
}
TEST(iommu_reads, a_first_stage_alone_reads_its_levels) {
  EXPECT_EQ(cold_reads(of(p::first_stage, 5)), 5 + device_entries + data);
}
TEST(iommu_reads, a_second_stage_alone_reads_its_levels) {
  EXPECT_EQ(cold_reads(of(p::second_stage, 4, 3)), 3 + device_entries + data);
}
TEST(iommu_reads, legacy_tables_are_two_device_entries) {
  remapping_machine m(remapping_machine::without_caches({device}));
  translation_shape s;
  s.second_root = m.tables.frame();
  m.put_legacy(device, s);
  m.map_second(s, address, host_page);
  m.enable(false);
  m.memory.calls = 0;
  EXPECT_TRUE(m.read(device, address));
  EXPECT_EQ(m.memory.calls, 4 + 2 + data);
}

// Reads of tables for a second request to a page.
std::uint64_t warm_reads(const translation_shape& shape) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, shape);
  EXPECT_TRUE(m.read(device, pasid, address));
  m.memory.calls = 0;
  EXPECT_TRUE(m.read(device, pasid, address + 8));
  return m.memory.calls - data;
}

TEST(iommu_reads, a_hit_of_a_first_stage_reads_nothing) {
  EXPECT_EQ(warm_reads(of(p::first_stage)), 0u);
}
TEST(iommu_reads, a_hit_of_a_second_stage_reads_nothing) {
  EXPECT_EQ(warm_reads(of(p::second_stage)), 0u);
}
TEST(iommu_reads, a_hit_of_both_stages_reads_nothing) {
  EXPECT_EQ(warm_reads(of(p::nested)), 0u);
}

TEST(iommu, requests_pass_untouched_while_translation_is_off) {
  remapping_machine m(remapping_machine::configuration({device}));
  EXPECT_TRUE(m.write(device, 0x1234'0000, 77));
  EXPECT_EQ(m.memory.read(0x1234'0000), 77u);
}

TEST(iommu, an_address_is_restored_on_every_path) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  m.read(device, address);
  EXPECT_EQ(m.payload.current().get_address(), address);
  m.read(device, address + 0x100000);
  EXPECT_EQ(m.payload.current().get_address(), address + 0x100000);
}

TEST(iommu, requests_without_pasid_use_the_context_entrys) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::second_stage));
  EXPECT_TRUE(m.read(device, address));
  EXPECT_EQ(m.data, 0xabcdu);
  translation_shape other = s;
  other.second_root = m.tables.frame();
  other.domain = 2;
  m.put_pasid(device, 9, other);
  m.map_second(other, address, 0x6000);
  m.memory.write(0x6000, 0x9999);
  m.put_context(device, 9);
  m.drop_device_entries();
  EXPECT_TRUE(m.read(device, address));
  EXPECT_EQ(m.data, 0x9999u);
}

TEST(iommu, pasids_equal_in_their_low_12_bits_do_not_meet) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::first_stage));
  translation_shape other = s;
  other.first_root = m.tables.frame();
  m.put_pasid(device, pasid ^ 0x1000, other);
  m.map_first(other, address, 0x6000);
  m.memory.write(0x6000, 0x9999);
  for (unsigned round = 0; round < 2; ++round) {
    EXPECT_TRUE(m.read(device, pasid, address));
    EXPECT_EQ(m.data, 0xabcdu);
    EXPECT_TRUE(m.read(device, pasid ^ 0x1000, address));
    EXPECT_EQ(m.data, 0x9999u);
  }
}

TEST(iommu, a_blocked_request_is_an_address_error_and_a_record) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  EXPECT_FALSE(m.read(device, pasid, address + 0x1000));
  EXPECT_EQ(m.get(0x220, 8), address + 0x1000);
  EXPECT_EQ(m.get(0x228, 8), 0xc0000000'80000000u | std::uint64_t{pasid} << 40 | 0x79ull << 32 | device);
}

TEST(iommu, a_fault_of_something_cached_is_walked_again_from_the_root_table) {
  remapping_machine m(remapping_machine::configuration({device}));
  translation_shape s = prepare(m, of(p::second_stage));
  EXPECT_TRUE(m.read(device, pasid, address));
  // The PASID entry names other tables, and nothing was invalidated: what is not cached is found there.
  s.second_root = m.tables.frame();
  m.put_pasid(device, pasid, s);
  m.map_second(s, address + 0x1000, 0x6000);
  EXPECT_TRUE(m.read(device, pasid, address + 0x1000));
  EXPECT_EQ(m.unit.resolver().counts().rewalks, 1u);
}

TEST(iommu, fault_processing_can_be_disabled_for_what_an_entry_qualifies) {
  remapping_machine m(remapping_machine::configuration({device}));
  translation_shape s = of(p::second_stage);
  s.low_bits = 2;
  prepare(m, s);
  EXPECT_FALSE(m.read(device, pasid, address + 0x1000));
  EXPECT_EQ(m.get(0x34, 4), 0u);
  m.memory.write(remapping_machine::root + 16, 0);  // the root entry: not qualified
  m.drop_device_entries();
  EXPECT_FALSE(m.read(device, pasid, address));
  EXPECT_EQ(m.fault_reason(), 0x39u);
}

TEST(iommu, memory_errors_of_device_tables_are_recorded_whatever_disables_faults) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  m.put_context(device, 0, 0xc | 2);
  const std::uint64_t directory = m.directories[device];
  m.memory.fail(directory, directory + 0x1ffff);
  EXPECT_FALSE(m.read(device, pasid, address));
  EXPECT_EQ(m.fault_reason(), 0x50u);
}

TEST(iommu, the_fault_event_is_a_write_of_its_data) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  m.set(0x3c, 4, 0x4321);
  m.set(0x40, 4, 0xfee0'0000);
  m.set(0x38, 4, 0);
  EXPECT_FALSE(m.read(device, pasid, address + 0x1000));
  m.settle();
  EXPECT_EQ(m.memory.read(0xfee0'0000, 4), 0x4321u);
}

TEST(iommu, a_page_in_the_interrupt_range_blocks) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::second_stage));
  m.map_second(s, 0x8000'0000, 0xfee0'0000);
  EXPECT_FALSE(m.read(device, pasid, 0x8000'0000));
  EXPECT_EQ(m.fault_reason(), 0x87u);
}

TEST(iommu, of_a_large_page_only_the_interrupt_range_itself_blocks) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::second_stage));
  m.map_second(s, 0x8000'0000, 0xfee0'0000 & ~0x1f'ffffull, remapping_machine::second_flags, 2);
  EXPECT_TRUE(m.read(device, pasid, 0x8010'0000));
  EXPECT_FALSE(m.read(device, pasid, 0x8000'0000));
}

TEST(iommu, a_dword_write_to_the_interrupt_range_passes) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  asked a;
  a.address = 0xfee0'1000;
  a.write = true;
  a.length = 4;
  m.data = 0x55;
  EXPECT_TRUE(m.request(device, a));
  EXPECT_EQ(m.memory.read(0xfee0'1000, 4), 0x55u);
}

TEST(iommu, a_read_of_no_bytes_in_the_interrupt_range_passes) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  unsigned char enables[] = {TLM_BYTE_DISABLED};
  sc_core::sc_time delay;
  tlm::tlm_generic_payload& flush = m.payload.read(0xfee0'1000, &m.data, 4);
  flush.set_byte_enable_ptr(enables);
  flush.set_byte_enable_length(1);
  (*m.devices[device])->b_transport(flush, delay);
  EXPECT_TRUE(m.payload.ok());
  EXPECT_EQ(m.get(0x34, 4), 0u);
}

TEST(iommu, every_other_request_without_pasid_to_the_interrupt_range_is_a_fault) {
  asked read;
  read.address = 0xfee0'1000;
  asked qword = read;
  qword.write = true;
  asked byte = qword;
  byte.length = 1;
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  for (const asked& a : {read, qword, byte}) {
    EXPECT_FALSE(m.request(device, a));
    EXPECT_EQ(m.fault_reason(), 0x87u);
    EXPECT_EQ(m.get(0x220, 8), 0xfee0'1000u);
    m.clear_faults();
  }
}

TEST(iommu, a_request_to_the_interrupt_range_is_a_fault_of_legacy_tables_too_that_they_may_disable) {
  remapping_machine m(remapping_machine::configuration({device}));
  translation_shape s = of(p::second_stage);
  s.second_root = m.tables.frame();
  m.put_legacy(device, s);
  m.enable(false);
  EXPECT_FALSE(m.read(device, 0xfee0'1000));
  EXPECT_EQ(m.fault_reason(), 0x0eu);
  m.clear_faults();
  const std::uint64_t entry = (m.memory.read(remapping_machine::root + 16) & ~std::uint64_t{0xfff}) + 0x13 * 16;
  m.memory.write(entry, m.memory.read(entry) | 2);
  m.context_command();
  EXPECT_FALSE(m.read(device, 0xfee0'1000));
  EXPECT_EQ(m.get(0x34, 4), 0u);
}

TEST(iommu, requests_with_pasid_are_translated_in_the_interrupt_range_unless_they_pass_through) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::second_stage));
  m.map_second(s, 0xfee0'0000, host_page);
  EXPECT_TRUE(m.read(device, pasid, 0xfee0'0000));
  m.put_pasid(device, 6, of(p::pass_through));
  EXPECT_TRUE(m.read(device, 6, 0x1000));
  EXPECT_FALSE(m.read(device, 6, 0xfee0'0000));
  EXPECT_EQ(m.fault_reason(), 0x87u);
}

TEST(iommu, pass_through_is_limited_to_the_width_of_its_entry) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  m.put_pasid(device, 6, of(p::pass_through));
  EXPECT_FALSE(m.read(device, 6, std::uint64_t{1} << 48));
  EXPECT_EQ(m.fault_reason(), 0x83u);
}

TEST(iommu, privilege_comes_with_the_request_or_from_rid_priv) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::first_stage));
  m.map_first(s, address + 0x1000, 0x6000, 0x63);  // supervisor
  asked a;
  a.address = address + 0x1000;
  a.has_pasid = true;
  a.pasid = pasid;
  EXPECT_FALSE(m.request(device, a));
  EXPECT_EQ(m.fault_reason(), 0x81u);
  a.privileged = true;
  EXPECT_TRUE(m.request(device, a));
  EXPECT_FALSE(m.read(device, address + 0x1000));
  m.put_context(device, 1u << 20);
  m.context_command();
  EXPECT_TRUE(m.read(device, address + 0x1000));
}

TEST(iommu, privilege_is_that_of_the_request_and_not_of_the_one_before) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::first_stage));
  m.map_first(s, address, host_page, 0x63);  // supervisor
  asked a;
  a.address = address;
  a.has_pasid = true;
  a.pasid = pasid;
  a.privileged = true;
  EXPECT_TRUE(m.request(device, a));
  a.privileged = false;
  EXPECT_FALSE(m.request(device, a));
}

TEST(iommu, translated_requests_pass_as_they_are_where_the_context_entry_allows) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  asked a;
  a.address = 0x1234'0000;
  a.type = paging::vtd::request_type::translated;
  EXPECT_TRUE(m.request(device, a));
  m.put_context(device, 0, 8);  // DTE is 0
  m.drop_device_entries();
  EXPECT_FALSE(m.request(device, a));
  EXPECT_EQ(m.fault_reason(), 0x44u);
}

TEST(iommu, translated_requests_with_pasid_are_not_supported_nor_any_while_translation_is_off) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  asked a;
  a.address = 0x1234'0000;
  a.type = paging::vtd::request_type::translated;
  a.has_pasid = true;
  a.pasid = pasid;
  EXPECT_FALSE(m.request(device, a));
  EXPECT_FALSE(m.ask_grant(device, a));
  a.has_pasid = false;
  EXPECT_TRUE(m.request(device, a));
  m.disable();
  EXPECT_FALSE(m.request(device, a));
  EXPECT_EQ(m.get(0x34, 4), 0u);
}

TEST(iommu, of_scalable_mode_forgets_everything_when_translation_is_turned_off) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::second_stage));
  EXPECT_TRUE(m.read(device, pasid, address));
  m.disable();
  m.map_second(s, address, 0x6000);
  m.memory.write(0x6000, 0x9999);
  m.set(0x18, 4, 1u << 31);
  EXPECT_TRUE(m.read(device, pasid, address));
  EXPECT_EQ(m.data, 0x9999u);
}

TEST(iommu, an_access_that_crosses_4_kbyte_is_a_request_a_page) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::second_stage));
  m.map_second(s, address + 0x1000, host_page + 0x3000);
  m.memory.write(host_page + 0xff8, 0x1122'3344'0000'0000);
  m.memory.write(host_page + 0x3000, 0x5566'7788);
  EXPECT_TRUE(m.read(device, address + 0xffc));
  EXPECT_EQ(m.data, 0x5566'7788'1122'3344u);
}

TEST(iommu, an_access_of_which_one_page_is_blocked_writes_nothing) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  EXPECT_FALSE(m.write(device, address + 0xffc, ~std::uint64_t{0}));
  EXPECT_EQ(m.payload.current().get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(m.memory.read(host_page + 0xff8), 0u);
}

TEST(iommu, protected_memory_refuses_what_no_table_translates) {
  iommu_config c = remapping_machine::configuration({device});
  c.unit.cap |= paging::vtd::cap::plmr | paging::vtd::cap::phmr;
  remapping_machine m(c);
  m.set(0x68, 4, 0x4000'0000);
  m.set(0x6c, 4, 0x4010'0000);
  EXPECT_TRUE(m.read(device, 0x4000'0000));
  m.set(0x64, 4, 0x8000'0000);
  EXPECT_EQ(m.get(0x64, 4), 0x8000'0001u);
  EXPECT_FALSE(m.read(device, 0x4000'0000));
  EXPECT_FALSE(m.read(device, 0x401f'fff8));
  EXPECT_TRUE(m.read(device, 0x4020'0000));
  EXPECT_TRUE(m.read(device, 0x3fff'fff8));
  const translation_shape s = prepare(m, of(p::second_stage));
  m.map_second(s, address, 0x4000'0000);
  EXPECT_TRUE(m.read(device, pasid, address));  // a table translated it
  m.put_pasid(device, 6, of(p::pass_through));
  EXPECT_FALSE(m.read(device, 6, 0x4000'0000));
  EXPECT_EQ(m.get(0x34, 4), 0u);  // not a remapping fault
}

// Whether the first MByte may be read where protection is turned on and no region set up but the low one, whose limit
// is below its base.
bool first_mbyte_passes(std::uint64_t regions) {
  iommu_config c = remapping_machine::configuration({device});
  c.unit.cap |= regions;
  remapping_machine m(c);
  m.set(0x68, 4, 0x4010'0000);
  m.set(0x64, 4, 0x8000'0000);
  EXPECT_TRUE(m.read(device, 0x10'0000));
  EXPECT_TRUE(m.read(device, 0x4010'0000));
  return m.read(device, 0xf'fff8);
}
TEST(iommu, a_protected_region_at_reset_is_the_first_mbyte) {
  EXPECT_FALSE(first_mbyte_passes(paging::vtd::cap::plmr | paging::vtd::cap::phmr));
}
TEST(iommu, a_protected_region_that_the_unit_does_not_have_protects_nothing) {
  EXPECT_TRUE(first_mbyte_passes(paging::vtd::cap::plmr));
}

TEST(iommu, looking_translates_and_leaves_nothing) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::nested));
  std::uint64_t seen = 0;
  protocol::access_extension& e = m.payload.access();
  e.has_pasid = true;
  e.pasid = pasid;
  e.mode = paging::access_mode::user;
  m.settle();
  m.memory.calls = 0;
  EXPECT_EQ((*m.devices[device])->transport_dbg(m.payload.read(address, &seen, 8)), 8u);
  EXPECT_EQ(seen, 0xabcdu);
  EXPECT_EQ((*m.devices[device])->transport_dbg(m.payload.read(address + 0x1000, &seen, 8)), 0u);
  EXPECT_EQ(m.memory.calls, 0u);
  EXPECT_EQ(m.get(0x34, 4), 0u);
  EXPECT_EQ(m.unit.resolver().counts().walks, 0u);
  EXPECT_EQ(m.unit.path().parts().first_tlbs[0]->counts().faults, 0u);
  (void)s;
}

TEST(iommu, a_hit_takes_the_time_of_the_caches_and_of_memory) {
  iommu_config c = remapping_machine::configuration({device});
  c.tables.context_cache.latency_cycles = 2;
  c.tables.pasid_cache.latency_cycles = 3;
  c.iotlb.latency_cycles = 5;
  remapping_machine m(c);
  prepare(m, of(p::first_stage));
  m.read(device, pasid, address);
  m.read(device, pasid, address);
  EXPECT_EQ(m.delay, sc_core::sc_time(2 + 3 + 5 + 10, sc_core::SC_NS));
  EXPECT_EQ(m.unit.resolver().contexts().counts().hits, 1u);
  EXPECT_EQ(m.unit.resolver().pasids().counts().hits, 1u);
}

TEST(iommu, memory_errors_of_tables_are_the_specified_faults_and_lose_nothing) {
  remapping_machine m(remapping_machine::configuration({device}));
  const translation_shape s = prepare(m, of(p::nested));
  m.memory.fail(s.second_root, s.second_root + 0xfff);
  EXPECT_FALSE(m.read(device, pasid, address));
  EXPECT_EQ(m.fault_reason(), 0x7bu);
  m.memory.mend();
  m.clear_faults();
  m.memory.fail(s.first_root, s.first_root + 0xfff);
  EXPECT_FALSE(m.read(device, pasid, address));
  EXPECT_EQ(m.fault_reason(), 0x73u);
  m.memory.mend();
  m.clear_faults();
  m.memory.fail(host_page, host_page + 0xfff);
  EXPECT_FALSE(m.read(device, pasid, address));  // the data's own error: no remapping fault
  EXPECT_EQ(m.get(0x34, 4), 0u);
  m.memory.mend();
  EXPECT_TRUE(m.read(device, pasid, address));
}

// Memory refuses to set a flag, by an exchange or, where it knows none, by a write: the stage's own reason (7Dh, 91h).
TEST(iommu, flags_that_memory_refuses_to_set_are_the_specified_faults_and_lose_nothing) {
  remapping_machine m(remapping_machine::configuration({device}));
  translation_shape shape = of(p::nested);
  shape.low_bits = p::ssade;
  const translation_shape s = prepare(m, shape);
  m.map_first(s, address, guest_page, 0x7);
  struct {
    std::uint64_t entry;
    unsigned reason;
  } const cases[] = {
      {m.tables.entry(s.second_root, s.second_levels, guest_page, 1, remapping_machine::second_flags), 0x7d},
      {m.tables.entry(s.second_root, s.second_levels, s.first_root, 1, remapping_machine::second_flags), 0x7d},
      {m.tables.entry(s.first_root, s.first_levels, address, 1, remapping_machine::first_table_flags), 0x91}};
  for (const bool exchanges : {true, false}) {
    m.memory.knows_exchange = exchanges;
    for (const auto& c : cases) {
      m.memory.write(c.entry, m.memory.read(c.entry) & ~std::uint64_t{c.reason == 0x7d ? 0x300u : 0x60u});
      m.start_queue();
      m.submit(0x12);
      const std::uint64_t before = m.memory.read(c.entry);
      m.memory.fail_writes(c.entry, c.entry + 7);
      EXPECT_FALSE(m.read(device, pasid, address));
      EXPECT_EQ(m.fault_reason(), c.reason) << std::hex << c.entry;
      EXPECT_EQ(m.memory.read(c.entry), before);
      m.clear_faults();
      m.memory.mend();
      EXPECT_TRUE(m.read(device, pasid, address));
      EXPECT_EQ(m.data, 0xabcdu);
      EXPECT_NE(m.memory.read(c.entry), before);
    }
  }
}

TEST(iommu, abort_dma_mode_blocks_everything) {
  remapping_machine m(remapping_machine::configuration({device}));
  prepare(m, of(p::second_stage));
  m.set(0x20, 8, remapping_machine::root | 3u << 10);
  m.set(0x18, 4, 1u << 30 | 1u << 31);
  EXPECT_FALSE(m.read(device, address));
  EXPECT_EQ(m.fault_reason(), 0x33u);
}

TEST(iommu, a_register_access_must_be_a_dword_or_a_qword) {
  remapping_machine m(remapping_machine::configuration({device}));
  m.settle();
  std::uint64_t value = 0;
  sc_core::sc_time delay;
  m.software->b_transport(m.payload.read(0x8, &value, 2), delay);
  EXPECT_FALSE(m.payload.ok());
  m.software->b_transport(m.payload.read(0x4, &value, 8), delay);
  EXPECT_FALSE(m.payload.ok());
  EXPECT_EQ(delay, sc_core::sc_time(8, sc_core::SC_NS));
}

}  // namespace
}  // namespace nestwalk::iommu
