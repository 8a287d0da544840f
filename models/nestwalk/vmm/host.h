// What a VMM has while it handles an exit: host memory and the core's host instructions, on the exit's local time.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/cpu/host_instructions.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/statistics/counter.h"

namespace nestwalk::vmm {

/// Every call adds its time to the delay that `begin` named. Memory that answers an error is an `input_error`: the pool
/// of host memory lies, at least in part, where there is none.
class host {
 public:
  struct counters {
    statistics::counter reads = 0;
    statistics::counter writes = 0;
    statistics::counter exchanges = 0;
    statistics::counter invvpid_addresses = 0;
    statistics::counter invvpid_contexts = 0;
    statistics::counter invept = 0;
    statistics::counter tlb_controls = 0;
  };

  static constexpr unsigned line_bytes = 64;  ///< the longest access that a block transfer is made of

  host(sc_core::sc_port<cpu::host_instructions_if>& cpu, protocol::memory_initiator_socket& memory,
       paging::nested_kind format)
      : cpu_(cpu), memory_(memory), svm_(format == paging::nested_kind::npt) {}

  /// From here on time is added to `delay`.
  void begin(sc_core::sc_time& delay) { delay_ = &delay; }

  std::uint64_t read(paging::hpa at);
  void write(paging::hpa at, std::uint64_t value);
  /// Stores `desired` where the qword at `at` equals `expected`; says whether it did.
  bool exchange(paging::hpa at, std::uint64_t expected, std::uint64_t desired);
  /// `bytes` from or to `at`, by accesses that stay within a line.
  void read_block(paging::hpa at, void* data, unsigned bytes);
  void write_block(paging::hpa at, const void* data, unsigned bytes);
  void clear_page(paging::hpa page);

  /// Without time or effect on caches, for images and digests. `bytes` within a page.
  void look(paging::hpa at, void* data, unsigned bytes);
  void plant(paging::hpa at, const void* data, unsigned bytes);

  void execute(std::uint64_t instructions) { cpu_->execute(instructions, *delay_); }
  const protocol::vm_controls& controls() const { return cpu_->controls(); }
  void write_controls(const protocol::vm_controls& c) { cpu_->write_controls(c, *delay_); }
  std::uint64_t guest_register(protocol::control_register which) const { return cpu_->guest_register(which); }
  void write_guest_register(protocol::control_register which, std::uint64_t value) {
    cpu_->write_guest_register(which, value, *delay_);
  }

  /// INVVPID individual-address, or INVLPGA.
  void flush_address(std::uint16_t tag, paging::gva address);
  /// INVVPID single-context, or TLB_CONTROL: under SVM `tag` must be the ASID that is entered next.
  void flush_tag(std::uint16_t tag);
  /// INVEPT single-context, or TLB_CONTROL.
  void flush_second_stage(std::uint64_t eptp);

  bool svm() const { return svm_; }
  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  void send(tlm::tlm_generic_payload& payload);
  void debug(tlm::tlm_generic_payload& payload);
  [[noreturn]] static void refuse(const tlm::tlm_generic_payload& payload);

  sc_core::sc_port<cpu::host_instructions_if>& cpu_;
  protocol::memory_initiator_socket& memory_;
  bool svm_;
  sc_core::sc_time* delay_ = nullptr;
  protocol::owned_payload payload_;
  protocol::owned_payload untimed_;
  counters counts_;
};

}  // namespace nestwalk::vmm
