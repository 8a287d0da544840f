// The small world of the random test: which tables there are, which values their entries may take, and what may happen.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"
#include "operation.h"

namespace nestwalk::test {

/// Two guest roots and two nested roots. Guest tables lie in the lowest 2 MBytes of guest-physical memory, data from
/// there to 6 MBytes and at 1 and 2 GBytes; each guest-physical page may lie at its own address of host memory or at
/// another one.
class world {
 public:
  /// What the second stage does beyond translating.
  struct extras {
    bool flags = false;  ///< EPT accessed/dirty flags
    bool logs = false;   ///< page-modification logging
    bool traps = false;  ///< NPT: guest mode execute trap
    bool pae = false;    ///< NPT: the guest is in PAE paging, with PCID 0 alone
  };
  /// Where the page-modification log stands.
  static constexpr std::uint64_t log_address = 0x3'0000'0000;

  explicit world(bool nested, paging::nested_kind format, const extras& e)
      : nested_(nested), format_(format), extras_(e) {}

  bool nested() const { return nested_; }
  paging::nested_kind format() const { return format_; }
  bool logs() const { return extras_.logs; }
  bool traps() const { return extras_.traps; }
  bool pae() const { return extras_.pae; }
  /// CR3 of guest root `which`, without a PCID: its PML4, or its PDPTEs.
  std::uint64_t cr3(std::uint64_t which) const { return guest_root(which) + (extras_.pae ? 0x1000 : 0); }
  static std::uint64_t guest_root(std::uint64_t which) { return 0x10000 + which * 0x10000; }
  static std::uint64_t nested_root(std::uint64_t which) { return 0x2'0000'0000 + which * 0x100000; }
  std::uint64_t eptp(std::uint64_t which) const;
  /// Whether the nested entry at `entry`, a leaf, maps the guest-physical address `gpa`.
  static bool maps(std::uint64_t entry, std::uint64_t gpa);

  /// The edits that make a world in which most accesses succeed.
  std::vector<operation> beginning() const;
  operation random(std::mt19937_64& draw) const;

 private:
  struct slot {
    std::uint64_t address;  ///< host-physical
    unsigned level;
    bool guest;
    std::uint64_t covers;  ///< nested: the first guest-physical address that the entry maps
    std::uint64_t root;    ///< which root it belongs to
  };
  operation random_access(std::mt19937_64& draw) const;
  operation random_guest_edit(std::mt19937_64& draw) const;
  operation random_nested_edit(std::mt19937_64& draw) const;
  operation random_flush(std::mt19937_64& draw) const;
  operation random_switch(std::mt19937_64& draw) const;
  std::uint64_t guest_value(const slot& s, std::mt19937_64& draw) const;
  std::uint64_t nested_value(const slot& s, std::mt19937_64& draw) const;
  std::uint64_t nested_table(std::uint64_t to) const;
  std::uint64_t nested_leaf(std::uint64_t to, unsigned level, std::uint64_t draw) const;
  static std::vector<slot> guest_slots();
  static std::vector<slot> nested_slots();
  static std::uint64_t random_gva(std::mt19937_64& draw);
  std::uint64_t random_pcid(std::mt19937_64& draw) const;

  bool nested_;
  paging::nested_kind format_;
  extras extras_;
};

}  // namespace nestwalk::test
