// What the kernel does to processes' memory: demand paging, copy-on-write, and the system calls that edit tables.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "nestwalk/cpu/guest_instructions.h"
#include "nestwalk/guest/core_memory.h"
#include "nestwalk/guest/frame_allocator.h"
#include "nestwalk/guest/kernel_config.h"
#include "nestwalk/guest/mmu_context.h"
#include "nestwalk/guest/process.h"
#include "nestwalk/guest/shared_frames.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::guest {

/// Edits the tables of the process that runs (and builds those of a child). What a right or flag is taken from, or what
/// goes to another frame, is flushed before the frame is used again; what is only given needs no flush. Pages and
/// tables are zeroed and copied through the core.
class memory_manager {
 public:
  struct counters {
    statistics::counter demand_faults = 0;
    statistics::counter copy_faults = 0;
    statistics::counter reuse_faults = 0;
    statistics::counter execute_faults = 0;
    statistics::counter spurious_faults = 0;
    statistics::counter bad_faults = 0;
    statistics::counter pages_mapped_4k = 0;
    statistics::counter pages_mapped_2m = 0;
    statistics::counter pages_mapped_1g = 0;
    statistics::counter pages_unmapped = 0;
    statistics::counter pages_split = 0;
  };

  memory_manager(sc_core::sc_port<cpu::guest_instructions_if>& cpu, const kernel_config& config,
                 frame_allocator& frames, mmu_context& context)
      : cpu_(cpu),
        config_(config),
        frames_(frames),
        context_(context),
        memory_(cpu, config.levels, config.copy_bytes) {}

  /// Resolves a #PF of the process; false where it has no right to the access, and nothing was changed.
  bool resolve(process& p, const paging::fault& fault);

  // [first, last] are whole 4-KByte pages of the user half.
  void map(process& p, paging::gva first, paging::gva last);
  void unmap(process& p, paging::gva first, paging::gva last);
  void protect(process& p, paging::gva first, paging::gva last, bool writable);
  /// A root table for a new process: an empty user half, and the kernel half of `kernel_root`.
  paging::gpa make_root(paging::gpa kernel_root);
  void free_root(paging::gpa root) { frames_.release(root, paging::page_4k); }
  /// Copies the user half of `parent`, which runs, into the empty one of `child`: every page is shared and read-only.
  void fork(process& parent, process& child);
  /// Takes away the whole user half.
  void destroy(process& p);

  void count_bad_access() { ++counts_.bad_faults; }
  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  using slot = address_space::slot;
  /// A page taken out of the tables, to be freed once it is flushed.
  struct taken_page {
    paging::gpa frame;
    unsigned size_log2;
  };

  void map_on_demand(process& p, slot s, const paging::fault& fault, region rights);
  unsigned choose_level(const process& p, const slot& s, paging::gva address) const;
  void allow_write(slot s);
  void copy_page(slot& s, std::uint64_t flags);
  void split_at(process& p, paging::gva boundary, std::vector<paging::gva>& flushed);
  void make_private(slot& s);
  void take_away(process& p, paging::gva first, paging::gva last, std::vector<paging::gva>& flushed,
                 std::vector<taken_page>& taken);
  void free_pages(const std::vector<taken_page>& taken, const std::vector<paging::gpa>& tables);
  void count_mapped(unsigned level);
  region initially() const { return config_.on_demand == on_demand_policy::all ? region::read_write : region::none; }

  sc_core::sc_port<cpu::guest_instructions_if>& cpu_;
  const kernel_config& config_;
  frame_allocator& frames_;
  mmu_context& context_;
  core_memory memory_;
  shared_frames shared_;
  counters counts_;
};

}  // namespace nestwalk::guest
