// Builds page tables in a memory, for tests: one stage's, in x86 or EPT form.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "nestwalk/paging/format.h"

namespace nestwalk::test {

/// How the builder reaches host memory: 8 bytes at a host-physical address.
struct table_memory {
  std::function<std::uint64_t(std::uint64_t)> read;
  std::function<void(std::uint64_t, std::uint64_t)> write;
};

/// Any memory that offers read(address) and write(address, value).
template <class Memory>
table_memory tables_in(Memory& memory) {
  return {[&memory](std::uint64_t address) { return memory.read(address); },
          [&memory](std::uint64_t address, std::uint64_t value) { memory.write(address, value); }};
}

/// Flags for leaves. Accessed and dirty are set unless a test wants them clear, so that walks write nothing.
namespace leaf {
inline constexpr std::uint64_t x86_clean = paging::x86_entry::p | paging::x86_entry::rw | paging::x86_entry::us;
inline constexpr std::uint64_t x86 = x86_clean | paging::x86_entry::a | paging::x86_entry::d;
inline constexpr std::uint64_t ept_rwx = paging::ept_entry::r | paging::ept_entry::w | paging::ept_entry::x;
inline constexpr std::uint64_t ept_clean = ept_rwx | 6u << paging::ept_entry::type_shift;
inline constexpr std::uint64_t ept = ept_clean | paging::ept_entry::a | paging::ept_entry::d;
}  // namespace leaf

/// The tables of one stage. Addresses are plain numbers: what is translated, what it maps to, and where tables stand in
/// the space that the tables live in (guest-physical for a guest's, host-physical for a nested stage's).
class table_builder {
 public:
  struct config {
    unsigned levels = 4;
    std::uint64_t first_table = 0;  ///< where tables are taken from, upwards, a page each; the root is the first
    /// Flags of entries that refer to tables.
    std::uint64_t table_flags = leaf::x86_clean | paging::x86_entry::a;
  };
  /// Where a table's address lies in host memory.
  using locate = std::function<std::uint64_t(std::uint64_t)>;

  table_builder(
      table_memory memory, const config& c, locate where = [](std::uint64_t at) { return at; })
      : memory_(std::move(memory)), config_(c), where_(std::move(where)), next_(c.first_table) {
    root_ = take_table();
  }

  std::uint64_t root() const { return root_; }
  /// One past the last table taken.
  std::uint64_t end() const { return next_; }

  /// Maps the page of 2^`size_log2` bytes at `from` to `to`; the tables in between are made. `flags` without the page
  /// size bit.
  void map(std::uint64_t from, std::uint64_t to, unsigned size_log2, std::uint64_t flags) {
    const unsigned leaf_level = (size_log2 - 12) / 9 + 1;
    const std::uint64_t size_bit = leaf_level > 1 ? paging::page_size_bit : 0;
    write_entry(from, leaf_level, to | flags | size_bit);
  }
  /// Maps `count` pages in a row.
  void map_range(std::uint64_t from, std::uint64_t to, std::uint64_t count, unsigned size_log2, std::uint64_t flags) {
    for (std::uint64_t i = 0; i < count; ++i) map(from + (i << size_log2), to + (i << size_log2), size_log2, flags);
  }
  void unmap(std::uint64_t from, unsigned level = 1) { write_entry(from, level, 0); }

  /// Where the entry of `level` (1 the lowest) for `from` stands, in the space that the tables live in; the tables
  /// above are made where missing.
  std::uint64_t entry_address(std::uint64_t from, unsigned level) {
    std::uint64_t table = root_;
    for (unsigned at = config_.levels; at > level; --at) {
      const std::uint64_t slot = table + index(from, at) * 8;
      std::uint64_t entry = memory_.read(where_(slot));
      if (entry == 0) {
        entry = take_table() | config_.table_flags;
        memory_.write(where_(slot), entry);
      }
      table = entry & 0x000ffffffffff000;
    }
    return table + index(from, level) * 8;
  }
  std::uint64_t read_entry(std::uint64_t from, unsigned level) {
    return memory_.read(where_(entry_address(from, level)));
  }
  void write_entry(std::uint64_t from, unsigned level, std::uint64_t value) {
    memory_.write(where_(entry_address(from, level)), value);
  }
  void set_flags(std::uint64_t from, unsigned level, std::uint64_t flags) {
    write_entry(from, level, read_entry(from, level) | flags);
  }
  void clear_flags(std::uint64_t from, unsigned level, std::uint64_t flags) {
    write_entry(from, level, read_entry(from, level) & ~flags);
  }

 private:
  static std::uint64_t index(std::uint64_t from, unsigned level) { return (from >> (12 + 9 * (level - 1))) & 511; }
  std::uint64_t take_table() {
    const std::uint64_t table = next_;
    next_ += 4096;
    return table;
  }

  table_memory memory_;
  config config_;
  locate where_;
  std::uint64_t next_;
  std::uint64_t root_;
};

}  // namespace nestwalk::test
