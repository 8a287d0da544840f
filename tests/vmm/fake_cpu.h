// The host side of a core, for tests of the VMM: registers and controls, and a record of the flushes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <systemc>

#include "nestwalk/cpu/host_instructions.h"
#include "nestwalk/paging/registers.h"

namespace nestwalk::test {

/// A flush that the VMM performed.
struct flush {
  enum class kind { address, tag, second_stage };
  kind what = kind::tag;
  std::uint16_t tag = 0;
  paging::gva address;
};

class fake_cpu : public sc_core::sc_module, public cpu::host_instructions_if {
 public:
  sc_core::sc_export<cpu::host_instructions_if> host_instructions{"host_instructions"};
  sc_core::sc_time instruction{1, sc_core::SC_NS};
  std::vector<flush> flushes;
  std::function<void(const flush&)> flushed;  ///< told of each as it happens
  std::uint64_t instructions = 0;
  protocol::vm_controls written;

  explicit fake_cpu(const sc_core::sc_module_name& name) : sc_module(name) { host_instructions.bind(*this); }

  std::uint64_t& reg(protocol::control_register which) { return registers_[static_cast<unsigned>(which)]; }
  paging::paging_registers registers() const {
    using protocol::control_register;
    paging::paging_registers r;
    r.cr0 = guest_register(control_register::cr0);
    r.cr3 = guest_register(control_register::cr3);
    r.cr4 = guest_register(control_register::cr4);
    r.efer = guest_register(control_register::efer);
    r.pkru = static_cast<std::uint32_t>(guest_register(control_register::pkru));
    r.pkrs = static_cast<std::uint32_t>(guest_register(control_register::pkrs));
    r.pat = guest_register(control_register::pat);
    return r;
  }

  void execute(std::uint64_t count, sc_core::sc_time& delay) override {
    instructions += count;
    delay += instruction * static_cast<double>(count);
  }
  void write_controls(const protocol::vm_controls& controls, sc_core::sc_time&) override { written = controls; }
  const protocol::vm_controls& controls() const override { return written; }
  void write_tlb_control(paging::tlb_control control, sc_core::sc_time&) override { tlb_control_ = control; }
  std::uint64_t guest_register(protocol::control_register which) const override {
    return registers_[static_cast<unsigned>(which)];
  }
  void write_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time&) override {
    reg(which) = value;
  }
  void invept(paging::invept_type, std::uint64_t, sc_core::sc_time&) override {
    record({flush::kind::second_stage, 0, {}});
  }
  void invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address, sc_core::sc_time&) override {
    const bool one = type == paging::invvpid_type::individual_address;
    record({one ? flush::kind::address : flush::kind::tag, vpid, address});
  }
  void invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time&) override {
    record({flush::kind::address, asid, address});
  }
  /// VM entry: TLB_CONTROL takes effect.
  void enter() {
    if (tlb_control_ != paging::tlb_control::nothing) {
      record({flush::kind::tag, written.translation.vpid, {}});
      if (written.translation.nested_paging) record({flush::kind::second_stage, 0, {}});
    }
    tlb_control_ = paging::tlb_control::nothing;
  }

 private:
  void record(const flush& f) {
    flushes.push_back(f);
    if (flushed) flushed(f);
  }

  std::array<std::uint64_t, 7> registers_{0, 0, 0, 0, 0, 0, paging::pat_after_reset};
  paging::tlb_control tlb_control_ = paging::tlb_control::nothing;
};

}  // namespace nestwalk::test
