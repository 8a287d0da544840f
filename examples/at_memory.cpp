// The mmu before a memory that is not nestwalk's and only speaks the base protocol's phases (AT), on one 64-bit socket;
// above it a processor with one socket for everything. An adapter stands before the memory.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <array>
#include <cstdint>
#include <cstring>
#include <iostream>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/to_non_blocking.h"

namespace paging = nestwalk::paging;

// Takes a request in 2 ns and answers it 18 ns later.
class at_memory : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t size = 0x10000;
  tlm_utils::simple_target_socket<at_memory, 64> socket{"socket"};
  unsigned requests = 0;

  explicit at_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_fw(this, &at_memory::call);
    socket.register_transport_dbg(this, &at_memory::debug);
  }
  void put(std::uint64_t address, std::uint64_t value) { std::memcpy(&bytes_[address], &value, sizeof value); }

 private:
  tlm::tlm_sync_enum call(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
    ++requests;
    sc_core::sc_spawn([this, &payload, delay] {
      wait(delay + sc_core::sc_time(2, sc_core::SC_NS));
      answer(payload, tlm::END_REQ);
      wait(18, sc_core::SC_NS);
      payload.set_response_status(debug(payload) != 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
      answer(payload, tlm::BEGIN_RESP);
    });
    return tlm::TLM_ACCEPTED;
  }
  void answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase) {
    sc_core::sc_time now;
    socket->nb_transport_bw(payload, phase, now);
  }
  unsigned debug(tlm::tlm_generic_payload& payload) {
    const unsigned length = payload.get_data_length();
    if (payload.get_address() + length > size) return 0;
    unsigned char* const here = &bytes_[payload.get_address()];
    if (payload.is_write()) std::memcpy(here, payload.get_data_ptr(), length);
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), here, length);
    return length;
  }

  std::array<unsigned char, size> bytes_{};
};

class platform : public sc_core::sc_module {
 public:
  bool as_expected = false;

  SC_CTOR(platform) {
    cpu_.bind(mmu_.data);
    mmu_.data_memory.bind(adapter_.cpu_side);  // the other ways to memory are not bound, and go here too
    adapter_.memory_side.bind(memory_.socket);
    SC_THREAD(run);
  }

 private:
  // Linear 0 to 0xfff lie at 0x8000. The tables are 32-bit ones.
  void run() {
    memory_.put(0x1000, 0x2007);
    memory_.put(0x2000, 0x8007);
    memory_.put(0x8010, 1);
    nestwalk::mmu::processor_state registers;
    registers.cr0 = paging::cr0::pe | paging::cr0::pg;
    registers.cr3 = 0x1000;
    mmu_.configure(registers);

    const std::uint64_t first = read(0x10);
    const sc_core::sc_time missed = sc_core::sc_time_stamp();
    const std::uint64_t second = read(0x10);
    std::cout << "read " << first << " and " << second << "; " << memory_.requests << " requests, " << missed
              << " with the walk, " << sc_core::sc_time_stamp() - missed << " without\n";
    as_expected = first == 1 && second == 1;
  }
  std::uint64_t read(std::uint64_t address) {
    std::uint64_t value = 0;
    tlm::tlm_generic_payload payload;
    payload.set_read();
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(sizeof value);
    payload.set_streaming_width(sizeof value);
    sc_core::sc_time delay;
    cpu_->b_transport(payload, delay);
    wait(delay);
    return value;
  }

  tlm_utils::simple_initiator_socket<platform> cpu_{"cpu"};
  nestwalk::mmu::mmu mmu_{"mmu", {}};
  nestwalk::protocol::to_non_blocking adapter_{"adapter"};
  at_memory memory_{"memory"};
};

int sc_main(int, char*[]) {
  const platform all("platform");
  sc_core::sc_start();
  return all.as_expected ? 0 : 1;
}
