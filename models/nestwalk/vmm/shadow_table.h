// One page of shadow tables: what the VMM remembers of it beside its entries in host memory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/format.h"

namespace nestwalk::vmm {

class shadow_root;

/// What a shadow table stands for: a table of the guest, and the rights that the guest's entries above it give; or,
/// with no guest table, a part of a large guest page or of a guest without paging.
struct guest_place {
  std::optional<paging::gpa> table;
  std::uint64_t gathered = ~std::uint64_t{0};  ///< guest entries from the root down to this table, as a walk ANDs them
};

/// Entries of a table refer to tables below (`children`) or map a page (`target`), never both.
struct shadow_table {
  static constexpr unsigned entries = 512;

  shadow_root* owner = nullptr;
  shadow_table* parent = nullptr;  ///< null for the top table
  unsigned index = 0;              ///< in the parent
  unsigned level = 1;              ///< 1 the lowest
  paging::hpa page;                ///< where the entries are
  paging::gva base;                ///< the first linear address that it translates
  guest_place place;
  std::vector<std::unique_ptr<shadow_table>> children;  ///< empty at level 1

  bool has_leaf(unsigned i) const { return target_[i] != 0; }
  /// The guest page that a leaf maps.
  paging::gpa target(unsigned i) const { return paging::gpa(target_[i] & ~std::uint64_t{1}); }
  void set_target(unsigned i, paging::gpa page_address) { target_[i] = page_address.value | 1; }
  void clear_target(unsigned i) { target_[i] = 0; }

  shadow_table* child(unsigned i) const { return children.empty() ? nullptr : children[i].get(); }
  static constexpr unsigned shift(unsigned level) { return paging::page_4k + 9 * (level - 1); }
  unsigned index_of(paging::gva address) const {
    return static_cast<unsigned>(address.value >> shift(level)) & (entries - 1);
  }
  paging::hpa slot(unsigned i) const { return page + 8 * i; }

 private:
  std::array<std::uint64_t, entries> target_{};  // gpa of the page with bit 0 set; 0: no leaf
};

}  // namespace nestwalk::vmm
