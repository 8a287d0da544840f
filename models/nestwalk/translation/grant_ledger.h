// The DMI grants that memory ports have given, so that it can take back exactly those that no longer hold.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/tlb/entry.h"
#include "nestwalk/translation/keyed_slots.h"

namespace nestwalk::translation {

/// What a front tells of the translation behind a grant, beside the mapping itself.
struct grant_origin {
  std::uint64_t context = 0;      ///< tells which of an initiator's translations was asked
  paging::translation_tags tags;  ///< of the domain that it was made in
  bool as_it_is = false;          ///< no table translated the address
};

/// One grant: linear addresses [first, last], which are [host, host + last - first] of memory.
struct dmi_grant {
  unsigned port = 0;  ///< which of the memory ports
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t host = 0;
  tlb::entry mapped;  ///< the mapping of both stages with its tags
  grant_origin origin;
  paging::access asked;           ///< by whom, and for what
  bool writable = false;          ///< writes were granted too
  bool keyed_by_context = false;  ///< the initiator keeps grants by domain: a switch takes none back
};

/// Taking a grant back calls `revoke` with its port and its range; several go by port and address. Each operation costs
/// what it takes back, not what it leaves: grants are found by the page that software mapped, by the page of memory,
/// and by group, all whose tags and rights are the same and which one look at either judges.
class grant_ledger {
 public:
  using revoke = std::function<void(unsigned port, std::uint64_t first, std::uint64_t last)>;

  explicit grant_ledger(revoke how) : revoke_(std::move(how)) {}

  void add(const dmi_grant& g);
  bool empty() const { return live_ == 0; }
  std::size_t size() const { return live_; }
  /// Whether a change of domain may take something back.
  bool any_unkeyed() const { return unkeyed_ != 0; }

  /// An invalidation: what it selects, whether or not a TLB still holds it.
  void take_back(const paging::selector& s);
  /// Memory withdrew its grant of [first, last], host-physical, on one port.
  void take_back_memory(unsigned port, std::uint64_t first, std::uint64_t last);
  /// Likewise, for ports that send to memory through one socket.
  void take_back_memory(std::uint64_t first, std::uint64_t last);
  /// Every grant of which `condemned(grant)` is true; looks at each.
  template <class Condemned>
  void take_back_where(const Condemned& condemned) {
    for (const auto& [key, members] : groups_)
      for (slot s = members.first; s != none; s = records_[s].after)
        if (condemned(records_[s].grant)) condemned_.push_back(s);
    execute();
  }
  /// Linear addresses may map elsewhere now: every grant that is not kept by domain.
  void leave_space();
  /// The rights policy changed: those whose accesses it no longer permits.
  void judge(const paging::guest_stage& now);
  /// An access of that mode came by: where it is another than before, CPL or AC has changed, and those go whose
  /// accesses that mode may not make.
  void seen(paging::access_mode mode, const paging::guest_stage& now) {
    if (mode != mode_ && any_unkeyed()) judge_mode(now, mode);
    mode_ = mode;
  }

 private:
  using slot = keyed_slots::slot;
  static constexpr slot none = keyed_slots::none;

  /// What grants of one group have in common.
  struct group_key {
    bool keyed_by_context;
    tlb::key domain;  ///< tags and whether global
    paging::rights granted;
    bool fetched;
    bool writable;
    paging::access_mode mode;
    bool operator<(const group_key& other) const;
  };
  struct group {
    slot first = none;
  };
  using groups = std::map<group_key, group>;
  struct record {
    dmi_grant grant;
    groups::iterator in;
    slot after = none;  // in the group, or among the free
    slot before = none;
  };

  static group_key key_of(const dmi_grant& g);
  static std::uint64_t linear_key(const dmi_grant& g);
  static std::uint64_t host_key(const dmi_grant& g);
  static bool permits(const paging::guest_stage& now, const group_key& k, paging::access_mode mode);
  void judge_mode(const paging::guest_stage& now, paging::access_mode mode);
  slot find(const dmi_grant& g) const;
  slot free_slot();
  void remove(slot s);
  template <class Condemned>
  void condemn_groups(const Condemned& condemned);
  template <class Condemned>
  void condemn_pages(const keyed_slots& index, const std::array<std::uint32_t, 64>& sizes, std::uint64_t first,
                     std::uint64_t last, const Condemned& condemned);
  void execute();

  revoke revoke_;
  std::vector<record> records_;
  slot free_ = none;
  keyed_slots by_linear_;                         // by the page that software mapped
  keyed_slots by_host_;                           // by the page of memory that the mapping covers
  std::array<std::uint32_t, 64> linear_sizes_{};  // live grants by log2 of these pages
  std::array<std::uint32_t, 64> host_sizes_{};
  groups groups_;  // those not kept by context first
  std::size_t live_ = 0;
  std::size_t unkeyed_ = 0;
  std::vector<slot> condemned_;  // of the operation under way
  paging::access_mode mode_ = paging::access_mode::supervisor_ac;
};

}  // namespace nestwalk::translation
