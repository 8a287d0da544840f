// Every page of a real machine, by the untimed walk and by the scan of the tables.
#include "image/linux_npt.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/image/mapping_census.h"
#include "nestwalk/image/mapping_scan.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::image {
namespace {

using paging::fault_kind;
using paging::rights;
using test::linux_npt;
using test::page_truth;

constexpr unsigned widest = 52;
constexpr unsigned usual = 46;

/// An image to look at: no flag is stored.
struct looked_at {
  const memory_image& image;
  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) { return image.read(at, bytes, value); }
  paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
};

void expect_rights(const page_truth& truth, rights granted) {
  EXPECT_EQ(granted.has(rights::writable), truth.guest_write) << truth.name();
  EXPECT_EQ(granted.has(rights::user), truth.guest_user) << truth.name();
  EXPECT_EQ(granted.has(rights::executable), truth.guest_execute) << truth.name();
  const bool host_writes = granted.has(rights::nested_write);
  const bool host_executes = granted.has(rights::nested_execute);
  EXPECT_EQ(host_writes, truth.host_write.value_or(host_writes)) << truth.name();
  EXPECT_EQ(host_executes, truth.host_execute.value_or(host_executes)) << truth.name();
}

class linux_npt_image : public testing::Test {
 protected:
  paging::outcome walked(const paging::domain& c, const page_truth& truth) {
    looked_at memory{*machine.image};
    const auto mode = truth.guest_user ? paging::access_mode::user : paging::access_mode::supervisor;
    return paging::two_stage_walk<looked_at>(c, memory).translate(paging::gva(truth.gva),
                                                                  {paging::access_type::read, mode});
  }
  std::vector<mapped_range> scanned(const paging::domain& c) {
    std::vector<mapped_range> ranges;
    EXPECT_TRUE(mapping_scan(c, *machine.image).run([&](const mapped_range& r) { ranges.push_back(r); }));
    return ranges;
  }

  linux_npt machine;
};

TEST_F(linux_npt_image, has_all_rows) {
  const auto of_pagemaps = std::count_if(machine.pages.begin(), machine.pages.end(),
                                         [](const page_truth& each) { return each.from_pagemaps; });
  EXPECT_EQ(of_pagemaps, 104);
  EXPECT_EQ(machine.pages.size(), 104u + 8220u);
}

TEST_F(linux_npt_image, is_walked_as_the_kernels_say) {
  const paging::domain c = machine.domain(widest);
  for (const page_truth& truth : machine.pages) {
    const paging::outcome came = walked(c, truth);
    if (!truth.hpa) {
      EXPECT_EQ(came.failure.kind, fault_kind::nested_page_fault) << truth.name();
      EXPECT_EQ(came.failure.guest_physical.value, truth.gpa) << truth.name();
      continue;
    }
    ASSERT_TRUE(came.mapped()) << truth.name();
    EXPECT_EQ(came.output.value, *truth.hpa) << truth.name();
    EXPECT_EQ(came.page.guest_size_log2, truth.guest_log2) << truth.name();
    EXPECT_EQ(came.page.nested_size_log2, truth.host_log2) << truth.name();
    EXPECT_EQ(came.page.global, truth.global.value_or(came.page.global)) << truth.name();
    expect_rights(truth, came.page.granted);
  }
}

TEST_F(linux_npt_image, has_reserved_bits_where_device_memory_is_marked_below_52_bits) {
  const paging::domain c = machine.domain(usual);
  unsigned marked = 0;
  for (const page_truth& truth : machine.pages) {
    if (!truth.is_device()) continue;
    ++marked;
    const paging::outcome came = walked(c, truth);
    EXPECT_EQ(came.failure.kind, fault_kind::nested_page_fault) << truth.name();
    EXPECT_EQ(came.failure.qualification & paging::pf::rsvd, paging::pf::rsvd) << truth.name();
  }
  EXPECT_EQ(marked, 4u);
}

TEST_F(linux_npt_image, is_scanned_as_the_kernels_say) {
  for (const unsigned width : {usual, widest}) {
    const std::vector<mapped_range> ranges = scanned(machine.domain(width));
    for (const page_truth& truth : machine.pages) {
      const auto above = std::upper_bound(ranges.begin(), ranges.end(), truth.gva,
                                          [](std::uint64_t at, const auto& r) { return at < r.first.value; });
      ASSERT_NE(above, ranges.begin()) << truth.name();
      const mapped_range& r = *(above - 1);
      const std::uint64_t offset = truth.gva - r.first.value;
      ASSERT_LT(offset, r.bytes) << truth.name();
      EXPECT_EQ(r.guest_physical.value + (r.one_page ? 0 : offset), truth.gpa) << truth.name();
      EXPECT_EQ(r.guest_size_log2, truth.guest_log2) << truth.name();
      if (!truth.hpa || (truth.is_device() && width < widest)) {
        EXPECT_EQ(r.why.kind, fault_kind::nested_page_fault) << truth.name();
        continue;
      }
      ASSERT_TRUE(r.mapped()) << truth.name();
      EXPECT_EQ(r.host_physical.value + (r.one_page ? 0 : offset), *truth.hpa) << truth.name();
      EXPECT_EQ(r.nested_size_log2, truth.host_log2) << truth.name();
      EXPECT_EQ(r.global, truth.global.value_or(r.global)) << truth.name();
      expect_rights(truth, r.granted);
    }
  }
}

TEST_F(linux_npt_image, maps_nothing_else) {
  std::uint64_t guest_pages = 0;
  for (const mapped_range& r : scanned(machine.domain(widest))) {
    ASSERT_TRUE(r.known_to_guest());
    guest_pages += r.bytes >> (r.mapped() ? r.page_log2() : r.guest_size_log2);
  }
  EXPECT_EQ(guest_pages, 8220u);
}

TEST_F(linux_npt_image, is_counted_by_the_sizes_of_both_stages) {
  mapping_census census;
  for (const mapped_range& r : scanned(machine.domain(widest))) census.add(r);
  census.finish();
  const auto& sizes = census.by_size();
  ASSERT_EQ(sizes.size(), 3u);
  EXPECT_EQ(sizes.at({12, 21}).pages, 7641u);
  EXPECT_EQ(sizes.at({21, 21}).pages, 62u);
  EXPECT_EQ(sizes.at({12, 12}).pages, 481u);
  EXPECT_EQ(census.not_backed_bytes().at(12), 36u * 4096);
  EXPECT_EQ(census.by_large_page().at(21).whole, 62u);
  EXPECT_EQ(census.by_large_page().at(21).splintered, 0u);
}

}  // namespace
}  // namespace nestwalk::image
