// What a stack of TLBs and walkers is built of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/tlb/config.h"
#include "nestwalk/walker/walker_config.h"

namespace nestwalk::translation {

/// The parts of a stack: each with its name as a module, which its statistics go by too, and its configuration. A TLB
/// without entries is not built.
struct stack_plan {
  using memory_end = protocol::memory_initiator_socket::base_type;
  using gva_end = protocol::translation_initiator_socket<paging::gva>::base_type;

  struct tlb_part {
    std::string name;
    tlb::tlb_config config;
  };
  struct walker_part {
    std::string name;
    walker::walker_config config;
    memory_end* memory;  ///< the socket through which it reads its tables
  };

  std::vector<tlb_part> first;              ///< TLBs of linear addresses, one for each asker
  std::optional<tlb_part> shared;           ///< one below them all
  std::optional<walker_part> first_stage;   ///< none: `external_walker` answers instead, for both stages
  gva_end* external_walker = nullptr;       ///< the socket that leads to it
  std::optional<tlb_part> second_tlb;       ///< TLB of guest-physical addresses, between the walkers
  std::optional<walker_part> second_stage;  ///< none: no second stage can be turned on
};

}  // namespace nestwalk::translation
