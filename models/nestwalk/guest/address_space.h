// A process's page tables, and the loads and stores that walk and edit them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "nestwalk/guest/core_memory.h"
#include "nestwalk/guest/frame_allocator.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/paging/format.h"

namespace nestwalk::guest {

/// One table of the user half, and what the kernel last stored in it.
struct table_page {
  table_page(paging::gpa where, unsigned its_level) : at(where), level(its_level), below(its_level > 1 ? 512 : 0) {}

  paging::gpa at;
  unsigned level;
  unsigned live = 0;  ///< entries that are not zero
  std::array<std::uint64_t, 512> entries{};
  std::vector<std::unique_ptr<table_page>> below;  ///< by index; empty at level 1
};

/// The user half of an address space. Memory holds the tables; this is the kernel's own record of them, so that its
/// decisions depend on nothing but its own stores. Every edit is a store, and every look at an entry a load, of 8 bytes
/// through the core; each load is held against the record: apart from the accessed and dirty flags, which hardware
/// sets, memory must hold what was stored (a `std::logic_error` otherwise: whoever carried the store has lost it).
class address_space {
 public:
  /// One entry. `page` is the first address that it translates.
  struct slot {
    table_page* table = nullptr;
    unsigned index = 0;
    paging::gva page;
    std::uint64_t value = 0;  ///< as loaded, or as recorded where nothing was loaded

    unsigned level() const { return table->level; }
    unsigned size_log2() const { return paging::page_4k + 9 * (level() - 1); }
    paging::gpa entry() const { return table->at + 8 * index; }
    bool present() const { return value != 0; }
    paging::gpa frame() const;
  };

  address_space(paging::gpa root, unsigned levels) : top_(root, levels) {}

  paging::gpa root() const { return top_.at; }
  /// The last address of the user half.
  static paging::gva last_user_address(unsigned levels) {
    return paging::gva((std::uint64_t{1} << (paging::page_4k + 9 * levels - 1)) - 1);
  }

  /// The leaf that translates the address, or the empty entry where the tables end; every entry on the way is loaded.
  slot walk(paging::gva address, core_memory& memory);
  /// The leaf that translates the address, from the record: no access, no time.
  std::optional<slot> look(paging::gva address);
  /// Where the address goes, from the record.
  std::optional<paging::gpa> translate(paging::gva address) const;

  /// The entry as memory holds it now.
  static std::uint64_t load(const slot& s, core_memory& memory);
  static void store(slot& s, std::uint64_t value, core_memory& memory);
  /// Goes down from the empty entry `s` to `level`, with new tables.
  static void descend(slot& s, paging::gva address, unsigned level, core_memory& memory, frame_allocator& frames);
  /// The entry of `level` for the address, with the tables that it needs.
  slot make(paging::gva address, unsigned level, core_memory& memory, frame_allocator& frames);
  /// Maps the same page by 512 leaves of the next level. The caller splits the frame and flushes.
  static void split(slot& s, core_memory& memory, frame_allocator& frames);
  /// Unlinks the tables below [first, last] that hold nothing, and returns their frames. The caller flushes.
  std::vector<paging::gpa> prune(paging::gva first, paging::gva last, core_memory& memory);

  /// Calls `see(slot&)` for each leaf that translates an address of [first, last], by rising address. `see` may store.
  template <class See>
  void for_each_leaf(paging::gva first, paging::gva last, See&& see) {
    visit(top_, paging::gva(0), first, last, see);
  }

 private:
  struct indices {
    unsigned first;
    unsigned last;
  };
  static unsigned shift_of(unsigned level) { return paging::page_4k + 9 * (level - 1); }
  static bool is_leaf(std::uint64_t entry, unsigned level) {
    return level == 1 || (entry & paging::page_size_bit) != 0;
  }
  static slot slot_of(table_page& table, paging::gva address);
  static indices within(const table_page& table, paging::gva base, paging::gva first, paging::gva last);
  static void prune(table_page& table, paging::gva base, paging::gva first, paging::gva last, core_memory& memory,
                    std::vector<paging::gpa>& freed);

  template <class See>
  static void visit(table_page& table, paging::gva base, paging::gva first, paging::gva last, See& see) {
    const indices range = within(table, base, first, last);
    for (unsigned i = range.first; i <= range.last && table.live != 0; ++i) {
      const std::uint64_t value = table.entries[i];
      if (value == 0) continue;
      slot s{&table, i, base + (std::uint64_t{i} << shift_of(table.level)), value};
      if (is_leaf(value, table.level))
        see(s);
      else
        visit(*table.below[i], s.page, first, last, see);
    }
  }

  table_page top_;
};

}  // namespace nestwalk::guest
