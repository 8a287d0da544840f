// DMI grants of devices: what is granted, and which invalidation takes back which.
#include <gtest/gtest.h>

#include "iommu/remapping_machine.h"

namespace nestwalk::iommu {
namespace {

using test::remapping_machine;
using test::translation_shape;
using asked = remapping_machine::asked;
using ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
namespace p = paging::vtd::pasid_entry;

constexpr std::uint16_t disk = 0x0113;
constexpr std::uint16_t card = 0x0220;
constexpr std::uint32_t pasid = 0x12345;
constexpr std::uint32_t other_pasid = 0x00345;  // the same in its low 12 bits
constexpr std::uint64_t address = 0x4020'1000;
constexpr std::uint64_t next_page = address + 0x1000;
constexpr std::uint64_t host_page = 0x5000;

constexpr std::uint64_t queued_domain(std::uint64_t id) {
  return id << 16;
}
constexpr std::uint64_t queued_pasid(std::uint64_t of) {
  return of << 32;
}
const std::pair<std::uint64_t, std::uint64_t> page{address, address + 0xfff};
const std::pair<std::uint64_t, std::uint64_t> page_after{next_page, next_page + 0xfff};

asked at(std::uint64_t where, bool write = false) {
  asked a;
  a.address = where;
  a.write = write;
  return a;
}
asked with_pasid(std::uint32_t of, std::uint64_t where, bool keys_grants = false) {
  asked a = at(where);
  a.has_pasid = true;
  a.pasid = of;
  a.keys_grants = keys_grants;
  return a;
}

// Two devices in domains of their own, with memory that grants.
class device_grants : public testing::Test {
 protected:
  device_grants() : device_grants(configuration()) {}
  explicit device_grants(const iommu_config& c) : m(c) { m.memory.grants_dmi = true; }

  static iommu_config configuration() {
    iommu_config c = remapping_machine::configuration({disk, card});
    c.unit.cap |= paging::vtd::cap::plmr | paging::vtd::cap::phmr;
    return c;
  }
  translation_shape prepare(std::uint16_t device, std::uint16_t domain, unsigned pgtt = p::second_stage) {
    translation_shape s;
    s.pgtt = pgtt;
    s.domain = domain;
    s.second_root = m.tables.frame();
    s.first_root = m.tables.frame();
    m.put_context(device);
    for (const std::uint32_t each : {std::uint32_t{0}, pasid, other_pasid}) m.put_pasid(device, each, s);
    for (const std::uint64_t offset : {0u, 0x1000u})
      if (pgtt == p::second_stage)
        m.map_second(s, address + offset, host_page + offset);
      else if (pgtt == p::first_stage)
        m.map_first(s, address + offset, host_page + offset);
    return s;
  }
  // Both devices hold a grant of the page.
  void both_granted(unsigned pgtt = p::second_stage) {
    prepare(disk, 1, pgtt);
    prepare(card, 2, pgtt);
    m.enable(true);
    m.start_queue();
    ASSERT_TRUE(m.ask_grant(disk, at(address)));
    ASSERT_TRUE(m.ask_grant(card, at(address)));
  }
  const ranges& lost(std::uint16_t device) { return m.heard[device].taken_back; }

  remapping_machine m;
};

TEST_F(device_grants, are_of_the_page_with_the_rights_of_the_entries) {
  const translation_shape s = prepare(disk, 1);
  m.map_second(s, next_page, host_page + 0x1000, /*flags=*/1);
  m.enable(true);
  ASSERT_TRUE(m.ask_grant(disk, at(address + 0x10)));
  EXPECT_EQ(m.grant.get_start_address(), address);
  EXPECT_EQ(m.grant.get_end_address(), address + 0xfff);
  EXPECT_EQ(m.grant.get_dmi_ptr(), m.memory.at(host_page));
  EXPECT_TRUE(m.grant.is_read_write_allowed());
  ASSERT_TRUE(m.ask_grant(disk, at(next_page)));
  EXPECT_FALSE(m.grant.is_write_allowed());
  EXPECT_FALSE(m.ask_grant(disk, at(next_page, /*write=*/true)));
}

TEST_F(device_grants, are_not_given_where_a_request_would_be_blocked) {
  const translation_shape s = prepare(disk, 1);
  m.map_second(s, address + 0x2000, 0xfee0'0000);
  m.enable(true);
  EXPECT_FALSE(m.ask_grant(disk, at(address + 0x3000)));
  EXPECT_FALSE(m.ask_grant(disk, at(address + 0x2000)));
  EXPECT_FALSE(m.ask_grant(disk, at(0xfee0'0000, /*write=*/true)));
  EXPECT_FALSE(m.ask_grant(card, at(address)));
  EXPECT_EQ(m.get(0x34, 4), 0u) << "and nothing is recorded";
  EXPECT_EQ(m.unit.resolver().counts().walks, 0u);
}

TEST_F(device_grants, are_not_given_for_interrupts_while_translation_is_off) {
  EXPECT_FALSE(m.ask_grant(disk, at(0xfee0'0000, /*write=*/true)));
  EXPECT_TRUE(m.ask_grant(disk, at(address)));
}

TEST_F(device_grants, wait_for_accessed_and_dirty_flags) {
  translation_shape s = prepare(disk, 1);
  s.low_bits = p::ssade;
  m.put_pasid(disk, 0, s);
  m.enable(true);
  EXPECT_FALSE(m.ask_grant(disk, at(address)));
  EXPECT_TRUE(m.read(disk, address));
  ASSERT_TRUE(m.ask_grant(disk, at(address)));
  EXPECT_FALSE(m.grant.is_write_allowed());
  EXPECT_TRUE(m.write(disk, address, 1));
  ASSERT_TRUE(m.ask_grant(disk, at(address, /*write=*/true)));
  EXPECT_TRUE(m.grant.is_write_allowed());
}

TEST_F(device_grants, go_with_a_domain_selective_iotlb_invalidation) {
  both_granted();
  m.submit(2 | 2 << 4 | queued_domain(3));
  EXPECT_TRUE(lost(disk).empty());
  m.submit(2 | 2 << 4 | queued_domain(1));
  EXPECT_EQ(lost(disk), ranges{page});
  EXPECT_TRUE(lost(card).empty());
}

TEST_F(device_grants, go_with_a_page_selective_iotlb_invalidation) {
  both_granted();
  ASSERT_TRUE(m.ask_grant(disk, at(next_page)));
  m.submit(2 | 3 << 4 | queued_domain(1), next_page);
  EXPECT_EQ(lost(disk), ranges{page_after});
  EXPECT_TRUE(lost(card).empty());
}

TEST_F(device_grants, go_with_an_invalidation_in_registers) {
  for (const std::uint16_t device : {disk, card}) {
    translation_shape s;
    s.domain = device == disk ? 1 : 2;
    s.second_root = m.tables.frame();
    m.put_legacy(device, s);
    m.map_second(s, address, host_page);
  }
  m.enable(false);
  asked of_disk = at(address);
  of_disk.has_pasid = false;
  ASSERT_TRUE(m.ask_grant(disk, of_disk));
  ASSERT_TRUE(m.ask_grant(card, of_disk));
  m.iotlb_command();
  EXPECT_EQ(lost(disk), ranges{page});
  EXPECT_EQ(lost(card), ranges{page});
}

TEST_F(device_grants, go_with_a_pasid_based_iotlb_invalidation) {
  prepare(disk, 1, p::first_stage);
  m.enable(true);
  m.start_queue();
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(pasid, address, /*keys_grants=*/true)));
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(other_pasid, next_page, /*keys_grants=*/true)));
  m.submit(6 | 2 << 4 | queued_domain(1) | queued_pasid(other_pasid));
  EXPECT_EQ(lost(disk), ranges{page_after});
  m.submit(6 | 3 << 4 | queued_domain(1) | queued_pasid(pasid), next_page);
  EXPECT_EQ(lost(disk), ranges{page_after});
  m.submit(6 | 3 << 4 | queued_domain(1) | queued_pasid(pasid), address);
  EXPECT_EQ(lost(disk), (ranges{page_after, page}));
}

TEST_F(device_grants, go_with_a_context_invalidation_of_their_device) {
  both_granted();
  m.submit(1 | 3 << 4 | std::uint64_t{card} << 32);
  EXPECT_TRUE(lost(disk).empty());
  EXPECT_EQ(lost(card), ranges{page});
  m.submit(1 | 1 << 4);
  EXPECT_EQ(lost(disk), ranges{page});
}

TEST_F(device_grants, go_with_a_context_invalidation_of_their_domain) {
  for (const std::uint16_t device : {disk, card}) {
    translation_shape s;
    s.domain = device == disk ? 1 : 2;
    s.second_root = m.tables.frame();
    m.put_legacy(device, s);
    m.map_second(s, address, host_page);
  }
  m.enable(false);
  ASSERT_TRUE(m.ask_grant(disk, at(address)));
  ASSERT_TRUE(m.ask_grant(card, at(address)));
  m.set(0x28, 8, std::uint64_t{1} << 63 | std::uint64_t{2} << 61 | 2);
  EXPECT_TRUE(lost(disk).empty());
  EXPECT_EQ(lost(card), ranges{page});
}

TEST_F(device_grants, go_with_a_pasid_cache_invalidation) {
  prepare(disk, 1);
  m.enable(true);
  m.start_queue();
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(pasid, address, /*keys_grants=*/true)));
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(other_pasid, next_page, /*keys_grants=*/true)));
  m.submit(7 | 1 << 4 | queued_domain(1) | queued_pasid(pasid));
  EXPECT_EQ(lost(disk), ranges{page});
  m.submit(7 | 0 << 4 | queued_domain(2));
  EXPECT_EQ(lost(disk), ranges{page});
  m.submit(7 | 0 << 4 | queued_domain(1));
  EXPECT_EQ(lost(disk), (ranges{page, page_after}));
}

TEST_F(device_grants, of_one_page_for_two_pasids_go_each_by_its_own) {
  prepare(disk, 1);
  m.enable(true);
  m.start_queue();
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(pasid, address, /*keys_grants=*/true)));
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(other_pasid, address, /*keys_grants=*/true)));
  m.submit(7 | 1 << 4 | queued_domain(1) | queued_pasid(pasid));
  m.submit(7 | 1 << 4 | queued_domain(1) | queued_pasid(other_pasid));
  EXPECT_EQ(lost(disk), (ranges{page, page}));
}

TEST_F(device_grants, go_when_translation_is_turned_on_or_off) {
  const std::pair<std::uint64_t, std::uint64_t> untranslated{0x9000, 0x9fff};
  ASSERT_TRUE(m.ask_grant(disk, at(0x9000)));
  both_granted();
  EXPECT_EQ(lost(disk), ranges{untranslated});
  m.disable();
  EXPECT_EQ(lost(disk), (ranges{untranslated, page}));
  EXPECT_EQ(lost(card), ranges{page});
}

TEST_F(device_grants, go_when_the_root_table_is_set_anew) {
  both_granted();
  m.set(0x18, 4, 1u << 30 | 1u << 31);
  EXPECT_EQ(lost(disk), ranges{page});
}

TEST_F(device_grants, of_what_no_table_translates_go_when_memory_becomes_protected) {
  const translation_shape s = prepare(disk, 1);
  prepare(card, 2, p::pass_through);
  m.map_second(s, address, 0x4000'0000);
  m.set(0x68, 4, 0x4000'0000);
  m.set(0x6c, 4, 0x4010'0000);
  m.enable(true);
  ASSERT_TRUE(m.ask_grant(disk, at(address)));
  ASSERT_TRUE(m.ask_grant(card, at(0x4000'0000)));
  ASSERT_TRUE(m.ask_grant(card, at(0x4020'0000)));
  m.set(0x64, 4, 0x8000'0000);
  EXPECT_TRUE(lost(disk).empty());
  EXPECT_EQ(lost(card), (ranges{{0x4000'0000, 0x4000'0fff}}));
  EXPECT_FALSE(m.ask_grant(card, at(0x4000'0000)));
  EXPECT_TRUE(m.ask_grant(disk, at(address)));
  m.set(0x6c, 4, 0x4020'0000);
  EXPECT_EQ(lost(card).back(), (std::pair<std::uint64_t, std::uint64_t>{0x4020'0000, 0x4020'0fff}));
}

TEST_F(device_grants, that_are_not_kept_by_context_go_when_another_pasid_comes_by) {
  prepare(disk, 1);
  m.enable(true);
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(pasid, address)));
  ASSERT_TRUE(m.ask_grant(disk, with_pasid(pasid, next_page, /*keys_grants=*/true)));
  EXPECT_TRUE(m.read(disk, pasid, address));
  EXPECT_TRUE(lost(disk).empty());
  EXPECT_TRUE(m.read(disk, other_pasid, address));
  EXPECT_EQ(lost(disk), ranges{page});
}

TEST_F(device_grants, go_with_the_memory_that_they_are_of) {
  both_granted();
  ASSERT_TRUE(m.ask_grant(disk, at(next_page)));
  m.memory.take_back(host_page + 0x1000, host_page + 0x1fff);
  EXPECT_EQ(lost(disk), ranges{page_after});
  EXPECT_TRUE(lost(card).empty());
}

TEST_F(device_grants, add_what_a_request_takes_that_finds_everything_cached) {
  prepare(disk, 1);
  m.enable(true);
  EXPECT_TRUE(m.read(disk, address));
  EXPECT_TRUE(m.read(disk, address));
  const sc_core::sc_time taken = m.delay;
  ASSERT_TRUE(m.ask_grant(disk, at(address)));
  EXPECT_EQ(m.grant.get_read_latency(), taken);
}

}  // namespace
}  // namespace nestwalk::iommu
