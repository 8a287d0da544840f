// A DMA model that knows nothing of nestwalk, behind a remapping unit, before a memory. Software, here a thread, builds
// the device tables, turns translation on by the unit's registers, and reads what was blocked from its fault record.
#include <cstdint>
#include <cstring>
#include <iostream>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "nestwalk/iommu/iommu.h"
#include "nestwalk/memory/dram.h"

// What you have: a device that copies, by addresses that its driver gave it.
class dma_engine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<dma_engine> memory{"memory"};

  explicit dma_engine(const sc_core::sc_module_name& name) : sc_module(name) {}

  /// Copies a line of 64 bytes; false where the bus answers an error.
  bool copy_line(std::uint64_t from, std::uint64_t to) {
    unsigned char line[64];
    return transfer(tlm::TLM_READ_COMMAND, from, line) && transfer(tlm::TLM_WRITE_COMMAND, to, line);
  }

 private:
  bool transfer(tlm::tlm_command command, std::uint64_t address, unsigned char* line) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(line);
    payload.set_data_length(64);
    payload.set_streaming_width(64);
    sc_core::sc_time delay;
    memory->b_transport(payload, delay);
    wait(delay);
    return payload.is_response_ok();
  }
};

constexpr std::uint16_t requester = 0x0010;  // bus 0, device 2, function 0

// What the unit can do is what its capability registers say: of an unset one, nothing.
nestwalk::iommu::iommu_config unit_with_one_device() {
  namespace cap = nestwalk::paging::vtd::cap;
  nestwalk::iommu::iommu_config c;
  c.devices = {requester};
  c.unit.cap = std::uint64_t{1} << (cap::sagaw + 2)                      // second-stage tables of four levels
               | std::uint64_t{47} << cap::mgaw                          // 48 bits of device addresses
               | std::uint64_t{0x22} << cap::fro                         // fault records from 0x220 on
               | std::uint64_t{6} << cap::nd;                            // 16 bits of domain id
  c.unit.ecap = std::uint64_t{0xf} << nestwalk::paging::vtd::ecap::iro;  // IOTLB registers from 0xf0 on
  return c;
}

class platform : public sc_core::sc_module {
 public:
  bool as_expected = false;

  SC_CTOR(platform) {
    dma_.memory.bind(unit_.device(requester));
    software_.bind(unit_.registers);
    unit_.memory.bind(memory_.cpu_side);
    unit_.structure_memory.bind(memory_.cpu_side);
    unit_.first_stage_memory.bind(memory_.cpu_side);
    unit_.second_stage_memory.bind(memory_.cpu_side);
    SC_THREAD(run);
  }

 private:
  void put(std::uint64_t physical, std::uint64_t value) {
    std::memcpy(memory_.store().at(physical), &value, sizeof value);
  }
  std::uint64_t get(std::uint64_t physical) {
    std::uint64_t value = 0;
    std::memcpy(&value, memory_.store().at(physical), sizeof value);
    return value;
  }
  // A register of the unit: an offset is an address (VT-d specification, 11.4).
  std::uint64_t access(tlm::tlm_command command, std::uint32_t offset, unsigned bytes, std::uint64_t value = 0) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    sc_core::sc_time delay;
    software_->b_transport(payload, delay);
    wait(delay);
    return value;
  }

  // GCMD, and the bit of GSTS that says that it is done.
  void command(std::uint32_t bit) {
    access(tlm::TLM_WRITE_COMMAND, 0x18, 4, bit);
    while ((access(tlm::TLM_READ_COMMAND, 0x1c, 4) & bit) == 0) wait(100, sc_core::SC_NS);
  }

  void run() {
    constexpr std::uint64_t root = 0x1000, context = 0x2000, table = 0x10000;
    put(root, context | 1);                         // bus 0
    put(context + requester * 16, table | 1);       // present, untranslated requests through the second stage
    put(context + requester * 16 + 8, 1 << 8 | 2);  // domain 1, 4 levels
    for (std::uint64_t level = 0; level < 3; ++level) put(table + level * 0x1000, (table + (level + 1) * 0x1000) | 3);
    put(table + 0x3000 + 0 * 8, 0x800000 | 3);  // the device's 0x0000: readable, writable
    put(table + 0x3000 + 1 * 8, 0x900000 | 3);  // its 0x1000
    put(0x800040, 42);

    access(tlm::TLM_WRITE_COMMAND, 0x20, 8, root);  // RTADDR
    command(1u << 30);                              // set root table pointer
    command(1u << 31);                              // translation enable

    const bool copied = dma_.copy_line(0x0040, 0x1080);
    const bool blocked = !dma_.copy_line(0x0040, 0x5000);  // not mapped
    const std::uint64_t source_and_reason = access(tlm::TLM_READ_COMMAND, 0x228, 8);
    const std::uint64_t reason = source_and_reason >> 32 & 0xff;
    std::cout << "copied " << get(0x900080) << "; blocked: source 0x" << std::hex << (source_and_reason & 0xffff)
              << ", fault reason 0x" << reason << ", address 0x" << access(tlm::TLM_READ_COMMAND, 0x220, 8) << std::dec
              << '\n';
    as_expected = copied && get(0x900080) == 42 && blocked && reason == 5;  // 5: not writable
  }

  dma_engine dma_{"dma"};
  tlm_utils::simple_initiator_socket<platform> software_{"software"};
  nestwalk::iommu::iommu unit_{"iommu", unit_with_one_device()};
  nestwalk::memory::dram memory_{"memory", {}};
};

int sc_main(int, char*[]) {
  const platform all("platform");
  sc_core::sc_start();
  return all.as_expected ? 0 : 1;
}
