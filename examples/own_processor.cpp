// A processor model that owns CR0, CR3, CR4 and CPL: it drives the mmu's control socket, says with each access whose
// rights it has, and reads from the fault what to push and to load into CR2.
#include <cstdint>
#include <cstring>
#include <iostream>

#include <systemc>

#include "nestwalk/memory/dram.h"
#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/owned_payload.h"

namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;

constexpr std::uint64_t first_space = 0x10000;
constexpr std::uint64_t second_space = 0x20000;
constexpr std::uint64_t page = 0x400000;
constexpr std::uint64_t first_frame = 0x800000;
constexpr std::uint64_t third_frame = 0x802000;

class processor : public sc_core::sc_module, private protocol::blocking_initiator, private protocol::control_bw_if {
 public:
  protocol::memory_initiator_socket fetch{"fetch"};
  protocol::memory_initiator_socket data{"data"};
  protocol::control_initiator_socket control{"control"};

  SC_CTOR(processor) {
    fetch.bind(*this);
    data.bind(*this);
    control.bind(*this);
    SC_THREAD(run);
  }
  bool as_expected = false;

 private:
  using reg = protocol::control_register;

  // Instructions of this processor. Each takes the time that the mmu says.
  void move_to(reg which, std::uint64_t value) {
    sc_core::sc_time delay;
    if (!control->write_register(which, value, delay)) std::cout << "#GP(0): the value is refused\n";
    wait(delay);
  }
  void invlpg(std::uint64_t address) {
    sc_core::sc_time delay;
    control->invlpg(paging::gva(address), delay);
    wait(delay);
  }
  bool load(std::uint64_t address, std::uint64_t& value) {
    return perform(payload_.read(address, &value, sizeof value));
  }
  bool store(std::uint64_t address, std::uint64_t value) {
    return perform(payload_.write(address, &value, sizeof value));
  }
  // Whether the access went through; else CR2 and the error code are those of the #PF.
  bool perform(tlm::tlm_generic_payload& payload) {
    sc_core::sc_time delay;
    payload_.access().mode = cpl_ == 3 ? paging::access_mode::user : paging::access_mode::supervisor;
    payload_.access().fault = {};
    data->b_transport(payload, delay);
    wait(delay);
    const paging::fault& fault = payload_.access().fault;
    if (fault.kind == paging::fault_kind::page_fault) {
      cr2_ = fault.linear.value;
      std::cout << "#PF, CR2 0x" << std::hex << cr2_ << ", error code 0x" << fault.error_code << std::dec << '\n';
    }
    return payload_.ok();
  }

  // The program: a kernel that turns paging on, switches between two address spaces and edits a page table.
  void run() {
    move_to(reg::cr4, paging::cr4::pae | paging::cr4::pge);
    move_to(reg::efer, paging::efer::lme | paging::efer::nxe);
    move_to(reg::cr3, first_space);
    move_to(reg::cr0, paging::cr0::pe | paging::cr0::wp | paging::cr0::pg);
    move_to(reg::cr4, paging::cr4::pae | paging::cr4::pge | paging::cr4::pcide);

    std::uint64_t first = 0, second = 0, stale = 0, fresh = 0;
    load(page, first);
    move_to(reg::cr3, second_space | 1);  // PCID 1
    load(page, second);
    store(second_space + 0x3000, third_frame | 3);  // the kernel maps another frame there
    load(page, stale);                              // the TLB still has the old one
    invlpg(page);
    load(page, fresh);
    cpl_ = 3;
    const bool user = load(page, fresh);  // a supervisor page
    std::cout << "first space " << first << ", second " << second << ", before INVLPG " << stale << ", after " << fresh
              << '\n';
    as_expected = first == 1 && second == 2 && stale == 2 && fresh == 3 && !user && cr2_ == page;
  }

  unsigned cpl_ = 0;
  std::uint64_t cr2_ = 0;
  protocol::owned_payload payload_;
};

class platform : public sc_core::sc_module {
 public:
  processor cpu{"cpu"};

  SC_CTOR(platform) {
    cpu.fetch.bind(mmu_.fetch);
    cpu.data.bind(mmu_.data);
    cpu.control.bind(mmu_.control);
    mmu_.fetch_memory.bind(memory_.cpu_side);
    mmu_.data_memory.bind(memory_.cpu_side);
    mmu_.guest_table_memory.bind(memory_.cpu_side);
    mmu_.nested_table_memory.bind(memory_.cpu_side);
    load_image();
  }

 private:
  void put(std::uint64_t physical, std::uint64_t value) {
    std::memcpy(memory_.store().at(physical), &value, sizeof value);
  }

  // Two spaces of four levels. In each the first 2 MiB are mapped to themselves, for the kernel; `page` is a page of
  // its own, which user code may not touch.
  void load_image() {
    std::uint64_t frame = first_frame;
    for (const std::uint64_t root : {first_space, second_space}) {
      put(root, (root + 0x1000) | 7);
      put(root + 0x1000, (root + 0x2000) | 7);
      put(root + 0x2000, 0x183);  // 2 MiB, global
      put(root + 0x2010, (root + 0x3000) | 7);
      put(root + 0x3000, frame | 3);
      frame += 0x1000;
    }
    for (std::uint64_t n = 0; n < 3; ++n) put(first_frame + n * 0x1000, n + 1);
  }

  nestwalk::mmu::mmu mmu_{"mmu", {}};
  nestwalk::memory::dram memory_{"memory", {}};
};

int sc_main(int, char*[]) {
  const platform all("platform");
  sc_core::sc_start();
  return all.cpu.as_expected ? 0 : 1;
}
