// The table entries that lie on the way of a walk.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/paging/stage.h"
#include "platforms/explain/entry_edit.h"

namespace nestwalk::platforms {

/// Where the entries that translate an address lie in host memory, found by looking: as far as the tables go that way.
class table_way {
 public:
  /// Of `address`, by the tables of both stages in `memory`, which must outlive this.
  table_way(const paging::domain& d, paging::gva address, memory::sparse_store& memory);

  /// Of a guest-physical `address`: by the tables of the second stage only.
  table_way(const paging::domain& d, paging::gpa address, memory::sparse_store& memory);

  /// Changes the entries that the edit names, whatever caches hold. Throws `input_error` where none is on the way.
  void apply(const entry_edit& edit);

 private:
  using entries = std::map<unsigned, paging::hpa>;  // by level

  static constexpr unsigned data_page = 0;

  std::vector<paging::hpa> named_by(const entry_edit& edit) const;
  void change(paging::hpa entry, const entry_edit& edit);
  std::string names() const;  // of all entries found

  memory::sparse_store& memory_;
  paging::nested_kind format_;
  entries guest_;
  std::map<unsigned, entries> nested_;  // by the level of the guest entry in whose page; of the data page: data_page
};

}  // namespace nestwalk::platforms
