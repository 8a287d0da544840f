// Watches a memory socket: put between any two of them, it passes everything on and reports what breaks the rules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/phase_watch.h"

namespace nestwalk::protocol {

/// Passes calls on in both directions, in no time, and checks each:
///  - the initiator: length, streaming width and data pointer make sense, the response status is INCOMPLETE and the DMI
///    hint off at the call (IEEE 1666, 14.8 to 14.17);
///  - the target: the response status is set; command, address, data pointer, length, streaming width and byte enables
///    are as they were; data are untouched by a write and by what failed; no extension has come or gone; an exchange
///    swapped only if it was performed; local time (sc_time_stamp() + delay) has not gone back;
///  - DMI: a grant holds the requested address, permits the requested command, has a pointer, and latencies that did
///    not underflow; an invalidation names a range;
///  - debug: no more bytes than asked for, attributes as they were;
///  - non-blocking calls: as `phase_watch`; nobody waits inside one, or inside a DMI request or a debug access;
///  - payloads: none is sent again while it is under way; blocking calls come from threads.
/// docs/protocol-rules.md lists the rules of IEEE 1666-2011, and those that cannot be seen here.
/// A violation is a SystemC warning that names the monitor, and stays in `violations()`.
class protocol_monitor : public sc_core::sc_module, private memory_forward, private memory_backward {
 public:
  memory_target_socket initiator_side{"initiator_side"};  ///< faces those who call
  memory_initiator_socket target_side{"target_side"};     ///< faces the one who is called

  explicit protocol_monitor(const sc_core::sc_module_name& name);

  /// What was wrong so far, oldest first.
  const std::vector<std::string>& violations() const { return violations_; }
  /// Blocking calls that passed.
  std::uint64_t calls() const { return calls_; }

 private:
  struct snapshot;

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  void check_request(const tlm::tlm_generic_payload& payload);
  void check_attributes(const snapshot& before, const tlm::tlm_generic_payload& payload, const char* call);
  void check_caller(const tlm::tlm_generic_payload& payload);
  void check_data(const snapshot& before, const tlm::tlm_generic_payload& payload);
  void check_grant(const tlm::tlm_generic_payload& payload, const tlm::tlm_dmi& grant);
  /// Reports what was wrong, the three parts in a row, where the rule does not hold.
  void expect(bool rule_holds, const char* what, const char* how = "", const char* call = "") {
    if (!rule_holds) report(std::string(what) + how + call);
  }
  void report(const std::string& violation);

  std::vector<std::string> violations_;
  std::uint64_t calls_ = 0;
  phase_watch phases_{[this](const std::string& violation) { report(violation); }};
  std::map<const tlm::tlm_generic_payload*, unsigned> blocking_;  // payloads inside b_transport
};

}  // namespace nestwalk::protocol
