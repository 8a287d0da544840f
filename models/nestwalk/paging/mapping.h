// The answer of a translation: which page, with which rights, of which sizes.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/memory_type.h"
#include "nestwalk/paging/rights.h"

namespace nestwalk::paging {

/// A page of one address space mapped to another. It covers the smaller of the stages' pages and keeps both sizes.
template <class Out>
struct mapping {
  Out page;                                    ///< where the covered page begins
  std::uint8_t guest_size_log2 = 63;           ///< size of the guest's page; 63 where no guest stage took part
  std::uint8_t nested_size_log2 = 63;          ///< size of the second stage's page; 63 where none took part
  rights granted;                              ///< both stages' rights
  memory_type type = memory_type::wb;          ///< effective memory type
  type_rule combining = type_rule::below_pat;  ///< how the type goes with the other stage's
  bool global = false;                         ///< guest leaf's G, where CR4.PGE is on
  std::uint8_t unused = 0;  ///< fills two words: 15 bytes would be copied by overlapping moves, which stall

  /// Bytes, as a power of two, that the mapping covers.
  constexpr unsigned size_log2() const {
    return guest_size_log2 < nested_size_log2 ? guest_size_log2 : nested_size_log2;
  }
  /// Where `in`, an address of the covered page, goes.
  template <class In>
  constexpr Out translate(In in) const {
    return page + in.offset(size_log2());
  }
};

/// The mapping of a linear address through both stages: `second` maps the guest-physical address `at` that `first`
/// gives.
inline mapping<hpa> compose(const mapping<gpa>& first, const mapping<hpa>& second, gpa at) {
  mapping<hpa> whole;
  whole.guest_size_log2 = first.guest_size_log2;
  whole.nested_size_log2 = second.nested_size_log2;
  whole.page = second.translate(at).base(whole.size_log2());
  whole.granted = {static_cast<std::uint8_t>(first.granted.bits & second.granted.bits), first.granted.key};
  whole.type = first.combining == type_rule::alone ? first.type : combine(first.type, second.type, second.combining);
  whole.global = first.global;
  return whole;
}

/// A guest-physical address taken as host-physical: the identity mapping where there is no second stage.
inline mapping<hpa> untranslated(const mapping<gpa>& first) {
  mapping<hpa> whole;
  whole.page = hpa(first.page.value);
  whole.guest_size_log2 = first.guest_size_log2;
  whole.granted = first.granted;
  whole.type = first.type;
  whole.global = first.global;
  return whole;
}

}  // namespace nestwalk::paging
