// The memory management unit of one core: registers, TLBs and walkers composed, behind memory and control sockets.
#pragma once

#include <cstdint>

#include <systemc>

#include "mmu/access_port.h"
#include "mmu/grant_ledger.h"
#include "mmu/mmu_config.h"
#include "mmu/mmu_counters.h"
#include "mmu/register_file.h"
#include "mmu/translation_stack.h"
#include "protocol/control.h"
#include "protocol/memory_sockets.h"
#include "protocol/owned_payload.h"
#include "protocol/translation.h"
#include "statistics/group.h"

namespace nestwalk::mmu {

/// Takes accesses by linear address on `fetch` and `data` and passes them on by host-physical address. It owns CR0,
/// CR3, CR4, EFER, PKRU, PKRS, PAT and the controls of the second stage; it knows no mode.
///
/// An access that faults is an address error, with the fault in its access extension. Local time moves on by what
/// translation takes; nothing waits. Debug transport and DMI ask the tables as they stand and have no effect.
class mmu : public sc_core::sc_module,
            private protocol::control_fw_if,
            private protocol::translation_bw_if<paging::gpa> {
 public:
  protocol::memory_target_socket fetch{"fetch"};                      ///< faces the core's fetches (GVA)
  protocol::memory_target_socket data{"data"};                        ///< faces its loads and stores (GVA)
  protocol::memory_initiator_socket fetch_memory{"fetch_memory"};     ///< faces the L1 instruction cache (HPA)
  protocol::memory_initiator_socket data_memory{"data_memory"};       ///< faces the L1 data cache (HPA)
  optional_memory_socket guest_table_memory{"guest_table_memory"};    ///< the guest walker's reads (HPA)
  optional_memory_socket nested_table_memory{"nested_table_memory"};  ///< the nested walker's, where one is built
  protocol::control_target_socket control{"control"};                 ///< faces the core's registers
  optional_translation_socket<paging::gva> walks{"walks"};            ///< faces an external walker, where configured

  /// Throws `input_error` for a configuration that makes no mmu.
  mmu(const sc_core::sc_module_name& name, const mmu_config& c);

  const paging::context& context() const { return registers_.context(); }
  /// The parts, to observe and to count; null where not built.
  translation_stack& parts() { return stack_; }
  const access_counters& fetch_counts() const { return fetch_port_.counts(); }
  const access_counters& data_counts() const { return data_port_.counts(); }
  const control_counters& control_counts() const { return counts_; }

  void describe(statistics::group& into);

 private:
  using selector = paging::selector;

  // control_fw_if
  bool write_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) override;
  std::uint64_t read_register(protocol::control_register which) const override { return registers_.read(which); }
  paging::fault why_refused() const override { return refused_; }
  void invlpg(paging::gva address, sc_core::sc_time& delay) override;
  bool invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva address, sc_core::sc_time& delay) override;
  void invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) override;
  void invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address, sc_core::sc_time& delay) override;
  void invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time& delay) override;
  void load_controls(const protocol::translation_controls& controls, sc_core::sc_time& delay) override;
  void vm_entry(paging::tlb_control control, sc_core::sc_time& delay) override;
  void vm_exit(sc_core::sc_time& delay) override;
  std::uint16_t page_modification_log_index() const override { return registers_.log_index(); }
  void load_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) override;

  // translation_bw_if<gpa>: the mmu keeps no guest-physical mapping; the TLBs that do hear of it too.
  void withdrawn(const paging::selector&) override {}

  void end_of_elaboration() override;
  access_port::surroundings surroundings_of(side which, protocol::memory_initiator_socket& memory);
  void apply(const selector& s, sc_core::sc_time& delay);
  void drop_after(const paging::fault& f, paging::gva at, sc_core::sc_time& delay);
  void context_changed(std::uint64_t space_before);
  void revoke(side on, std::uint64_t first, std::uint64_t last);
  paging::fault read_pdptes(paging::gpa at, std::array<std::uint64_t, 4>& pdptes);
  double translation_time() const;

  sc_core::sc_time register_write_time_;
  sc_core::sc_time invalidation_time_;
  register_file registers_;
  grant_ledger grants_;
  access_port fetch_port_;
  access_port data_port_;
  translation_stack stack_;
  optional_translation_socket<paging::gpa> second_stage_{"second_stage"};  // for the PDPTEs
  protocol::owned_payload pdpte_read_;
  sc_core::sc_time* pdpte_delay_ = nullptr;  // of the register write under way
  paging::fault refused_;
  control_counters counts_;
};

}  // namespace nestwalk::mmu
