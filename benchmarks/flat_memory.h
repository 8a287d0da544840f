// A memory of one latency, whose DMI says all that there is to say about its time.
#pragma once

#include <cstdint>
#include <cstring>

#include <systemc>
#include <tlm>

#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::bench {

/// Serves reads and writes within 2 MiB, and grants those 2 MiB. It counts nothing.
class flat_memory : public sc_core::sc_module, private protocol::blocking_target {
 public:
  protocol::memory_target_socket cpu_side{"cpu_side"};

  explicit flat_memory(const sc_core::sc_module_name& name)
      : sc_module(name), store_(std::uint64_t{64} << 30, this->name()) {
    cpu_side.bind(*this);
  }
  memory::sparse_store& store() { return store_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    unsigned char* const host = store_.at(payload.get_address());
    if (payload.is_write())
      std::memcpy(host, payload.get_data_ptr(), payload.get_data_length());
    else
      std::memcpy(payload.get_data_ptr(), host, payload.get_data_length());
    delay += latency_;
    payload.set_dmi_allowed(true);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    const std::uint64_t address = payload.get_address();
    grant.set_dmi_ptr(store_.at(memory::sparse_store::chunk_first(address)));
    grant.set_start_address(memory::sparse_store::chunk_first(address));
    grant.set_end_address(store_.chunk_last(address));
    grant.set_read_latency(latency_);
    grant.set_write_latency(latency_);
    grant.allow_read_write();
    return true;
  }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  memory::sparse_store store_;
  sc_core::sc_time latency_{30, sc_core::SC_NS};
};

}  // namespace nestwalk::bench
