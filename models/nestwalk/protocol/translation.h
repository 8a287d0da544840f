// The translation protocol: who asks for an address of the next space, and who answers.
#pragma once

#include <systemc>
#include <tlm>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::protocol {

/// One translation: the question and its answer. `translation<gva>` and `translation<gpa>` are two protocols; both are
/// answered with a mapping to hpa.
template <class In>
struct translation {
  // Asked.
  In address;
  paging::question_of<In> question;        ///< the access, and for a gpa why it is asked
  const paging::domain* domain = nullptr;  ///< both stages and the tags; the caller holds it until the call returns
  bool uncached = false;  ///< answer from the tables only: use no TLB and no walk cache, in either stage

  std::uint64_t walk = 0;  ///< for observers: the walk of the first stage that asks, or 0 where none is observed

  // Answered.
  paging::mapping<paging::hpa> mapping;  ///< valid where `translate` or `look` returned true
  paging::fault fault;                   ///< valid where it returned false
  bool from_cache = false;     ///< something cached took part: a fault must be walked again (a hit never faults)
  bool flags_were_set = true;  ///< `look`: no accessed or dirty flag of either stage is due

  /// Where the address goes, after success.
  paging::hpa output() const { return mapping.translate(address); }
};

/// Forward interface, offered by whatever answers translations: a TLB, a walker, an IOMMU's device.
template <class In>
class translation_fw_if : public virtual sc_core::sc_interface {
 public:
  using protocol_types = translation<In>;

  /// Answers `t`; adds the time that hardware takes to `delay` and never waits. False: `t.fault` says why.
  virtual bool translate(translation<In>& t, sc_core::sc_time& delay) = 0;
  /// Answers from the tables in memory, never from a TLB, and without effect: no flag set, nothing filled or counted,
  /// no time.
  virtual bool look(translation<In>& t) = 0;
  /// Takes away cached mappings, here and further down.
  virtual void invalidate(const paging::selector& s, sc_core::sc_time& delay) = 0;
};

/// Backward interface: what answered withdraws what it gave (an invalidation from elsewhere, DMI below taken back).
template <class In>
class translation_bw_if : public virtual sc_core::sc_interface {
 public:
  using protocol_types = translation<In>;

  virtual void withdrawn(const paging::selector& scope) = 0;
};

/// Socket of a module that asks for translations of `In` addresses.
template <class In>
class translation_initiator_socket
    : public tlm::tlm_base_initiator_socket<32, translation_fw_if<In>, translation_bw_if<In>> {
 public:
  using tlm::tlm_base_initiator_socket<32, translation_fw_if<In>, translation_bw_if<In>>::tlm_base_initiator_socket;
  const char* kind() const override { return "translation_initiator_socket"; }
};

/// Socket of a module that answers them; several may ask.
template <class In>
class translation_target_socket : public tlm::tlm_base_target_socket<32, translation_fw_if<In>, translation_bw_if<In>,
                                                                     0, sc_core::SC_ZERO_OR_MORE_BOUND> {
 public:
  using tlm::tlm_base_target_socket<32, translation_fw_if<In>, translation_bw_if<In>, 0,
                                    sc_core::SC_ZERO_OR_MORE_BOUND>::tlm_base_target_socket;
  const char* kind() const override { return "translation_target_socket"; }
};

}  // namespace nestwalk::protocol
