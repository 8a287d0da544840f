// One memory side of an mmu or of a remapping unit: it translates what an initiator sends and passes it on.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/access_way.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/payload_pool.h"
#include "nestwalk/tlb/entry.h"
#include "nestwalk/translation/access_counters.h"
#include "nestwalk/translation/grant_ledger.h"

namespace nestwalk::translation {

/// Bytes of a page of the smallest size.
inline constexpr unsigned page_bytes = 1u << paging::page_4k;

/// What a front sees in the tables, without effect.
struct seen_mapping {
  paging::mapping<paging::hpa> mapping;  ///< of both stages, cut to where every byte may be accessed alike
  tlb::entry entry;                      ///< whole, under its tags, as a TLB would hold it
  grant_origin origin;
  bool flags_were_set = true;  ///< no accessed or dirty flag of either stage is due
  bool readable = false;       ///< by who asked, with no flag left to set; for a fetch: executable
  bool writable = false;       ///< likewise
};

/// Serves one memory target socket and sends on through one memory initiator socket. Whose rights an access has, in
/// which domain, and who translates it, its `Front` says, which offers
///     struct request { paging::access access; ... };    // what it knows of one access; cheap to copy
///     request arrived(const payload&, const access_extension* asked);   // an access or a DMI request has come by
///     bool asks_platform() const;                       // the platform says more of each access
///     request arrived_plain(const payload&, const access_extension* asked);  // as `arrived`, where it does not
///     request seen(const payload&, const access_extension* asked) const;  // a debug access, without effect
///     paging::gva linear(const request&, std::uint64_t address) const;  // the bits of an address that count
///     bool translate(const request&, gva, unsigned length, hpa& output, fault& why, access_counters&, sc_time&);
///     bool look(const request&, gva, access_type, seen_mapping&);
///     sc_time latency(const seen_mapping&) const;  // of a look-up, which an access by DMI takes too
///     bool grants(const request&, const access_extension*) const;  // whether the asking one may be given DMI
///     void refused(const payload&, const fault&);  // an access has ended in that fault
///
/// An access within a 4-KByte page goes down as the same payload, its address replaced and restored; one that touches
/// more is translated page by page first, so that a fault in any writes nothing, and goes down as a payload a page,
/// which carries all extensions of the access. An access that faults is an address error, with the fault in its access
/// extension. Debug transport and DMI requests ask the tables as they stand and have no effect.
///
/// What an access touches is its streaming width where that is shorter than its length; a width of 0 is served as the
/// length. One that streams across a page is a burst error. TLM_IGNORE_COMMAND and accesses of length 0 have no effect
/// and succeed: they go down where they lie in a page that is mapped, so that what they carry comes through.
template <class Front>
class memory_port : public protocol::blocking_target, public protocol::blocking_initiator {
 public:
  // Both memory interfaces declare this typedef.
  using protocol_types = tlm::tlm_base_protocol_types;

  /// `number` is this port's in the ledger. Whoever makes the port binds `memory` back, to the port itself or, where
  /// ports share the socket, to what takes back the grants of them all.
  memory_port(Front& front, grant_ledger& grants, unsigned number, protocol::memory_initiator_socket& memory);

  /// Once all is bound.
  void elaborated() { below_.lead_to(memory_); }

  void describe(statistics::group& into) { counts_.describe(into); }
  const access_counters& counts() const { return counts_; }

  // Forward.
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    memory_port::transport(payload, payload.get_extension<protocol::access_extension>(), delay);
  }
  void transport(tlm::tlm_generic_payload& payload, protocol::access_extension* asked,
                 sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  // Backward.
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    grants_.take_back_memory(number_, first, last);
  }

 private:
  using request = typename Front::request;
  using extension = protocol::access_extension;
  struct piece {
    paging::hpa at;
    unsigned offset;  // in the access's data
    unsigned length;
  };

  void refuse(tlm::tlm_generic_payload& payload, extension* asked, const paging::fault& why);
  void transport_within(tlm::tlm_generic_payload& payload, const request& r, paging::gva at, extension* asked,
                        sc_core::sc_time& delay);
  void transport_unusual(tlm::tlm_generic_payload& payload, const request& r, extension* asked,
                         sc_core::sc_time& delay);
  void pass_without_effect(tlm::tlm_generic_payload& payload, const request& r, sc_core::sc_time& delay);
  bool translate(const request& r, paging::gva at, unsigned length, paging::hpa& output, paging::fault& why,
                 sc_core::sc_time& delay);
  void transport_across(tlm::tlm_generic_payload& payload, const request& r, sc_core::sc_time& delay);
  bool send(const tlm::tlm_generic_payload& whole, const piece& part, extension* asked, sc_core::sc_time& delay,
            tlm::tlm_response_status& status);
  unsigned debug_pieces(tlm::tlm_generic_payload& payload, const request& r);
  bool grant_below(tlm::tlm_generic_payload& payload, paging::gva at, const seen_mapping& seen, tlm::tlm_dmi& grant);
  static bool allow(const request& r, const seen_mapping& seen, tlm::tlm_dmi& grant);

  Front& front_;
  grant_ledger& grants_;
  const unsigned number_;
  protocol::memory_initiator_socket& memory_;
  protocol::access_way below_;
  protocol::payload_pool pieces_;
  access_counters counts_;
};

}  // namespace nestwalk::translation

#include "nestwalk/translation/memory_port.inl"
