// The walk of device tables: what it reads, what each entry says, and the fault of each thing wrong with one.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "device_table_world.h"

namespace nestwalk::paging::vtd {
namespace {

using test::device_table_world;
using test::everything;
using world = device_table_world;

constexpr std::uint64_t legacy_root = world::root_table;
constexpr std::uint64_t scalable_root = world::root_table | 1 << 10;

request plain() {
  request r;
  r.source = world::source;
  return r;
}
request with_pasid(std::uint32_t pasid = world::pasid) {
  request r = plain();
  r.has_pasid = true;
  r.pasid = pasid;
  return r;
}

device_walk walk(world& w, std::uint64_t rtaddr, const request& r, const unit_capabilities& unit = everything()) {
  static device_tables tables;
  tables = device_tables::of(unit, rtaddr);
  return w.walk(tables, r);
}

TEST(device_walk, legacy_tables_are_a_root_and_a_context_entry) {
  world w = world::legacy();
  const device_walk d = walk(w, legacy_root, plain());
  ASSERT_EQ(d.state(), device_step::done);
  EXPECT_EQ(w.reads, (std::vector<std::uint64_t>{world::root_entry_at(), world::context_at()}));
  EXPECT_EQ(d.result().kind, translation_kind::second_stage);
  EXPECT_EQ(d.result().domain, 0x77);
  EXPECT_EQ(d.result().second_levels, 4);
  EXPECT_FALSE(d.result().scalable);
}

TEST(device_walk, scalable_tables_are_four_entries) {
  world w = world::scalable();
  const device_walk d = walk(w, scalable_root, with_pasid());
  ASSERT_EQ(d.state(), device_step::done);
  EXPECT_EQ(w.reads, (std::vector<std::uint64_t>{world::sm_root_at(), world::sm_context_at(),
                                                 world::directory_at(world::pasid), world::pasid_at(world::pasid)}));
  EXPECT_EQ(d.result().pasid, world::pasid);
  EXPECT_EQ(d.result().domain, 0x77);
}

TEST(device_walk, a_request_without_pasid_takes_that_of_its_context_entry) {
  world w = world::scalable();
  const device_walk d = walk(w, scalable_root, plain());
  ASSERT_EQ(d.state(), device_step::done);
  EXPECT_EQ(d.result().pasid, 5u);
  EXPECT_FALSE(d.result().privileged);
}

TEST(device_walk, rid_priv_makes_requests_without_pasid_privileged) {
  world w = world::scalable();
  w.qwords[world::sm_context_at() + 8] |= 1u << 20;
  EXPECT_TRUE(walk(w, scalable_root, plain()).result().privileged);
  EXPECT_FALSE(walk(w, scalable_root, with_pasid()).result().privileged);
}

TEST(device_walk, the_upper_half_of_a_root_entry_serves_devices_16_to_31) {
  world w = world::scalable();
  w.qwords[world::sm_root_at() + 8] = 0x70000 | 1;
  request r = plain();
  r.source = 0x01ff;
  walk(w, scalable_root, r);
  EXPECT_EQ(w.reads, (std::vector<std::uint64_t>{world::sm_root_at() + 8, 0x70000 + 0x7f * 32}));
}

TEST(device_walk, each_pgtt_is_its_kind_of_translation) {
  constexpr translation_kind kinds[] = {translation_kind::first_stage, translation_kind::second_stage,
                                        translation_kind::nested, translation_kind::pass_through};
  for (unsigned pgtt = 1; pgtt <= 4; ++pgtt) {
    world w = world::scalable(pgtt);
    const device_walk d = walk(w, scalable_root, with_pasid());
    ASSERT_EQ(d.state(), device_step::done) << pgtt;
    EXPECT_EQ(d.result().kind, kinds[pgtt - 1]);
  }
}

TEST(device_walk, may_begin_below_a_kept_context_entry) {
  world w = world::scalable();
  const entry kept = walk(w, scalable_root, with_pasid()).context();
  const device_tables tables = device_tables::of(everything(), scalable_root);
  const device_walk d = w.walk(tables, with_pasid(), {&kept, nullptr, false});
  EXPECT_EQ(d.state(), device_step::done);
  EXPECT_EQ(w.reads.size(), 2u);
}

TEST(device_walk, reads_nothing_where_both_entries_are_kept) {
  world w = world::scalable();
  const device_walk whole = walk(w, scalable_root, with_pasid());
  const entry context = whole.context();
  const entry pasid = whole.result().tells;
  const device_tables tables = device_tables::of(everything(), scalable_root);
  const device_walk d = w.walk(tables, with_pasid(), {&context, &pasid, true});
  EXPECT_EQ(d.state(), device_step::done);
  EXPECT_TRUE(w.reads.empty());
  EXPECT_TRUE(d.disables_faults());
}

TEST(device_walk, a_kept_pasid_entry_is_judged_for_each_request) {
  world w = world::scalable();
  w.qwords[world::pasid_at(world::pasid) + 16] &= ~std::uint64_t{1};  // SRE
  const device_walk whole = walk(w, scalable_root, with_pasid());
  const entry context = whole.context();
  const entry pasid = whole.result().tells;
  const device_tables tables = device_tables::of(everything(), scalable_root);
  request privileged = with_pasid();
  privileged.privileged = true;
  EXPECT_EQ(w.walk(tables, privileged, {&context, &pasid, false}).why(), reason::sm_supervisor_request_denied);
}

// One thing wrong with the tables, and the fault that it is.
struct wrong {
  const char* what;
  std::uint64_t at;
  std::uint64_t value;  // of the qword there
  reason why;
};

TEST(device_walk, each_wrong_legacy_entry_is_its_fault) {
  const std::uint64_t root = world::root_entry_at();
  const std::uint64_t context = world::context_at();
  const wrong cases[] = {
      {"root absent", root, world::context_table, reason::root_not_present},
      {"root bit 1", root, world::context_table | 3, reason::root_reserved},
      {"root bit 46", root, std::uint64_t{1} << 46 | 1, reason::root_reserved},
      {"root upper qword", root + 8, 1, reason::root_reserved},
      {"context absent", context, world::second_root, reason::context_not_present},
      {"context bit 4", context, world::second_root | 0x11, reason::context_reserved},
      {"context bit 46", context, std::uint64_t{1} << 46 | 1, reason::context_reserved},
      {"context upper bit 7", context + 8, 0x82, reason::context_reserved},
      {"context upper bit 24", context + 8, 0x1000002, reason::context_reserved},
      {"width 0", context + 8, 0x7700, reason::context_invalid},
      {"width 4", context + 8, 0x7704, reason::context_invalid},
      {"type 3", context, world::second_root | 0xd, reason::context_invalid},
  };
  for (const wrong& c : cases) {
    world w = world::legacy();
    w.qwords[c.at] = c.value;
    const device_walk d = walk(w, legacy_root, plain());
    ASSERT_EQ(d.state(), device_step::faulted) << c.what;
    EXPECT_EQ(d.why(), c.why) << c.what;
  }
}

TEST(device_walk, each_wrong_scalable_entry_is_its_fault) {
  const std::uint64_t root = world::sm_root_at();
  const std::uint64_t context = world::sm_context_at();
  const std::uint64_t directory = world::directory_at(world::pasid);
  const std::uint64_t pasid = world::pasid_at(world::pasid);
  const std::uint64_t beyond = std::uint64_t{1} << 46;
  const wrong cases[] = {
      {"root absent", root, 0, reason::sm_root_not_present},
      {"root bit 11", root, world::context_table | 0x801, reason::sm_root_reserved},
      {"context absent", context, world::directory, reason::sm_context_not_present},
      {"context bit 5", context, world::directory | 0x29, reason::sm_context_reserved},
      {"context qword 1", context + 8, 1u << 21, reason::sm_context_reserved},
      {"context qword 2", context + 16, 1, reason::sm_context_reserved},
      {"context qword 3", context + 24, 1, reason::sm_context_reserved},
      {"no PASIDs", context, world::directory | 7 << 9 | 1, reason::sm_pasid_denied},
      {"small directory", context, world::directory | 3 << 9 | 9, reason::sm_pasid_too_large},
      {"directory absent", directory, 0, reason::sm_directory_not_present},
      {"directory bit 2", directory, world::pasid_table | 5, reason::sm_directory_reserved},
      {"entry absent", pasid, world::second_root | 2 << 6 | 2 << 2, reason::sm_pasid_entry_not_present},
      {"entry bit 10", pasid, world::second_root | 0x400 | 2 << 6 | 2 << 2 | 1, reason::sm_pasid_entry_reserved},
      {"second root beyond the host", pasid, beyond | 2 << 6 | 2 << 2 | 1, reason::sm_pasid_entry_reserved},
      {"first root beyond the host", pasid + 16, beyond | 3, reason::sm_pasid_entry_reserved},  // whatever uses it
      {"entry qword 1", pasid + 8, 1u << 16 | 0x77, reason::sm_pasid_entry_reserved},
      {"entry qword 1, bit 27", pasid + 8, 1u << 27 | 0x77, reason::sm_pasid_entry_reserved},
      {"entry qword 1, bit 31", pasid + 8, 1u << 31 | 0x77, reason::sm_pasid_entry_reserved},
      {"entry qword 2", pasid + 16, 1u << 8, reason::sm_pasid_entry_reserved},
      {"entry qword 7", pasid + 56, 1, reason::sm_pasid_entry_reserved},
      {"PGTT 0", pasid, world::second_root | 2 << 2 | 1, reason::sm_pasid_entry_invalid},
      {"PGTT 5", pasid, world::second_root | 5 << 6 | 2 << 2 | 1, reason::sm_pasid_entry_invalid},
      {"width 0", pasid, world::second_root | 2 << 6 | 1, reason::sm_pasid_entry_invalid},
      {"width 7", pasid, world::second_root | 2 << 6 | 7 << 2 | 1, reason::sm_pasid_entry_invalid},
  };
  for (const wrong& c : cases) {
    world w = world::scalable();
    w.qwords[c.at] = c.value;
    const device_walk d = walk(w, scalable_root, with_pasid());
    EXPECT_EQ(d.state() == device_step::faulted, c.why != reason::none) << c.what;
    EXPECT_EQ(d.why(), c.why) << c.what;
  }
}

TEST(device_walk, each_entry_that_memory_refuses_is_its_fault) {
  world legacy = world::legacy();
  legacy.fails_at = world::root_entry_at();
  EXPECT_EQ(walk(legacy, legacy_root, plain()).why(), reason::root_unreadable);
  legacy.fails_at = world::context_at();
  EXPECT_EQ(walk(legacy, legacy_root, plain()).why(), reason::context_unreadable);
  world w = world::scalable();
  const std::pair<std::uint64_t, reason> cases[] = {
      {world::sm_root_at(), reason::sm_root_unreadable},
      {world::sm_context_at(), reason::sm_context_unreadable},
      {world::directory_at(world::pasid), reason::sm_directory_unreadable},
      {world::pasid_at(world::pasid), reason::sm_pasid_entry_unreadable}};
  for (const auto& [at, why] : cases) {
    w.fails_at = at;
    EXPECT_EQ(walk(w, scalable_root, with_pasid()).why(), why);
  }
}

TEST(device_walk, a_five_level_first_stage_is_refused_where_it_is_not_advertised) {
  world w = world::scalable(1);
  w.qwords[world::pasid_at(world::pasid) + 16] |= 1 << 2;
  EXPECT_EQ(walk(w, scalable_root, with_pasid()).state(), device_step::done);
  unit_capabilities unit = everything();
  unit.cap &= ~cap::fs5lp;
  EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).why(), reason::sm_pasid_entry_invalid);
}

TEST(device_walk, what_is_not_advertised_is_refused) {
  struct {
    std::uint64_t lacks;  // of ECAP
    unsigned pgtt;
    reason why;
  } const cases[] = {{ecap::fsts, 1, reason::sm_pasid_entry_reserved}, {ecap::ssts, 2, reason::sm_pasid_entry_reserved},
                     {ecap::nest, 3, reason::sm_pasid_entry_invalid},  {ecap::pt, 4, reason::sm_pasid_entry_invalid},
                     {ecap::srs, 2, reason::sm_pasid_entry_reserved},  {ecap::ers, 2, reason::sm_pasid_entry_reserved},
                     {ecap::dt, 2, reason::sm_context_reserved},       {ecap::pasid, 2, reason::sm_context_reserved},
                     {ecap::rps, 2, reason::sm_context_reserved},      {ecap::smts, 2, reason::table_mode_invalid}};
  for (const auto& c : cases) {
    world w = world::scalable(c.pgtt);
    unit_capabilities unit = everything();
    unit.ecap &= ~c.lacks;
    EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).why(), c.why) << std::hex << c.lacks;
  }
}

TEST(device_walk, without_a_second_stage_its_fields_are_reserved) {
  unit_capabilities unit = everything();
  unit.ecap &= ~(ecap::ssts | ecap::nest);
  world w = world::scalable(1);
  const std::uint64_t at = world::pasid_at(world::pasid);
  for (const std::uint64_t field : {std::uint64_t{1} << 2, std::uint64_t{1} << 9, std::uint64_t{1} << 12}) {
    w.qwords[at] = field | 1 << 6 | 1;
    EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).why(), reason::sm_pasid_entry_reserved) << field;
  }
  w.qwords[at] = 1 << 6 | 1;
  EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).state(), device_step::done);
  w.qwords[at] = 2 << 6 | 1;
  EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).why(), reason::sm_pasid_entry_invalid);
}

TEST(device_walk, a_pasid_entry_names_a_width_only_for_its_second_stage) {
  for (const unsigned pgtt : {1u, 2u, 3u, 4u}) {
    world w = world::scalable(pgtt);
    w.qwords[world::pasid_at(world::pasid)] &= ~std::uint64_t{7 << 2};
    const bool needs_it = pgtt == pasid_entry::second_stage || pgtt == pasid_entry::nested;
    EXPECT_EQ(walk(w, scalable_root, with_pasid()).why(), needs_it ? reason::sm_pasid_entry_invalid : reason::none);
  }
}

TEST(device_walk, rid_pasid_beyond_the_directory_makes_the_context_entry_invalid) {
  world w = world::scalable();
  w.qwords[world::sm_context_at()] = world::directory | 4 | 1;  // 2^13 PASIDs
  w.qwords[world::sm_context_at() + 8] = 1u << 13;
  EXPECT_EQ(walk(w, scalable_root, plain()).why(), reason::sm_context_invalid);
  EXPECT_EQ(walk(w, scalable_root, with_pasid()).why(), reason::sm_context_invalid);
}

TEST(device_walk, a_request_may_not_name_the_pasid_of_those_without_one) {
  world w = world::scalable();
  EXPECT_EQ(walk(w, scalable_root, with_pasid(5)).why(), reason::sm_pasid_is_rid_pasid);
}

TEST(device_walk, a_pasid_wider_than_the_unit_supports_is_its_own_fault) {
  world w = world::scalable();
  unit_capabilities unit = everything();
  unit.ecap = (unit.ecap & ~(std::uint64_t{31} << ecap::pss)) | std::uint64_t{9} << ecap::pss;
  EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).why(), reason::sm_pasid_unsupported);
  EXPECT_EQ(walk(w, scalable_root, with_pasid(9), unit).state(), device_step::done);
}

TEST(device_walk, under_a_second_stage_the_first_stages_root_must_be_within_its_reach) {
  world w = world::scalable(3);
  w.qwords[world::pasid_at(world::pasid)] = world::second_root | 3 << 6 | 1 << 2 | 1;  // 39 bits
  EXPECT_EQ(walk(w, scalable_root, with_pasid()).state(), device_step::done);
  w.qwords[world::pasid_at(world::pasid) + 16] = std::uint64_t{1} << 39 | 3;
  EXPECT_EQ(walk(w, scalable_root, with_pasid()).why(), reason::sm_pasid_entry_invalid);
}

TEST(device_walk, bits_of_a_domain_id_wider_than_the_unit_supports_are_reserved) {
  unit_capabilities unit = everything();
  unit.cap = (unit.cap & ~std::uint64_t{7}) | 2;  // 8 bits
  world w = world::scalable();
  EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).state(), device_step::done);
  w.qwords[world::pasid_at(world::pasid) + 8] = 0x177;
  EXPECT_EQ(walk(w, scalable_root, with_pasid(), unit).why(), reason::sm_pasid_entry_reserved);
  world legacy = world::legacy();
  legacy.qwords[world::context_at() + 8] = 0x17702;
  EXPECT_EQ(walk(legacy, legacy_root, plain(), unit).why(), reason::context_reserved);
}

TEST(device_walk, requests_for_execution_need_ere) {
  world w = world::scalable();
  w.qwords[world::pasid_at(world::pasid) + 16] &= ~std::uint64_t{2};
  request fetch = with_pasid();
  fetch.access = access_type::fetch;
  EXPECT_EQ(walk(w, scalable_root, fetch).why(), reason::sm_execute_request_denied);
}

TEST(device_walk, translated_requests_need_a_device_tlb_in_the_entry) {
  request r = plain();
  r.type = request_type::translated;
  world denied = world::legacy(0);
  EXPECT_EQ(walk(denied, legacy_root, r).why(), reason::translated_request_denied);
  world granted = world::legacy(1);
  EXPECT_EQ(walk(granted, legacy_root, r).state(), device_step::done);
  world w = world::scalable();
  EXPECT_EQ(walk(w, scalable_root, r).state(), device_step::done);
  w.qwords[world::sm_context_at()] &= ~std::uint64_t{4};
  EXPECT_EQ(walk(w, scalable_root, r).why(), reason::sm_translated_request_denied);
}

TEST(device_walk, the_table_mode_decides_before_any_entry) {
  world w = world::legacy();
  EXPECT_EQ(walk(w, legacy_root, with_pasid()).why(), reason::pasid_in_legacy_mode);
  EXPECT_EQ(walk(w, legacy_root | 2 << 10, plain()).why(), reason::table_mode_invalid);
  EXPECT_EQ(walk(w, legacy_root | 3 << 10, plain()).why(), reason::dma_aborted);
  EXPECT_TRUE(w.reads.empty());
}

TEST(device_walk, pass_through_ignores_the_table_pointer) {
  world w = world::legacy(2);
  w.qwords[world::context_at()] |= std::uint64_t{1} << 60;
  const device_walk d = walk(w, legacy_root, plain());
  EXPECT_EQ(d.state(), device_step::done);
  EXPECT_EQ(d.result().kind, translation_kind::pass_through);
}

TEST(device_walk, fault_processing_is_disabled_by_any_entry_on_the_way) {
  const std::uint64_t entries[] = {world::sm_context_at(), world::directory_at(world::pasid),
                                   world::pasid_at(world::pasid)};
  for (const std::uint64_t at : entries) {
    world w = world::scalable();
    w.qwords[at] |= 2;
    EXPECT_TRUE(walk(w, scalable_root, with_pasid()).disables_faults());
  }
  world w = world::scalable();
  EXPECT_FALSE(walk(w, scalable_root, with_pasid()).disables_faults());
  w.qwords[world::pasid_at(world::pasid)] = 2;  // absent entries have it too
  EXPECT_TRUE(walk(w, scalable_root, with_pasid()).disables_faults());
}

// Of all codes that are reasons here: no condition of a root entry, of RTADDR, or of memory errors above a PASID entry.
TEST(vtd_fault, those_found_before_a_context_entry_and_unreadable_pasid_structures_are_not_qualified) {
  const std::set<unsigned> never{0x01, 0x08, 0x09, 0x0a, 0x30, 0x31, 0x33, 0x38, 0x39, 0x3a, 0x40, 0x50, 0x58};
  unsigned reasons = 0;
  for (unsigned code = 1; code < 0x100; ++code) {
    const auto r = static_cast<reason>(code);
    if (title_of(r) == std::string("no fault")) continue;
    ++reasons;
    EXPECT_EQ(qualified(r), never.count(code) == 0) << std::hex << code;
  }
  EXPECT_EQ(reasons, 62u);
}

}  // namespace
}  // namespace nestwalk::paging::vtd
