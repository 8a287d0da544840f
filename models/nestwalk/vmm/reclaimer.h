// Takes guest pages back, as a host short of memory does.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/pager.h"
#include "nestwalk/vmm/vmm_config.h"

namespace nestwalk::vmm {

/// After every so many exits takes the next backed 4-KByte guest pages in the order of their addresses, round and
/// round: each is unmapped everywhere, and its bytes kept until the guest reaches for it.
class reclaimer {
 public:
  reclaimer(const vmm_config& config, host& host, guest_memory_map& memory, pager& mappings)
      : config_(config), host_(host), memory_(memory), pager_(mappings) {}

  void after_exit();

 private:
  const vmm_config& config_;
  host& host_;
  guest_memory_map& memory_;
  pager& pager_;
  std::uint64_t exits_ = 0;
  paging::gpa hand_;
};

}  // namespace nestwalk::vmm
