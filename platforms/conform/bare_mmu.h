// An mmu over table memory, with no caches and no core: what conformance and random tests drive.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/memory/dram.h"
#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/owned_payload.h"

namespace nestwalk::platforms {

/// Tables lie in a dram that the walkers read; an access that is translated moves no data, so that it can change no
/// table: only where it went is kept.
class bare_mmu : public sc_core::sc_module, private protocol::blocking_initiator, private protocol::control_bw_if {
 public:
  /// `filled` (may be null): what table memory holds at first, and all that it holds.
  bare_mmu(const sc_core::sc_module_name& name, const mmu::mmu_config& config, memory::contents* filled = nullptr);

  protocol::control_fw_if& registers() { return *control_.operator->(); }
  std::uint64_t read(std::uint64_t address) const;
  void write(std::uint64_t address, std::uint64_t qword);
  void clear_memory() { tables_.clear(); }
  /// Takes away every cached mapping of every kind.
  void flush_everything();
  /// Loads controls and registers as a VM entry does.
  void enter(const protocol::translation_controls& controls, const paging::paging_registers& guest);

  /// One access of `size` bytes. True: `output` says where it went; false: `fault` says why not.
  bool access(paging::gva in, const paging::access& a, unsigned size);
  paging::hpa output;
  paging::fault fault;

 private:
  /// Says where the last access went, and does nothing else.
  class recorder : public sc_core::sc_module, private protocol::blocking_target {
   public:
    protocol::memory_target_socket socket{"socket"};
    std::uint64_t last = 0;
    explicit recorder(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

   private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) override {
      last = payload.get_address();
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
  };

  protocol::memory_initiator_socket fetch_{"fetch"};
  protocol::memory_initiator_socket data_{"data"};
  protocol::control_initiator_socket control_{"control"};
  mmu::mmu mmu_;
  memory::dram tables_;
  recorder went_{"went"};
  protocol::owned_payload payload_;
  unsigned char bytes_[64] = {};
};

}  // namespace nestwalk::platforms
