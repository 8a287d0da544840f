// The memory socket: the TLM-2.0 base protocol with the interfaces bound directly.
#pragma once

#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/phase_server.h"
#include "nestwalk/protocol/socket_of_width.h"

namespace nestwalk::protocol {

using memory_forward = tlm::tlm_fw_transport_if<>;
using memory_backward = tlm::tlm_bw_transport_if<>;

class access_extension;
class memory_target_socket;

/// The forward interface of a module that is written for blocking transport, DMI and debug. Behind a
/// `memory_target_socket` non-blocking transport is served too, by a `phase_server` for each initiator that asks.
class blocking_target : public memory_forward {
 public:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;

  /// As b_transport, by an `access_way`: `access` is the payload's access extension, null where it has none. A module
  /// that asks for the extension overrides it.
  virtual void transport(tlm::tlm_generic_payload& payload, access_extension* access, sc_core::sc_time& delay);

 private:
  friend class memory_target_socket;
  memory_target_socket* socket_ = nullptr;
};

/// The backward interface of a module that calls blocking transport; one that holds DMI grants overrides
/// invalidate_direct_mem_ptr.
class blocking_initiator : public memory_backward {
 public:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

/// Faces any number of initiators, none included, of any width: the width gives the base protocol no other meaning than
/// how long a word of the bus is (IEEE 1666-2011, 13.2.4). It is the plain socket of 32 bits to whoever looks it up.
///
/// Initiators are bound to the module's interface itself. Where several others than `blocking_initiator`s share the
/// socket, all but the first of them are bound to a step between, which knows whom a response goes to.
class memory_target_socket : public tlm::tlm_target_socket<32> {
 public:
  explicit memory_target_socket(const char* name);
  ~memory_target_socket() override;

  using tlm::tlm_target_socket<32>::bind;
  void bind(memory_forward& target) override;
  /// As a socket of `Width` bits, for initiators of that width to bind to, but for tlm_utils' multi sockets, which want
  /// their own width.
  template <unsigned Width>
  operator tlm::tlm_base_target_socket_b<Width, memory_forward, memory_backward>&() {
    auto made = std::make_shared<target_of_width<Width>>(*this);
    views_.push_back(made);
    return *made;
  }

  int size() const { return initiators_.size(); }
  memory_backward* operator->() { return initiators_.operator->(); }
  memory_backward* operator[](int i) { return initiators_[i]; }

  sc_core::sc_port_b<memory_backward>& get_base_port() override { return initiators_; }
  const sc_core::sc_port_b<memory_backward>& get_base_port() const override { return initiators_; }
  using tlm::tlm_target_socket<32>::get_base_interface;
  memory_forward& get_base_interface() override;
  /// What an initiator is bound to that makes no non-blocking call.
  memory_forward& interface_of_blocking_initiator();

 private:
  friend class blocking_target;
  class front;
  int only_direct_caller();
  tlm::tlm_sync_enum serve_phase(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

  sc_core::sc_port<memory_backward, 0, sc_core::SC_ZERO_OR_MORE_BOUND> initiators_;
  blocking_initiator nobody_;          // behind the port that the plain socket has for its one initiator
  blocking_target* target_ = nullptr;  // where that is what the socket is bound to
  int bindings_ = 0;
  int direct_ = -1;  // the initiator that is bound to the module itself and may make non-blocking calls
  std::unique_ptr<phase_server> phases_;  // of that initiator
  std::vector<std::unique_ptr<front>> fronts_;
  std::vector<std::shared_ptr<void>> views_;
};

/// Faces one target of any width. It is the plain socket of 32 bits to whoever looks it up.
class memory_initiator_socket : public tlm::tlm_initiator_socket<32> {
 public:
  explicit memory_initiator_socket(const char* name);
  ~memory_initiator_socket() override;

  using tlm::tlm_initiator_socket<32>::bind;
  void bind(base_target_socket_type& target) override;
  /// To a target, or to the socket of a module around this one, of another width.
  template <unsigned Width>
  void bind(tlm::tlm_base_target_socket_b<Width, memory_forward, memory_backward>& target) {
    get_base_port()(target.get_base_interface());
    target.get_base_port()(get_base_interface());
  }
  template <unsigned Width>
  void bind(tlm::tlm_base_initiator_socket_b<Width, memory_forward, memory_backward>& outer) {
    get_base_port()(outer.get_base_port());
    outer.get_base_export()(get_base_export());
  }
  /// As a socket of `Width` bits, for targets of that width to bind to.
  template <unsigned Width>
  operator tlm::tlm_base_initiator_socket_b<Width, memory_forward, memory_backward>&() {
    auto made = std::make_shared<initiator_of_width<Width>>(*this);
    views_.push_back(made);
    return *made;
  }

  /// Whether it leads anywhere yet, from the binding on.
  bool bound() { return bind_count() > 0; }

 private:
  std::vector<std::shared_ptr<void>> views_;
};

/// Takes back the DMI grants of every initiator bound to `socket` in [first, last].
inline void invalidate_all(memory_target_socket& socket, sc_dt::uint64 first, sc_dt::uint64 last) {
  for (int i = 0; i < socket.size(); ++i) socket[i]->invalidate_direct_mem_ptr(first, last);
}

}  // namespace nestwalk::protocol
