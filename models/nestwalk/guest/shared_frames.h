// How many mappings each page of user memory has, since fork.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "nestwalk/paging/address.h"

namespace nestwalk::guest {

/// Counts the mappings of pages that have more than one; a page that it does not know has one. Never iterated.
class shared_frames {
 public:
  bool shared(paging::gpa page) const { return counts_.count(page.value) != 0; }
  /// One mapping more.
  void add(paging::gpa page) { ++counts_.try_emplace(page.value, 1u).first->second; }
  /// One mapping less; whether it was the last.
  bool remove(paging::gpa page) {
    const auto found = counts_.find(page.value);
    if (found == counts_.end()) return true;
    if (--found->second == 1) counts_.erase(found);
    return false;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;
};

}  // namespace nestwalk::guest
