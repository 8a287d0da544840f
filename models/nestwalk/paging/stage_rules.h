// What the walks of the two stages do differently: which addresses they admit, how rights are judged, and what a
// failure reports.
#pragma once

#include <cstdint>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::paging {

/// How a failed walk ended: at which level, and the rights gathered until there (the failing entry's included).
struct walk_end {
  walk_cause cause = walk_cause::none;
  std::uint8_t level = 0;
  rights granted;
};

/// The entry of the PAT that a leaf of `level` chooses (SDM vol. 3, 4.9.2).
inline unsigned pat_index(std::uint64_t leaf, unsigned level) {
  const std::uint64_t pat_bit = level == 1 ? x86_entry::pat_4k : x86_entry::pat_large;
  return static_cast<unsigned>((leaf >> 3) & 3) | ((leaf & pat_bit) != 0 ? 4u : 0u);
}

template <class In>
struct stage_rules;

/// The first stage: guest tables.
template <>
struct stage_rules<gva> {
  /// Canonical addresses only (SDM vol. 1, 3.3.7.1); outside long mode linear addresses have 32 bits.
  static bool admits(const guest_stage& s, gva in) { return s.linear_bits == 32 || is_canonical(in, s.linear_bits); }
  static gva reduced(const guest_stage& s, gva in) { return s.linear_bits == 32 ? gva(in.value & 0xffffffff) : in; }
  static bool permits(const guest_stage& s, const access& a, rights r) { return s.policy.guest_permits(a, r); }
  static bool sets_dirty(const guest_stage&, const access& a) { return a.type == access_type::write; }
  static void finish(const guest_stage& s, std::uint64_t leaf, unsigned level, mapping<gpa>& m);
  /// CR0.CD makes every access UC, whatever PAT and EPT say (SDM vol. 3, 28.3.7.2).
  static void finish_type(const guest_stage& s, mapping<gpa>& m);
  static fault why(const guest_stage& s, gva in, const access& a, const walk_end& end);
};

/// The second stage: EPT or NPT tables.
template <>
struct stage_rules<gpa> {
  /// Bits beyond the tables' reach: an EPT violation or nested page fault, as if an entry were not present.
  static bool admits(const nested_stage& s, gpa in) {
    return s.format.input_bits >= 64 || (in.value >> s.format.input_bits) == 0;
  }
  static gpa reduced(const nested_stage&, gpa in) { return in; }
  static bool permits(const nested_stage& s, const nested_access& a, rights r) {
    return (needed(s, a) & ~unsigned{r.bits}) == 0;
  }
  static bool sets_dirty(const nested_stage& s, const nested_access& a) { return writes(s, a); }
  static void finish(const nested_stage& s, std::uint64_t leaf, unsigned level, mapping<hpa>& m);
  static fault why(const nested_stage& s, gpa in, const nested_access& a, const walk_end& end);
  /// Whether the question counts as a write of the page.
  static bool writes(const nested_stage& s, const nested_access& a) {
    if (a.why == purpose::data_page) return a.type == access_type::write;
    return a.why == purpose::flag_update || s.table_access_is_write;
  }

 private:
  static unsigned needed(const nested_stage& s, const nested_access& a);
};

inline void stage_rules<gva>::finish_type(const guest_stage& s, mapping<gpa>& m) {
  if (!s.uncached) return;
  m.type = memory_type::uc;
  m.combining = type_rule::alone;
}

inline void stage_rules<gva>::finish(const guest_stage& s, std::uint64_t leaf, unsigned level, mapping<gpa>& m) {
  m.guest_size_log2 = s.format.level[level].shift;
  if (s.format.types == type_source::pat) m.type = pat_type(s.pat, pat_index(leaf, level));
  finish_type(s, m);
  m.global = (leaf & s.format.global) != 0;
}

inline unsigned stage_rules<gpa>::needed(const nested_stage& s, const nested_access& a) {
  if (a.why != purpose::data_page) return rights::nested_read | (writes(s, a) ? rights::nested_write : 0);
  switch (a.type) {
    case access_type::read: return rights::nested_read;
    case access_type::write: return rights::nested_write;
    case access_type::fetch: break;
  }
  const bool user = s.guest_mode_execute_trap ? a.user : a.linear_rights.has(rights::user);
  return user ? rights::nested_execute_user : rights::nested_execute;
}

inline void stage_rules<gpa>::finish(const nested_stage& s, std::uint64_t leaf, unsigned level, mapping<hpa>& m) {
  m.nested_size_log2 = s.format.level[level].shift;
  if (s.format.types == type_source::leaf_field) {
    m.type = static_cast<memory_type>((leaf >> ept_entry::type_shift) & 7);
    m.combining = (leaf & ept_entry::ignore_pat) != 0 ? type_rule::alone : type_rule::below_pat;
  } else if (s.format.types == type_source::pat) {
    m.type = pat_type(s.pat, pat_index(leaf, level));
    m.combining = type_rule::two_pats;
  }
}

}  // namespace nestwalk::paging
