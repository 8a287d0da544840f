// Reaches a memory that takes only whole lines.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/payload_pool.h"

namespace nestwalk::memory {

/// Stands before a memory model that serves aligned lines only. A read becomes a read of each line that it touches; a
/// write of a whole line goes as it is, and of a part is a read of the line and a write of it (so it is atomic as long
/// as the memory does not wait). The payloads of the lines carry the extensions of the access. Streaming is a burst
/// error. DMI and debug transport pass as they are.
class line_adapter : public sc_core::sc_module,
                     private protocol::blocking_target,
                     private protocol::blocking_initiator {
 public:
  protocol::memory_target_socket cpu_side{"cpu_side"};           ///< faces whoever accesses memory
  protocol::memory_initiator_socket memory_side{"memory_side"};  ///< faces the memory

  /// Lines of `line` bytes, a power of two; throws input_error for another number.
  line_adapter(const sc_core::sc_module_name& name, unsigned line);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return memory_side->get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return memory_side->transport_dbg(payload); }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    protocol::invalidate_all(cpu_side, first, last);
  }

  /// What an access does to one line: bytes [first, first + count) of it, from `offset` in the access's data.
  struct part {
    std::uint64_t line;
    unsigned first;
    unsigned count;
    unsigned offset;
  };
  tlm::tlm_response_status serve(tlm::tlm_generic_payload& payload, const part& p, sc_core::sc_time& delay);
  tlm::tlm_response_status send(const tlm::tlm_generic_payload& whole, tlm::tlm_command command, std::uint64_t line,
                                std::vector<unsigned char>& bytes, sc_core::sc_time& delay);

  unsigned line_;
  protocol::payload_pool payloads_;
};

}  // namespace nestwalk::memory
