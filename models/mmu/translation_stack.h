// The TLBs and walkers of an mmu, built and bound.
#pragma once

#include <memory>

#include <systemc>

#include "mmu/mmu_config.h"
#include "protocol/memory_sockets.h"
#include "protocol/translation.h"
#include "statistics/group.h"
#include "tlb/tlb.h"
#include "walker/guest_walker.h"
#include "walker/nested_walker.h"

namespace nestwalk::mmu {

/// A memory socket that a machine may leave unbound where the part behind it is not built.
using optional_memory_socket = tlm::tlm_base_initiator_socket<32, protocol::memory_forward, protocol::memory_backward,
                                                              1, sc_core::SC_ZERO_OR_MORE_BOUND>;
/// Likewise for translations.
template <class In>
using optional_translation_socket =
    tlm::tlm_base_initiator_socket<32, protocol::translation_fw_if<In>, protocol::translation_bw_if<In>, 1,
                                   sc_core::SC_ZERO_OR_MORE_BOUND>;

/// L1 instruction and data TLBs over a unified L2 TLB over the guest walker, the nested TLB and the nested walker; or
/// over whatever `walks` is bound to. What has size 0 is not built, and the next takes its place. Built inside an mmu's
/// constructor, the parts are the mmu's children.
class translation_stack {
 public:
  /// The mmu's sockets that the stack ends in.
  struct ends {
    optional_translation_socket<paging::gva>& walks;
    optional_memory_socket& guest_table_memory;
    optional_memory_socket& nested_table_memory;
  };

  translation_stack(const mmu_config& c, const ends& to);

  /// Binds who asks for the translations of fetches, of data accesses, and of guest-physical addresses.
  void bind_fetch(protocol::translation_initiator_socket<paging::gva>& asker) { bind_top(l1i_tlb.get(), asker); }
  void bind_data(protocol::translation_initiator_socket<paging::gva>& asker) { bind_top(l1d_tlb.get(), asker); }
  void bind_second_stage(optional_translation_socket<paging::gpa>& asker);

  void describe(statistics::group& into);

  // Null where not built.
  std::unique_ptr<tlb::tlb<paging::gva>> l1i_tlb;
  std::unique_ptr<tlb::tlb<paging::gva>> l1d_tlb;
  std::unique_ptr<tlb::tlb<paging::gva>> l2_tlb;
  std::unique_ptr<walker::guest_walker> guest_walker;
  std::unique_ptr<tlb::tlb<paging::gpa>> nested_tlb;
  std::unique_ptr<walker::nested_walker> nested_walker;

 private:
  using gva_tlb = tlb::tlb<paging::gva>;

  void build_tlbs(const mmu_config& c);
  void build_walkers(const mmu_config& c, const ends& to);
  void close(const ends& to);
  void bind_top(gva_tlb* first, protocol::translation_initiator_socket<paging::gva>& asker);
  template <class Socket>
  void bind_below_l1(Socket& asker);

  // Behind the sockets that lead to nothing: SystemC wants every export bound.
  struct nobody : protocol::blocking_initiator, protocol::translation_bw_if<paging::gva> {
    void withdrawn(const paging::selector&) override {}
  };
  nobody nobody_;
};

}  // namespace nestwalk::mmu
