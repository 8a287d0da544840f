// What a TLB tries before it looks up its arrays: the entry that answered last for the page's slot.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/tlb/tlb_array.h"

namespace nestwalk::tlb {

/// Exact: a slot names the entry that the arrays answered a key with, until that entry goes; and they would answer that
/// key with it again, because they prefer the smallest page size and no fill comes below an entry that matches (but for
/// globals, which match under keys that missed: their fill clears the filter).
class filter {
 public:
  struct slot {
    key asked;  // never all zero, as a key is valid
    entry* last = nullptr;
    const entry* const* recent = nullptr;  // where the array keeps its last used entry of the set
    tlb_array* array = nullptr;

    bool answers(const key& k) const { return asked == k; }
  };

  /// The slot of a key's 4-KByte page.
  slot& at(const key& k) { return slots_[(k.page >> paging::page_4k) % slots_.size()]; }
  void clear() { slots_.fill(slot{}); }
  /// The entry goes, or becomes another.
  void forget(const entry& e) {
    if (e.size_index() == 0) {  // one 4-KByte page: one slot
      forget(at(e.at), e);
    } else {
      for (slot& s : slots_) forget(s, e);
    }
  }

 private:
  static void forget(slot& s, const entry& e) {
    if (s.last == &e) s = slot{};
  }

  std::array<slot, 64> slots_{};
};

}  // namespace nestwalk::tlb
