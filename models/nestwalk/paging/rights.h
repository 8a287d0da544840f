// The rights that a mapping gives, kept by stage, and the policy that judges the guest's part at each use.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/access.h"

namespace nestwalk::paging {

/// Rights of a mapping. The guest's bits are judged at each use under the current privilege (`rights_policy`); the
/// nested ones absolutely. A stage that is off contributes every right.
struct rights {
  static constexpr unsigned writable = 1u << 0;             ///< guest R/W, ANDed over the levels
  static constexpr unsigned user = 1u << 1;                 ///< guest U/S, ANDed over the levels
  static constexpr unsigned executable = 1u << 2;           ///< guest XD is 0 at every level
  static constexpr unsigned nested_read = 1u << 3;          ///< second stage R
  static constexpr unsigned nested_write = 1u << 4;         ///< second stage W
  static constexpr unsigned nested_execute = 1u << 5;       ///< second stage X; XS under mode-based execute control
  static constexpr unsigned nested_execute_user = 1u << 6;  ///< second stage X; XU under mode-based execute control
  static constexpr unsigned dirty = 1u << 7;                ///< a write needs no dirty flag set, in either stage
  static constexpr unsigned guest_mask = writable | user | executable;
  static constexpr unsigned nested_mask = nested_read | nested_write | nested_execute | nested_execute_user;
  static constexpr unsigned all = 0xff;

  std::uint8_t bits = all;
  std::uint8_t key = 0;  ///< protection key of the guest's leaf, 0 where keys are off

  constexpr bool has(unsigned mask) const { return (bits & mask) == mask; }
  friend constexpr bool operator==(rights a, rights b) { return a.bits == b.bits && a.key == b.key; }
};

/// How accesses are judged under one setting of CR0.WP, CR4.SMEP, SMAP, PKE, PKS, PKRU and PKRS (SDM vol. 3, 4.6; APM
/// vol. 2, 5.6). A table over `access::index()` and U/S, prepared once per register write.
class rights_policy {
 public:
  /// The registers' bits that rights hang on.
  struct controls {
    bool paging = true;          ///< CR0.PG; without it every linear address is user-mode, writable and executable
    bool write_protect = false;  ///< CR0.WP
    bool supervisor_execute_prevention = false;  ///< CR4.SMEP
    bool supervisor_access_prevention = false;   ///< CR4.SMAP
    bool user_keys = false;                      ///< CR4.PKE, in 4- and 5-level paging
    bool supervisor_keys = false;                ///< CR4.PKS, in 4- and 5-level paging
    std::uint32_t pkru = 0;
    std::uint32_t pkrs = 0;
    /// A fetch needs the nested right of the mode it is made in (guest mode execute trap), not of its page (mode-based
    /// execute control); without either both rights are one.
    bool nested_fetch_by_mode = false;
  };

  rights_policy() : rights_policy(controls{}) {}
  explicit rights_policy(const controls& c);

  /// Whether the guest's rights let the access through; nested rights and dirtiness are not asked.
  bool guest_permits(access a, rights r) const {
    return (needed(a, r) & (rights::guest_mask | never) & ~unsigned{r.bits}) == 0 && !key_denies(a, r);
  }
  /// Whether a cached mapping may answer the access: both stages' rights allow it and no flag is left to set.
  bool hit_permits(access a, rights r) const { return (needed(a, r) & ~unsigned{r.bits}) == 0 && !key_denies(a, r); }
  /// Whether the protection key of the page forbids the access (error code bit PK).
  bool key_denies(access a, rights r) const { return ((denied_keys_[user_page(r)][a.index()] >> r.key) & 1u) != 0; }

 private:
  static constexpr unsigned never = 1u << 8;  // a right that no mapping has
  static unsigned user_page(rights r) { return (r.bits & rights::user) != 0 ? 1 : 0; }
  unsigned needed(access a, rights r) const { return need_[user_page(r)][a.index()]; }
  static unsigned need_of(const controls& c, access a, bool user_page);
  static unsigned denied_keys_of(const controls& c, access a, bool user_page);

  std::array<std::array<std::uint16_t, access_classes>, 2> need_{};
  std::array<std::array<std::uint16_t, access_classes>, 2> denied_keys_{};
};

}  // namespace nestwalk::paging
