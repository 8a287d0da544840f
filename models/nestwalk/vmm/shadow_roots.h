// The shadow roots that are kept, each under a tag of its own, and the flushes that the guest asks of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nestwalk/paging/stage.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/shadow_root.h"
#include "nestwalk/vmm/shadow_tables.h"
#include "nestwalk/vmm/table_synchroniser.h"

namespace nestwalk::vmm {

/// At most `kept` roots; the one used longest ago makes room. A tag that is given to another root is flushed before
/// that root runs.
class shadow_roots {
 public:
  struct counters {
    statistics::counter made = 0;
    statistics::counter reused = 0;
    statistics::counter evicted = 0;
    statistics::counter released = 0;
  };

  shadow_roots(unsigned kept, host& host, shadow_tables& tables, table_synchroniser& synchroniser)
      : host_(host), tables_(tables), synchroniser_(synchroniser), slots_(kept), tag_used_(kept, false) {}

  /// The root that runs, or will at the next VM entry.
  shadow_root& current() { return *current_; }
  /// Makes the root of that identity current: one that was kept, with what the guest asked of it in the meantime, or a
  /// new one of `levels`, whose top table stands for `place`.
  void load(const root_identity& identity, const paging::guest_stage& stage, unsigned levels, const guest_place& place);
  /// Takes the tables of a root away that is not the current one.
  void release(shadow_root& root);

  /// The guest flushes a PCID; `every`: all of them. Lagging tables under the current root are brought in.
  void flush_pcid(std::uint16_t pcid);
  void flush_every();
  /// The guest flushes an address under a PCID; `every_pcid` where global mappings go too.
  void flush_address(std::uint16_t pcid, paging::gva address, bool every_pcid);

  /// Performs the flushes that are due for the current root, before it runs.
  void settle();

  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  static constexpr std::uint16_t first_tag = 1;  // 0 is the host's (SDM vol. 3, 28.1; ASID 0: APM vol. 2, 15.16)

  shadow_root* find(const root_identity& identity);
  unsigned free_slot();
  void flush_all_of(shadow_root& root);
  void flush_one_of(shadow_root& root, paging::gva address);
  void answer(shadow_root& root);

  host& host_;
  shadow_tables& tables_;
  table_synchroniser& synchroniser_;
  std::vector<std::unique_ptr<shadow_root>> slots_;  // slot i has tag first_tag + i
  std::vector<bool> tag_used_;
  shadow_root* current_ = nullptr;
  std::uint64_t clock_ = 0;
  counters counts_;
};

}  // namespace nestwalk::vmm
