// Nested paging: keeps the second stage's tables, in EPT or NPT format.
#pragma once

#include <cstdint>

#include "nestwalk/paging/stage.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/host_allocator.h"
#include "nestwalk/vmm/pager.h"
#include "nestwalk/vmm/vmm_config.h"

namespace nestwalk::vmm {

/// Maps what the guest reaches for, at the size of its backing. Rights are all given and flags left clear: the hardware
/// sets them. An entry that appears where none was present needs no INVEPT (SDM vol. 3, 28.4.3.3).
class nested_pager : public pager {
 public:
  struct counters {
    statistics::counter faults = 0;
    statistics::counter tables = 0;
    statistics::counter entries_written = 0;
    statistics::counter splits = 0;
    statistics::counter unmapped = 0;
  };

  nested_pager(const vmm_config& config, host& host, host_allocator& frames, guest_memory_map& memory);

  void start() override;
  void handle(protocol::vm_exit& exit) override;
  void withdraw(paging::gpa page) override;
  void resume() override;
  void describe(statistics::group& into) override;

  const counters& counts() const { return counts_; }

 private:
  bool ept() const { return config_.format == paging::nested_kind::ept; }
  std::uint64_t eptp() const;
  paging::paging_registers host_registers() const;
  paging::hpa slot(paging::hpa table, paging::gpa at, unsigned level) const;
  std::uint64_t leaf(paging::hpa page, unsigned level) const;
  void write(paging::hpa slot, std::uint64_t entry);
  paging::hpa new_table();
  void map(paging::gpa at);
  void split(paging::hpa slot, std::uint64_t entry, unsigned level);

  const vmm_config& config_;
  host& host_;
  host_allocator& frames_;
  guest_memory_map& memory_;
  paging::nested_stage stage_;  // of the second stage, as the hardware decodes it
  paging::hpa root_;
  std::uint64_t table_flags_;
  bool flush_due_ = false;
  counters counts_;
};

}  // namespace nestwalk::vmm
