// What a scan finds in tables made by hand: formats that the real image lacks, and tables that nobody would make.
#include "nestwalk/image/mapping_scan.h"

#include <vector>

#include <gtest/gtest.h>

#include "image/image_builder.h"
#include "support/two_stage_tables.h"
#include "workload/trace_files.h"

namespace nestwalk::image {
namespace {

using nestwalk::test::tables_in;
using nestwalk::test::two_stage_tables;
using nestwalk::test::leaf::x86;
using paging::fault_kind;
using paging::nested_kind;
using paging::page_1g;
using paging::page_2m;
using paging::page_4k;
using paging::rights;
using test::image_builder;

constexpr std::uint64_t gib = std::uint64_t{1} << 30;
constexpr std::uint64_t mib = std::uint64_t{1} << 20;

/// Tables in an image, and the scan of it.
struct hand_made {
  explicit hand_made(const two_stage_tables::config& c = {}) : tables(tables_in(memory), c) {}

  std::unique_ptr<memory_image> image() const {
    const workload::test::temporary_file file(test::elf_core(memory).file());
    return memory_image::open(file.path());
  }
  std::vector<mapped_range> scan() { return scan(tables.domain()); }
  std::vector<mapped_range> scan(const paging::domain& c, const scan_limits& limits = {}) {
    std::vector<mapped_range> found;
    const auto bytes = image();
    mapping_scan scan(c, *bytes, limits);
    complete = scan.run([&](const mapped_range& r) { found.push_back(r); });
    return found;
  }

  image_builder memory;
  two_stage_tables tables;
  bool complete = false;
};

two_stage_tables::config with(nested_kind format, unsigned guest_levels = 4, unsigned nested_levels = 4) {
  two_stage_tables::config c;
  c.format = format;
  c.guest_levels = guest_levels;
  c.nested_levels = nested_levels;
  return c;
}

void expect(const mapped_range& r, std::uint64_t gva, std::uint64_t bytes, std::uint64_t gpa, unsigned guest_log2,
            unsigned nested_log2) {
  EXPECT_EQ(r.first.value, gva);
  EXPECT_EQ(r.bytes, bytes);
  EXPECT_EQ(r.guest_physical.value, gpa);
  EXPECT_EQ(r.guest_size_log2, guest_log2);
  EXPECT_EQ(r.nested_size_log2, nested_log2);
}

TEST(mapping_scan, finds_every_size_of_both_stages_in_both_formats) {
  for (const nested_kind format : {nested_kind::ept, nested_kind::npt}) {
    for (const unsigned guest_log2 : {page_4k, page_2m, page_1g}) {
      for (const unsigned nested_log2 : {page_2m, page_1g}) {
        hand_made m(with(format));
        m.tables.map(5 * gib, 7 * gib, guest_log2, nested_log2);
        const auto found = m.scan();
        ASSERT_EQ(found.size(), 1u) << guest_log2 << " over " << nested_log2;
        expect(found[0], 5 * gib, std::uint64_t{1} << guest_log2, 7 * gib, guest_log2, nested_log2);
        EXPECT_EQ(found[0].host_physical.value, m.tables.hpa_of(7 * gib));
        EXPECT_TRUE(found[0].mapped());
      }
    }
  }
}

TEST(mapping_scan, goes_through_five_levels_of_both_stages) {
  hand_made m(with(nested_kind::ept, 5, 5));
  const std::uint64_t high = 0xff80'0000'0000'0000;
  const std::uint64_t far = std::uint64_t{1} << 45;
  m.tables.map(std::uint64_t{1} << 50, 7 * gib);
  m.tables.map(high, far, page_2m, page_2m);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 2u);
  expect(found[0], std::uint64_t{1} << 50, 4096, 7 * gib, page_4k, page_4k);
  expect(found[1], high, 2 * mib, far, page_2m, page_2m);
}

TEST(mapping_scan, goes_through_a_machine_without_a_second_stage) {
  two_stage_tables::config c;
  c.nested = false;
  hand_made m(c);
  m.tables.map(5 * gib, 7 * gib, page_1g);
  m.tables.map(0xffff'8000'0000'0000, 4096);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 2u);
  expect(found[0], 5 * gib, gib, 7 * gib, page_1g, 63);
  EXPECT_EQ(found[0].host_physical.value, 7 * gib);
  expect(found[1], 0xffff'8000'0000'0000, 4096, 4096, page_4k, 63);
}

TEST(mapping_scan, makes_neighbours_that_are_alike_one_range) {
  hand_made m;
  for (std::uint64_t i = 0; i < 700; ++i) m.tables.map(gib + i * 4096, 2 * gib + i * 4096);
  m.tables.map(gib + 700 * 4096, 9 * gib);
  m.tables.map(gib + 701 * 4096, 9 * gib + 4096, page_4k, page_4k, x86 & ~paging::x86_entry::rw);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 3u);
  expect(found[0], gib, 700 * 4096, 2 * gib, page_4k, page_4k);
  expect(found[1], gib + 700 * 4096, 4096, 9 * gib, page_4k, page_4k);
  EXPECT_TRUE(found[1].granted.has(rights::writable));
  EXPECT_FALSE(found[2].granted.has(rights::writable));
}

TEST(mapping_scan, shows_where_the_host_splinters_a_guests_large_page) {
  hand_made m;
  m.tables.map(gib, 2 * gib, page_2m, page_4k);
  m.tables.nested.unmap(2 * gib + 5 * 4096);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 3u);
  expect(found[0], gib, 5 * 4096, 2 * gib, page_2m, page_4k);
  expect(found[1], gib + 5 * 4096, 4096, 2 * gib + 5 * 4096, page_2m, 63);
  EXPECT_EQ(found[1].why.kind, fault_kind::ept_violation);
  expect(found[2], gib + 6 * 4096, 506 * 4096, 2 * gib + 6 * 4096, page_2m, page_4k);
}

TEST(mapping_scan, gives_what_the_second_stage_lacks_as_one_range_however_large) {
  hand_made m;
  m.tables.guest.map(5 * gib, 600 * gib, page_1g, x86);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 1u);
  expect(found[0], 5 * gib, gib, 600 * gib, page_1g, 63);
  EXPECT_FALSE(found[0].mapped());
}

TEST(mapping_scan, finds_pages_that_can_only_be_executed) {
  hand_made m;
  m.tables.guest.map(gib, 2 * gib, page_4k, x86);
  m.tables.back(2 * gib, page_4k, paging::ept_entry::x | 6u << paging::ept_entry::type_shift);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].mapped());
  EXPECT_FALSE(found[0].granted.has(rights::nested_read));
  EXPECT_TRUE(found[0].granted.has(rights::nested_execute));
}

TEST(mapping_scan, sets_no_flag) {
  hand_made m(with(nested_kind::npt));
  m.tables.map(gib, 2 * gib, page_4k, page_4k, nestwalk::test::leaf::x86_clean);
  const auto bytes = m.image();
  mapping_scan(m.tables.domain(), *bytes).run([](const mapped_range&) {});
  std::uint64_t entry = 0;
  ASSERT_TRUE(bytes->read(paging::hpa(m.tables.hpa_of(m.tables.guest.entry_address(gib, 1))), 8, entry));
  EXPECT_EQ(entry & (paging::x86_entry::a | paging::x86_entry::d), 0u);
}

TEST(mapping_scan, shows_entries_that_break_a_rule) {
  hand_made m;
  m.tables.map(gib, 2 * gib);
  m.tables.map(3 * gib, 4 * gib);
  m.tables.guest.set_flags(gib, 1, std::uint64_t{1} << 51);
  m.tables.nested.set_flags(4 * gib, 1, 7u << paging::ept_entry::type_shift);
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].why.kind, fault_kind::page_fault);
  EXPECT_EQ(found[0].why.error_code & paging::pf::rsvd, paging::pf::rsvd);
  EXPECT_FALSE(found[0].known_to_guest());
  EXPECT_EQ(found[1].why.kind, fault_kind::ept_misconfiguration);
}

TEST(mapping_scan, shows_tables_that_the_image_lacks) {
  hand_made m;
  m.tables.map(gib, 2 * gib);
  m.tables.map(3 * gib, 4 * gib);
  const std::uint64_t lowest = m.tables.guest.entry_address(gib, 1) & ~std::uint64_t{4095};
  m.memory.remove(m.tables.hpa_of(lowest));
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].why.kind, fault_kind::memory_error);
  EXPECT_EQ(found[0].first.value, gib);
  EXPECT_EQ(found[0].bytes, 2 * mib);
  EXPECT_EQ(found[0].why.entry.value, m.tables.hpa_of(lowest));
  EXPECT_TRUE(found[1].mapped());
}

TEST(mapping_scan, shows_tables_that_the_second_stage_does_not_map) {
  hand_made m;
  m.tables.map(gib, 2 * gib);
  m.tables.nested.unmap(m.tables.guest.entry_address(gib, 2));
  const auto found = m.scan();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].why.kind, fault_kind::ept_violation);
  EXPECT_EQ(found[0].bytes, gib);
}

TEST(mapping_scan, ends_where_a_root_is_not_in_the_image) {
  hand_made m;
  m.tables.map(gib, 2 * gib);
  paging::domain c = m.tables.domain();
  c.nested.root = paging::hpa(0x1234'5000);
  const auto found = m.scan(c);
  ASSERT_EQ(found.size(), 2u) << "the lower and the upper half";
  EXPECT_EQ(found[0].why.kind, fault_kind::memory_error);
  EXPECT_EQ(found[0].bytes, std::uint64_t{1} << 47);
}

TEST(mapping_scan, goes_through_a_root_that_refers_to_itself) {
  two_stage_tables::config c;
  c.nested = false;
  hand_made m(c);
  m.tables.map(gib, 2 * gib);
  const std::uint64_t root = m.tables.guest.root();
  m.memory.write(root + 8 * 511, root | x86);  // as some kernels do
  const auto found = m.scan();
  EXPECT_TRUE(m.complete);
  ASSERT_EQ(found.size(), 5u) << "the page, and the tables of each level as pages";
  EXPECT_EQ(found[0].first.value, gib);
  EXPECT_EQ(found[4].first.value, 0xffff'ffff'ffff'f000);
  EXPECT_EQ(found[4].guest_physical.value, root);
}

TEST(mapping_scan, goes_through_a_root_all_of_whose_entries_refer_to_itself) {
  two_stage_tables::config c;
  c.nested = false;
  hand_made m(c);
  const std::uint64_t root = m.tables.guest.root();
  for (unsigned i = 0; i < 512; ++i) m.memory.write(root + 8 * i, root | x86);
  const auto found = m.scan();
  EXPECT_TRUE(m.complete);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].one_page);
  EXPECT_EQ(found[0].bytes, std::uint64_t{1} << 47);
  EXPECT_EQ(found[1].first.value, 0xffff'8000'0000'0000);
  EXPECT_EQ(found[1].bytes, std::uint64_t{1} << 47);
}

TEST(mapping_scan, gives_up_on_tables_that_map_without_end) {
  two_stage_tables::config c;
  c.nested = false;
  hand_made m(c);
  const std::uint64_t root = m.tables.guest.root();
  const std::uint64_t other = root + 4096;
  for (unsigned i = 0; i < 512; ++i) {
    m.memory.write(root + 8 * i, (i % 2 != 0 ? root : other) | x86);
    m.memory.write(other + 8 * i, (i % 3 != 0 ? root : other) | x86);
  }
  scan_limits few;
  few.tables = 100;
  std::uint64_t mapped = 0;
  for (const mapped_range& r : m.scan(m.tables.domain(), few)) mapped += r.bytes;
  EXPECT_FALSE(m.complete);
  EXPECT_GT(mapped, 0u) << "what was found until then is given";

  scan_limits small;
  small.pieces = 1000;
  m.scan(m.tables.domain(), small);
  EXPECT_FALSE(m.complete);
}

TEST(mapping_scan, goes_through_32_bit_and_pae_tables) {
  image_builder memory;
  const auto scan = [&](const paging::paging_registers& r) {
    const workload::test::temporary_file file(test::elf_core(memory).file());
    const auto image = memory_image::open(file.path());
    paging::domain c;
    c.guest = paging::decode_guest(r, {});
    std::vector<mapped_range> found;
    EXPECT_TRUE(mapping_scan(c, *image).run([&](const mapped_range& each) { found.push_back(each); }));
    return found;
  };
  paging::paging_registers r;
  r.cr0 = paging::cr0::pg | paging::cr0::pe;
  r.cr4 = paging::cr4::pse;
  r.cr3 = 0x1000;
  memory.write(0x1000 + 4 * 768, 0x0040'0083);  // 4 MBytes at 3 GiB to 4 MiB
  memory.write(0x1000, 0x2003);
  memory.write(0x2000 + 8, 0x5003);
  auto found = scan(r);
  ASSERT_EQ(found.size(), 2u);
  expect(found[0], 0x2000, 4096, 0x5000, page_4k, 63);
  expect(found[1], 3 * gib, 4 * mib, 4 * mib, paging::page_4m, 63);

  r.cr4 = paging::cr4::pae;
  r.pdpte = {0, 0x2001, 0, 0x2001};
  memory.write(0x2000 + 8, 0x60'0083);
  found = scan(r);
  ASSERT_EQ(found.size(), 2u);
  expect(found[0], gib + 2 * mib, 2 * mib, 6 * mib, page_2m, 63);
  expect(found[1], 3 * gib + 2 * mib, 2 * mib, 6 * mib, page_2m, 63);
}

TEST(mapping_scan, without_paging_everything_passes) {
  two_stage_tables::config c;
  hand_made m(c);
  m.tables.back(3 * gib, page_2m);
  paging::domain domain = m.tables.domain();
  domain.guest = paging::decode_guest({}, {});
  const auto found = m.scan(domain);
  std::uint64_t all = 0;
  for (const mapped_range& r : found) all += r.bytes;
  EXPECT_EQ(all, 4 * gib);
  EXPECT_EQ(found.size(), 5u) << "around the tables' backing and the page";
}

}  // namespace
}  // namespace nestwalk::image
