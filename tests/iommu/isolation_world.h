// What the isolation tests edit at random: domains with tables of both stages, in which every page tells its number.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "iommu/isolation_oracle.h"
#include "iommu/remapping_machine.h"

namespace nestwalk::test {

/// A shape of the caches.
struct cache_shape {
  const char* name;
  unsigned tlb;          // entries of the IOTLB and the second-stage TLB
  unsigned walk_caches;  // entries at each level
  unsigned tables;       // entries of the context and PASID caches
  bool holds_host;

  bool none() const { return tlb + walk_caches + tables == 0; }
};

inline void PrintTo(const cache_shape& s, std::ostream* out) {
  *out << s.name;
}

inline const std::array<cache_shape, 8> cache_shapes{{{"none", 0, 0, 0, false},
                                                      {"all", 64, 16, 32, false},
                                                      {"tlbs", 64, 0, 0, false},
                                                      {"walk_caches", 0, 16, 0, false},
                                                      {"device_tables", 0, 0, 32, false},
                                                      {"tiny", 2, 1, 2, false},
                                                      {"host", 4, 16, 32, true},
                                                      {"large", 1024, 64, 256, true}}};

/// One stage's tables in memory, with their history.
struct kept_tables {
  table_history history;
  translation_shape shape;  // whose root they hang from
  std::array<std::uint64_t, table_history::regions> pointer_at{};
  std::array<std::array<std::uint64_t, 2>, table_history::regions> table{};

  /// Where the entry stands that maps a page as the tables are.
  std::uint64_t leaf_at(unsigned region, unsigned page) const {
    const unsigned now = history.pointer(region);
    return now == table_history::large ? pointer_at[region] : table[region][now] + page * 8;
  }
};

/// Which stage tables are of.
enum class stage_role : std::uint8_t { first, first_of_nested, second };

/// The machine and its memory. Pages tell their number at their first qword and are written to at the second.
class isolation_world {
 public:
  static constexpr unsigned small_pages = 24;
  static constexpr unsigned large_pages = 3;
  static constexpr unsigned host_pages = small_pages + large_pages * table_history::pages;
  static constexpr std::uint64_t region_bytes = 0x20'0000;
  static constexpr std::uint64_t host_base = 0x5000'0000;
  static constexpr std::uint64_t large_base = 0x6000'0000;
  static constexpr std::uint64_t guest_base = 0x7000'0000;
  static constexpr std::uint64_t linear_base = 0x4000'0000;

  isolation_world(const cache_shape& s, const std::vector<std::uint16_t>& sources)
      : machine(configuration(s, sources)) {
    const char* const given = std::getenv("NESTWALK_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
    random_.seed(static_cast<std::mt19937_64::result_type>(seed));
    std::cout << "NESTWALK_SEED=" << seed << '\n';
    for (unsigned page = 0; page < host_pages; ++page) machine.memory.write(host_at(page), page);
  }

  static iommu::iommu_config configuration(const cache_shape& s, const std::vector<std::uint16_t>& sources) {
    iommu::iommu_config c = remapping_machine::without_caches(sources);
    c.iotlb.base = c.second_stage_tlb.base = {s.tlb, 0, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_1g};
    for (walker::walker_config* w : {&c.first_stage_walker, &c.second_stage_walker})
      w->caches.pml4e = w->caches.pdpte = w->caches.pde = {s.walk_caches, 0};
    if (s.holds_host) c.first_stage_walker.caches.holds = walker::held_address::host_physical;
    c.tables.context_cache.entries = c.tables.pasid_cache.entries = s.tables;
    c.tables.context_cache.ways = c.tables.pasid_cache.ways = 0;
    return c;
  }

  /// How many operations a test makes: `standard`, or what NESTWALK_OPERATIONS says.
  static std::size_t operations(std::size_t standard) {
    const char* const length = std::getenv("NESTWALK_OPERATIONS");
    return length != nullptr ? std::strtoul(length, nullptr, 0) : standard;
  }

  unsigned pick(std::size_t below) { return static_cast<unsigned>(random_() % below); }
  static std::uint64_t host_at(unsigned page) {
    if (page < small_pages) return host_base + page * 0x1000;
    return region_address(large_base, page - small_pages);
  }
  static std::uint64_t guest_at(unsigned page) { return region_address(guest_base, page); }

  void make_regions(kept_tables& k, std::uint64_t root, std::uint64_t base, std::uint64_t flags) {
    for (unsigned region = 0; region < table_history::regions; ++region) {
      k.pointer_at[region] = machine.tables.entry(root, 4, base + region * region_bytes, 2, flags);
      for (std::uint64_t& table : k.table[region]) table = machine.tables.frame();
      machine.memory.write(k.pointer_at[region], k.table[region][0] | flags);
    }
  }

  /// Changes a leaf, a pointer to a leaf table, or a large page.
  void edit(kept_tables& k, stage_role role) {
    ++edits;
    switch (pick(8)) {
      case 0: return edit_pointer(k, role);
      case 1: return edit_large(k, role);
      default: return edit_leaf(k, role);
    }
  }

  /// A range of an invalidation by address.
  struct range {
    std::uint64_t first;  // in pages from the stage's first
    unsigned mask;
    bool hint;
    std::uint64_t begin() const { return first >> mask << mask; }
    std::uint64_t last() const { return begin() + (std::uint64_t{1} << mask) - 1; }
    std::uint64_t qword(std::uint64_t base) const { return base + first * 0x1000 + (hint ? 0x40 : 0) + mask; }
  };
  range some_range() {
    constexpr unsigned masks[] = {0, 0, 1, 2, 9, 10, 18};
    return {pick(2) * 512 + pick(table_history::pages), masks[pick(7)], pick(2) != 0};
  }

  /// Puts a descriptor into the queue; returns when it was carried out.
  void submit(std::uint64_t low, std::uint64_t high = 0) {
    machine.submit(low, high);
    if (!machine.inside_process) return;
    constexpr std::uint64_t status_at = 0x30'0000;
    machine.memory.write(status_at, 0, 4);
    machine.submit(5 | 1 << 5 | std::uint64_t{1} << 32, status_at);
    while (machine.memory.read(status_at, 4) == 0) sc_core::wait(sc_core::sc_time(50, sc_core::SC_NS));
  }

  /// A stamp that nothing else writes.
  std::uint64_t next_stamp() { return stamp_ += 1000; }
  /// The page that a stamp was written to; `host_pages` where to none of them.
  unsigned written(std::uint64_t stamp) {
    for (unsigned page = 0; page < host_pages; ++page)
      if (machine.memory.read(host_at(page) + 8) == stamp) return page;
    return host_pages;
  }

  remapping_machine machine;
  std::uint64_t edits = 0;

 private:
  static std::uint64_t region_address(std::uint64_t base, unsigned page) {
    return base + page / table_history::pages * region_bytes + page % table_history::pages * 0x1000;
  }
  // The flags of a leaf; accessed and dirty are sometimes left to the unit.
  std::uint64_t leaf_flags(stage_role role, bool writable) {
    const std::uint64_t write = writable ? 2 : 0;
    if (role == stage_role::second) return 1 | write;
    constexpr std::uint64_t accessed_and_dirty[] = {0x60, 0x20, 0};
    return 5 | write | accessed_and_dirty[pick(3)];
  }
  static std::uint64_t table_flags(stage_role role) {
    return role == stage_role::second ? remapping_machine::second_flags : remapping_machine::first_table_flags;
  }

  void edit_leaf(kept_tables& k, stage_role role) {
    const unsigned region = pick(table_history::regions);
    const unsigned table = pick(2);
    const unsigned page = pick(table_history::pages);
    leaf_value v;
    v.present = pick(5) != 0;
    v.writable = v.present && pick(2) != 0;
    const bool to_guest = role == stage_role::first_of_nested;
    if (v.present) v.page = pick(to_guest ? table_history::regions * table_history::pages : small_pages);
    std::uint64_t entry = 0;
    if (v.present) entry = (to_guest ? guest_at(v.page) : host_at(v.page)) | leaf_flags(role, v.writable);
    machine.memory.write(k.table[region][table] + page * 8, entry);
    k.history.set_leaf(region, table, page, v);
  }
  void edit_pointer(kept_tables& k, stage_role role) {
    const unsigned region = pick(table_history::regions);
    const unsigned table = pick(2);
    machine.memory.write(k.pointer_at[region], k.table[region][table] | table_flags(role));
    k.history.set_pointer(region, table);
  }
  void edit_large(kept_tables& k, stage_role role) {
    const unsigned region = pick(table_history::regions);
    const bool to_guest = role == stage_role::first_of_nested;
    const bool writable = pick(2) != 0;
    const unsigned first = to_guest ? pick(table_history::regions) * table_history::pages
                                    : small_pages + pick(large_pages) * table_history::pages;
    machine.memory.write(k.pointer_at[region],
                         (to_guest ? guest_at(first) : host_at(first)) | leaf_flags(role, writable) | 0x80);
    for (unsigned page = 0; page < table_history::pages; ++page)
      k.history.set_leaf(region, table_history::large, page, {true, writable, first + page});
    k.history.set_pointer(region, table_history::large);
  }

  std::mt19937_64 random_;
  std::uint64_t stamp_ = 0;
};

/// The pages of these that a mapping may lead to.
template <class Leaves>
std::set<leaf_value> allowed(const Leaves& of, bool write) {
  std::set<leaf_value> some;
  for (const leaf_value& v : of)
    if (v.present && (!write || v.writable)) some.insert(v);
  return some;
}

}  // namespace nestwalk::test
