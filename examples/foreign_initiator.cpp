// A processor model that knows nothing of nestwalk, an mmu behind it, a memory behind that, and a page that is mapped
// when it is first touched. docs/integration.md explains it line by line.
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "nestwalk/memory/dram.h"
#include "nestwalk/mmu/mmu.h"

namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;

// What you have: any initiator of the base protocol, here with a socket for fetches and one for data.
class processor : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<processor> instructions{"instructions"};
  tlm_utils::simple_initiator_socket<processor> data{"data"};
  std::function<bool(std::uint64_t address)> page_fault;  // the operating system; true: try again

  SC_CTOR(processor) { SC_THREAD(run); }

 private:
  std::uint64_t access(tlm::tlm_command command, std::uint64_t address, std::uint64_t value = 0) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(sizeof value);
    payload.set_streaming_width(sizeof value);
    do {
      sc_core::sc_time delay;
      payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
      data->b_transport(payload, delay);
      wait(delay);
    } while (payload.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE && page_fault(address));
    return payload.is_response_ok() ? value : 0;
  }

  void run() {
    access(tlm::TLM_WRITE_COMMAND, 0x400010, 42);
    std::cout << "read " << access(tlm::TLM_READ_COMMAND, 0x400010) << " at " << sc_core::sc_time_stamp() << '\n';
  }
};

class platform : public sc_core::sc_module, private protocol::control_bw_if {
 public:
  SC_CTOR(platform) {
    cpu_.instructions.bind(mmu_.fetch);
    cpu_.data.bind(mmu_.data);
    mmu_.fetch_memory.bind(memory_.cpu_side);
    mmu_.data_memory.bind(memory_.cpu_side);
    mmu_.guest_table_memory.bind(memory_.cpu_side);
    mmu_.nested_table_memory.bind(memory_.cpu_side);
    control_.bind(*this);
    control_.bind(mmu_.control);
    cpu_.page_fault = [this](std::uint64_t address) {
      const paging::fault& why = mmu_.last_fault(nestwalk::mmu::side::data);
      std::cout << paging::title_of(why.kind) << " at 0x" << std::hex << why.linear.value << ", error code 0x"
                << why.error_code << std::dec << '\n';
      store(0x4000 + (address >> 12 & 511) * 8, 0x800000 | 7);  // the page: present, writable, user
      return true;
    };
  }

 private:
  void store(std::uint64_t physical, std::uint64_t entry) {
    std::memcpy(memory_.store().at(physical), &entry, sizeof entry);
  }

  // The tables of 0x400000 to 0x5fffff, four levels: PML4, PDPT and PD; the page table at 0x4000 is empty.
  void start_of_simulation() override {
    store(0x1000, 0x2000 | 7);
    store(0x2000, 0x3000 | 7);
    store(0x3000 + 2 * 8, 0x4000 | 7);
    nestwalk::mmu::processor_state registers;
    registers.cr0 = paging::cr0::pe | paging::cr0::pg;
    registers.cr3 = 0x1000;
    registers.cr4 = paging::cr4::pae;
    registers.efer = paging::efer::lme | paging::efer::lma;
    mmu_.configure(registers);
  }

  processor cpu_{"cpu"};
  nestwalk::mmu::mmu mmu_{"mmu", {}};
  nestwalk::memory::dram memory_{"memory", {}};
  protocol::control_initiator_socket control_{"control"};
};

int sc_main(int, char*[]) {
  const platform all("platform");
  sc_core::sc_start();
  return 0;
}
