// Descriptors of the invalidation queue: their fields, and what makes one invalid.
#include "nestwalk/paging/vtd_descriptor.h"

#include <gtest/gtest.h>

#include "device_table_world.h"

namespace nestwalk::paging::vtd {
namespace {

using test::everything;

constexpr queue_mode narrow{false, false};
constexpr queue_mode wide{true, true};

descriptor taken(const descriptor_qwords& raw, const queue_mode& mode = wide) {
  descriptor d;
  EXPECT_EQ(decode(raw, everything(), mode, d), queue_error::none);
  return d;
}
queue_error refused(const descriptor_qwords& raw, const queue_mode& mode = wide,
                    const unit_capabilities& unit = everything()) {
  descriptor d;
  return decode(raw, unit, mode, d);
}

TEST(vtd_descriptor, context_cache_names_domain_source_and_function_mask) {
  const descriptor d = taken({0x0002'abcd'1234'0031, 0, 0, 0});
  EXPECT_EQ(d.type, descriptor_type::context_cache);
  EXPECT_EQ(d.how, granularity::selective);
  EXPECT_EQ(d.domain, 0x1234);
  EXPECT_EQ(d.source, 0xabcd);
  EXPECT_EQ(d.function_mask, 2);
}

TEST(vtd_descriptor, iotlb_names_a_range_and_the_hint) {
  const descriptor d = taken({0x1234'00f2, 0x7654'3000 | 0x40 | 3, 0, 0});
  EXPECT_EQ(d.how, granularity::selective);
  EXPECT_EQ(d.domain, 0x1234);
  EXPECT_EQ(d.size_log2, 15);
  EXPECT_EQ(d.address, 0x7654'0000u);
  EXPECT_TRUE(d.hint);
  EXPECT_TRUE(d.drains_reads);
  EXPECT_TRUE(d.drains_writes);
}

TEST(vtd_descriptor, the_address_mask_goes_up_to_the_advertised_largest) {
  EXPECT_EQ(taken({0x32, 18, 0, 0}).size_log2, 30);
  EXPECT_EQ(refused({0x32, 19, 0, 0}), queue_error::reserved_field);
  EXPECT_EQ(taken({0x22, 63, 0, 0}).how, granularity::domain);  // no range: the mask says nothing
}

TEST(vtd_descriptor, a_range_of_a_pasid_may_have_any_mask) {
  unit_capabilities unit = everything();
  unit.cap &= ~cap::psi;
  descriptor d;
  EXPECT_EQ(decode({0x36, 0x7000'0000 | 40, 0, 0}, unit, wide, d), queue_error::none);
  EXPECT_EQ(d.size_log2, 52);
  EXPECT_EQ(decode({0x36, 63, 0, 0}, unit, wide, d), queue_error::none);
  EXPECT_EQ(d.size_log2, 64);
  EXPECT_EQ(decode({0x32, 0, 0, 0}, unit, wide, d), queue_error::reserved_field);
}

TEST(vtd_descriptor, domain_bits_that_the_unit_does_not_have_are_ignored) {
  unit_capabilities unit = everything();
  unit.cap = (unit.cap & ~std::uint64_t{7}) | 2;  // 8 bits
  for (const std::uint64_t type : {0x21, 0x22, 0x26, 0x07}) {
    descriptor d;
    EXPECT_EQ(decode({type | 0xab34'0000, 0, 0, 0}, unit, wide, d), queue_error::none);
    EXPECT_EQ(d.domain, 0x34) << type;
  }
}

TEST(vtd_descriptor, address_bits_beyond_the_guest_width_are_ignored_in_a_range_of_a_domain) {
  unit_capabilities unit = everything();
  unit.cap = (unit.cap & ~(std::uint64_t{0x3f} << cap::mgaw)) | std::uint64_t{47} << cap::mgaw;
  descriptor d;
  EXPECT_EQ(decode({0x32, 0xffff'0000'1234'5000, 0, 0}, unit, wide, d), queue_error::none);
  EXPECT_EQ(d.address, 0x1234'5000u);
  EXPECT_EQ(decode({0x36, 0xffff'8000'1234'5000, 0, 0}, unit, wide, d), queue_error::none);
  EXPECT_EQ(d.address, 0xffff'8000'1234'5000u);
}

TEST(vtd_descriptor, pasids_have_20_bits) {
  EXPECT_EQ(taken({0x000f'ffff'1234'0026, 0, 0, 0}).pasid, 0xfffffu);
  EXPECT_EQ(taken({0x000a'bcde'1234'0017, 0, 0, 0}).pasid, 0xabcdeu);
  EXPECT_EQ(refused({0x0010'0000'0000'0026, 0, 0, 0}), queue_error::reserved_field);
}

TEST(vtd_descriptor, wait_names_what_it_does) {
  const descriptor d = taken({0xdead'beef'0000'0075, 0x4444, 0, 0});
  EXPECT_TRUE(d.interrupts);
  EXPECT_TRUE(d.writes_status);
  EXPECT_TRUE(d.fence);
  EXPECT_EQ(d.status, 0xdeadbeefu);
  EXPECT_EQ(d.status_address, 0x4444u);
}

TEST(vtd_descriptor, device_tlb_sizes_stand_in_the_address) {
  EXPECT_EQ(taken({0x0113'0000'0003, 0x5000, 0, 0}).size_log2, 12);
  const descriptor d = taken({0x0113'0000'0003, 0x7000 | 1, 0, 0});
  EXPECT_EQ(d.size_log2, 16);
  EXPECT_EQ(d.address, 0u);
  EXPECT_EQ(d.source, 0x113);
  const descriptor all = taken({0x0113'0000'0003, 0x7fff'ffff'ffff'f000 | 1, 0, 0});
  EXPECT_EQ(all.size_log2, 64);
}

TEST(vtd_descriptor, each_invalid_one_says_why) {
  struct {
    const char* what;
    descriptor_qwords raw;
    queue_error why;
  } const cases[] = {
      {"type 0", {0, 0, 0, 0}, queue_error::type_invalid},
      {"type 4", {4, 0, 0, 0}, queue_error::type_invalid},
      {"type 9", {9, 0, 0, 0}, queue_error::type_invalid},
      {"type 18", {0x202, 0, 0, 0}, queue_error::type_invalid},
      {"context granularity 0", {1, 0, 0, 0}, queue_error::reserved_field},
      {"context bit 50", {std::uint64_t{1} << 50 | 0x11, 0, 0, 0}, queue_error::reserved_field},
      {"context qword 1", {0x11, 1, 0, 0}, queue_error::reserved_field},
      {"iotlb granularity 0", {2, 0, 0, 0}, queue_error::reserved_field},
      {"iotlb bit 32", {0x1'0000'0012, 0, 0, 0}, queue_error::reserved_field},
      {"iotlb qword 1 bit 7", {0x12, 0x80, 0, 0}, queue_error::reserved_field},
      {"pasid iotlb granularity 1", {0x16, 0, 0, 0}, queue_error::reserved_field},
      {"pasid cache granularity 2", {0x27, 0, 0, 0}, queue_error::reserved_field},
      {"wait bit 8", {0x105, 0, 0, 0}, queue_error::reserved_field},
      {"wait page drain", {0x85, 0, 0, 0}, queue_error::reserved_field},
      {"wait address bit 1", {0x25, 2, 0, 0}, queue_error::reserved_field},
      {"device TLB, physical function, low", {0x1003, 0, 0, 0}, queue_error::reserved_field},
      {"device TLB, physical function", {std::uint64_t{1} << 52 | 3, 0, 0, 0}, queue_error::reserved_field},
      {"PASID device TLB, physical function, low", {0x1008, 0, 0, 0}, queue_error::reserved_field},
      {"PASID device TLB, physical function", {std::uint64_t{1} << 63 | 8, 0, 0, 0}, queue_error::reserved_field},
      {"upper half", {0x12, 0, 1, 0}, queue_error::reserved_field},
  };
  for (const auto& c : cases) EXPECT_EQ(refused(c.raw), c.why) << c.what;
}

TEST(vtd_descriptor, pasid_types_need_scalable_tables) {
  EXPECT_EQ(refused({0x26, 0, 0, 0}, narrow), queue_error::type_invalid);
  EXPECT_EQ(refused({0x37, 0, 0, 0}, narrow), queue_error::type_invalid);
  unit_capabilities unit = everything();
  unit.ecap &= ~ecap::smts;
  EXPECT_EQ(refused({0x26, 0, 0, 0}, narrow, unit), queue_error::type_invalid);
}

TEST(vtd_descriptor, device_tlb_types_need_the_capability) {
  unit_capabilities unit = everything();
  unit.ecap &= ~ecap::dt;
  EXPECT_EQ(refused({3, 0, 0, 0}, wide, unit), queue_error::type_invalid);
  EXPECT_EQ(refused({8, 0, 0, 0}, wide, unit), queue_error::type_invalid);
}

TEST(vtd_descriptor, a_function_mask_masks_function_bits_from_the_top) {
  EXPECT_EQ(compared_source_bits(0), 0xffff);
  EXPECT_EQ(compared_source_bits(1), 0xfffb);
  EXPECT_EQ(compared_source_bits(2), 0xfff9);
  EXPECT_EQ(compared_source_bits(3), 0xfff8);
}

}  // namespace
}  // namespace nestwalk::paging::vtd
