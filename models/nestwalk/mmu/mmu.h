// The memory management unit of one core: registers, TLBs and walkers composed, behind memory and control sockets.
#pragma once

#include <cstdint>
#include <optional>

#include <systemc>

#include "nestwalk/mmu/control_counters.h"
#include "nestwalk/mmu/fault_report.h"
#include "nestwalk/mmu/mmu_config.h"
#include "nestwalk/mmu/processor_front.h"
#include "nestwalk/mmu/processor_state.h"
#include "nestwalk/mmu/register_file.h"
#include "nestwalk/mmu/who_asks.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/shared_memory_way.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/translation/entrance.h"
#include "nestwalk/translation/grant_ledger.h"
#include "nestwalk/translation/memory_port.h"
#include "nestwalk/translation/translation_stack.h"

namespace nestwalk::mmu {

/// A translation socket that a machine may leave unbound where the part behind it is not built.
template <class In>
using optional_translation_socket =
    tlm::tlm_base_initiator_socket<32, protocol::translation_fw_if<In>, protocol::translation_bw_if<In>, 1,
                                   sc_core::SC_ZERO_OR_MORE_BOUND>;

/// Takes accesses by linear address on `fetch` and `data` and passes them on by host-physical address. It owns CR0,
/// CR3, CR4, EFER, PKRU, PKRS, PAT and the controls of the second stage; it knows no mode.
///
/// An access that faults is an address error, with the fault in its access extension, in `last_fault` and told to the
/// subscribers of `faults`. Local time moves on by what
/// translation takes; nothing waits. Debug transport and DMI ask the tables as they stand and have no effect.
///
/// Only `data_memory` must be bound. The other sockets to memory lead where it does where they are not, and a processor
/// with one socket for all its accesses binds it to `data`; its fetches are those that its access extension or the
/// platform's hook says are.
class mmu : public sc_core::sc_module, private protocol::control_fw_if {
 public:
  protocol::memory_target_socket fetch{"fetch"};                   ///< faces the core: its fetches (GVA)
  protocol::memory_target_socket data{"data"};                     ///< faces the core: its loads and stores (GVA)
  protocol::memory_initiator_socket fetch_memory{"fetch_memory"};  ///< faces the L1 instruction cache (HPA)
  protocol::memory_initiator_socket data_memory{"data_memory"};    ///< faces the L1 data cache (HPA)
  protocol::memory_initiator_socket guest_table_memory{"guest_table_memory"};    ///< faces memory: the guest walker
  protocol::memory_initiator_socket nested_table_memory{"nested_table_memory"};  ///< faces memory: the nested walker
  protocol::control_target_socket control{"control"};  ///< faces the core: register writes, invalidations, VM controls
  optional_translation_socket<paging::gva> external_walker{
      "external_walker"};  ///< faces an external walker, where configured

  tlm::tlm_analysis_port<fault_report> faults{"faults"};  ///< tells of every access that ended in a fault

  /// Throws `input_error` for a configuration that makes no mmu.
  mmu(const sc_core::sc_module_name& name, const mmu_config& c);
  /// Not inline, so that no code of another compiler's holds tables of classes that this library has too.
  ~mmu() override;

  /// Sets all registers and the second stage, before or during simulation, beside the control socket and in no time,
  /// and flushes everything, as a reset would. Throws `input_error` for a state that VM entry would refuse, and before
  /// elaboration has ended for PAE paging, whose PDPTEs are read from memory.
  void configure(const processor_state& state);
  /// The domain that a processor in that state would translate in, for `who_asks`. Throws as `configure`; of PAE paging
  /// none can be made.
  paging::shared_domain domain_of(const processor_state& state) const;
  /// Lets the platform say whose accesses payloads are, on both sockets.
  void ask_platform(const who_asks& hook);
  /// What the last access of that socket that faulted ended in; of kind none where none has.
  const paging::fault& last_fault(side socket) const {
    return (socket == side::fetch ? fetch_front_ : data_front_).last_fault();
  }

  const paging::domain& domain() const { return registers_.domain(); }
  /// The TLBs and walkers: the first TLBs by `side`, over the L2 TLB, the guest walker, the nested TLB and the nested
  /// walker.
  translation::translation_stack& parts() { return stack_; }
  const translation::access_counters& fetch_counts() const { return fetch_port_.counts(); }
  const translation::access_counters& data_counts() const { return data_port_.counts(); }
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
  bool invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) override;
  bool invvpid(paging::invvpid_type type, std::uint16_t vpid, paging::gva address, sc_core::sc_time& delay) override;
  void invlpga(paging::gva address, std::uint16_t asid, sc_core::sc_time& delay) override;
  void load_controls(const protocol::translation_controls& controls, sc_core::sc_time& delay) override;
  void vm_entry(paging::tlb_control control, sc_core::sc_time& delay) override;
  void vm_exit(sc_core::sc_time& delay) override;
  std::uint16_t page_modification_log_index() const override { return registers_.log_index(); }
  void load_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) override;

  translation::stack_plan plan_of(const mmu_config& c);
  void close_unused_sockets();
  void before_end_of_elaboration() override;
  void end_of_elaboration() override;
  processor_front::fault_handler dropping();
  processor_front::fault_listener telling();
  void apply(const selector& s, sc_core::sc_time& delay);
  void drop_after(const paging::fault& f, paging::gva at, const paging::translation_tags& tags,
                  sc_core::sc_time& delay);
  void context_changed(std::uint64_t space_before);
  void revoke(unsigned port, std::uint64_t first, std::uint64_t last);
  register_file::pdpte_reader reading_pdptes(sc_core::sc_time& delay);
  paging::fault read_pdptes(paging::gpa at, std::array<std::uint64_t, 4>& pdptes, sc_core::sc_time& delay);
  double translation_time() const;

  sc_core::sc_time register_write_time_;
  sc_core::sc_time invalidation_time_;
  register_file registers_;
  translation::grant_ledger grants_;
  processor_front fetch_front_;
  processor_front data_front_;
  translation::memory_port<processor_front> fetch_port_;
  translation::memory_port<processor_front> data_port_;
  protocol::shared_memory_way way_{data_memory, data_port_};
  translation::translation_stack stack_;
  std::optional<translation::entrance<paging::gpa>> pdptes_;  // where there is a second stage to read them through
  // Behind the sockets that lead to nothing: SystemC wants every export bound.
  struct nobody : protocol::blocking_initiator, protocol::translation_bw_if<paging::gva> {
    void withdrawn(const paging::selector&) override {}
  };
  nobody nobody_;
  bool elaborated_ = false;
  paging::fault refused_;
  control_counters counts_;
};

}  // namespace nestwalk::mmu
