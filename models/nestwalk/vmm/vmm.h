// The firmware behind the exit socket: a virtual machine monitor under which one guest runs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include <systemc>
#include <tlm>

#include "nestwalk/cpu/host_instructions.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/host_allocator.h"
#include "nestwalk/vmm/pager.h"
#include "nestwalk/vmm/reclaimer.h"
#include "nestwalk/vmm/vmm_config.h"

namespace nestwalk::vmm {

/// Learns of the guest only by exits and from guest memory. What it reads and writes in host memory goes over `memory`
/// and takes its time there; its instructions are the core's. Errors of configuration, and a guest that asks for what
/// the processor has not, are `input_error`.
class vmm : public sc_core::sc_module,
            private protocol::exit_fw_if,
            private protocol::blocking_target,
            private protocol::blocking_initiator {
 public:
  protocol::exit_target_socket exit{"exit"};               ///< faces the core: its exits
  sc_core::sc_port<cpu::host_instructions_if> cpu{"cpu"};  ///< the core's host instructions
  protocol::memory_initiator_socket memory{"memory"};      ///< faces memory, by HPA
  /// Faces who looks into guest-physical memory, by debug transport only: for the boot image and for digests. Takes no
  /// time. What is written is backed by host memory as if the guest had reached for it; what is not backed reads as
  /// zero.
  protocol::memory_target_socket guest_memory{"guest_memory"};

  struct counters {
    statistics::counter exits = 0;
    std::array<statistics::counter, protocol::exit_reasons> exits_by_reason{};
    std::array<statistics::counter, protocol::exit_reasons> cycles_by_reason{};  ///< in handlers, without transitions
  };

  /// Throws `input_error` where a key is out of range.
  vmm(const sc_core::sc_module_name& name, const vmm_config& config);
  ~vmm() override;

  const vmm_config& config() const { return config_; }
  /// Where a guest-physical address lies in host memory, if anywhere.
  std::optional<paging::hpa> backing(paging::gpa at) const;
  /// The first 4-KByte page at or after `from` that is backed or was taken back; nothing beyond the last.
  std::optional<paging::gpa> next_guest_page(paging::gpa from) const { return guest_.next_touched(from); }

  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  void start(sc_core::sc_time& delay) override;
  void handle_exit(protocol::vm_exit& what, sc_core::sc_time& delay) override;

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;

  void describe_exits(statistics::group& into);
  void describe_memory(statistics::group& into);

  vmm_config config_;
  host host_;
  host_allocator frames_;
  guest_memory_map guest_;
  std::unique_ptr<pager> pager_;
  reclaimer reclaimer_;
  std::uint64_t rest_ = 0;  // of the time of exits what is no whole cycle yet, in units of the time resolution
  counters counts_;
};

}  // namespace nestwalk::vmm
