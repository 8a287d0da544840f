// What an mmu counts of its control socket.
#pragma once

#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::mmu {

/// Of the control socket. A flush is counted under what caused it.
struct control_counters {
  statistics::counter cr3_loads = 0;
  statistics::counter cr3_loads_without_flush = 0;
  statistics::counter register_flushes = 0;
  statistics::counter refused_writes = 0;
  statistics::counter invlpg = 0;
  statistics::counter invpcid = 0;
  statistics::counter invept = 0;
  statistics::counter invvpid = 0;
  statistics::counter invlpga = 0;
  statistics::counter vm_entries = 0;
  statistics::counter vm_exits = 0;
  statistics::counter transition_flushes = 0;
  statistics::counter fault_drops = 0;

  void describe(statistics::group& into);
};

}  // namespace nestwalk::mmu
