// From a guest page to the shadow leaves that map it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "nestwalk/paging/address.h"
#include "nestwalk/vmm/shadow_table.h"

namespace nestwalk::vmm {

/// Looked up, never iterated as a whole: the order of its buckets shows nowhere.
class reverse_map {
 public:
  struct leaf {
    shadow_table* table;
    unsigned index;
  };

  void add(shadow_table& table, unsigned index) {
    leaves_[key(table.target(index), shadow_table::shift(table.level))].push_back({&table, index});
  }
  void remove(const shadow_table& table, unsigned index) {
    const auto found = leaves_.find(key(table.target(index), shadow_table::shift(table.level)));
    auto& list = found->second;
    list.erase(
        std::find_if(list.begin(), list.end(), [&](const leaf& l) { return l.table == &table && l.index == index; }));
    if (list.empty()) leaves_.erase(found);
  }
  /// The leaves of 2^`size_log2` bytes that map the page of that size around `at`; a copy, as the caller changes them.
  std::vector<leaf> leaves_of(paging::gpa at, unsigned size_log2) const {
    const auto found = leaves_.find(key(at.base(size_log2), size_log2));
    return found == leaves_.end() ? std::vector<leaf>{} : found->second;
  }

 private:
  // Pages are aligned, so the size fits into the low bits.
  static std::uint64_t key(paging::gpa page, unsigned size_log2) { return page.value | size_log2; }

  std::unordered_map<std::uint64_t, std::vector<leaf>> leaves_;
};

}  // namespace nestwalk::vmm
