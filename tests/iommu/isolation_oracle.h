// Which answers a remapping unit may give: what the tables say now, and what may still be cached of what they said.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace nestwalk::test {

/// A leaf of either stage: absent, or a page by its number and whether it may be written.
struct leaf_value {
  bool present = false;
  bool writable = false;
  unsigned page = 0;
  friend bool operator<(const leaf_value& a, const leaf_value& b) {
    return std::array<unsigned, 3>{a.present, a.writable, a.page} <
           std::array<unsigned, 3>{b.present, b.writable, b.page};
  }
};

/// One stage's tables as far as the test changes them: regions of 2 MByte, each with a pointer to one of two leaf
/// tables of a few pages, or one large page in its place; and what may be cached of them. The unit may keep a mapping
/// of a page, and a pointer, until an invalidation that covers it.
class table_history {
 public:
  static constexpr unsigned regions = 2;
  static constexpr unsigned pages = 4;
  static constexpr unsigned large = 2;  ///< stands for a table: the large page

  const leaf_value& leaf(unsigned region, unsigned table, unsigned page) const { return leaves_[region][table][page]; }
  unsigned pointer(unsigned region) const { return pointers_[region]; }

  void set_leaf(unsigned region, unsigned table, unsigned page, const leaf_value& v) {
    leaf_value& now = leaves_[region][table][page];
    if (reachable(region, table)) stale_mappings_[region][page].insert(now);
    now = v;
  }
  void set_pointer(unsigned region, unsigned table) {
    if (pointers_[region] == table) return;
    keep_mappings_of(region, pointers_[region]);
    if (pointers_[region] != large) stale_pointers_[region].insert(pointers_[region]);
    pointers_[region] = table;
  }

  /// What the tables say.
  const leaf_value& fresh(unsigned region, unsigned page) const { return leaves_[region][pointers_[region]][page]; }
  /// What a request may be answered from.
  std::set<leaf_value> possible(unsigned region, unsigned page) const {
    std::set<leaf_value> all = stale_mappings_[region][page];
    all.insert(fresh(region, page));
    for (const unsigned table : stale_pointers_[region]) all.insert(leaves_[region][table][page]);
    return all;
  }

  /// An invalidation of everything.
  void invalidate() {
    for (unsigned region = 0; region < regions; ++region) {
      stale_pointers_[region].clear();
      for (auto& stale : stale_mappings_[region]) stale.clear();
    }
  }
  /// An invalidation of the pages of [first, last], counted from the first region's first page, 512 a region; `hint`
  /// spares the pointers.
  void invalidate(std::uint64_t first, std::uint64_t last, bool hint) {
    for (unsigned region = 0; region < regions; ++region) {
      const std::uint64_t base = std::uint64_t{region} * 512;
      if (last < base || first > base + 511) continue;
      if (!hint) {
        for (const unsigned table : stale_pointers_[region]) keep_mappings_of(region, table);
        stale_pointers_[region].clear();
      }
      for (unsigned page = 0; page < pages; ++page)
        if (first <= base + page && base + page <= last) stale_mappings_[region][page].clear();
    }
  }

 private:
  bool reachable(unsigned region, unsigned table) const {
    return pointers_[region] == table || stale_pointers_[region].count(table) != 0;
  }
  void keep_mappings_of(unsigned region, unsigned table) {
    for (unsigned page = 0; page < pages; ++page) stale_mappings_[region][page].insert(leaves_[region][table][page]);
  }

  std::array<std::array<std::array<leaf_value, pages>, large + 1>, regions> leaves_{};
  std::array<unsigned, regions> pointers_{};
  std::array<std::set<unsigned>, regions> stale_pointers_;
  std::array<std::array<std::set<leaf_value>, pages>, regions> stale_mappings_;
};

/// A value in memory that a cache may hold an earlier one of.
template <class T>
struct cached_value {
  T now{};
  std::set<T> stale;

  void set(const T& v) {
    stale.insert(now);
    now = v;
  }
  std::set<T> possible() const {
    std::set<T> all = stale;
    all.insert(now);
    return all;
  }
};

}  // namespace nestwalk::test
