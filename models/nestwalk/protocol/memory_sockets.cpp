#include "nestwalk/protocol/memory_sockets.h"

#include <string>
#include <utility>

#include <tlm_utils/multi_socket_bases.h>

namespace nestwalk::protocol {

tlm::tlm_sync_enum blocking_target::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  if (socket_ != nullptr) return socket_->serve_phase(payload, phase, delay);
  SC_REPORT_ERROR("nestwalk/memory_socket", "nb_transport_fw: this module serves blocking transport only");
  return tlm::TLM_COMPLETED;
}

void blocking_target::transport(tlm::tlm_generic_payload& payload, access_extension*, sc_core::sc_time& delay) {
  b_transport(payload, delay);
}

tlm::tlm_sync_enum blocking_initiator::nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  SC_REPORT_ERROR("nestwalk/memory_socket", "nb_transport_bw: this module made no non-blocking call");
  return tlm::TLM_COMPLETED;
}

/// The step between one initiator and the module, which knows whom responses go to.
class memory_target_socket::front : public memory_forward {
 public:
  front(memory_forward& target, phase_server::backward initiator, std::string owner)
      : target_(target), phases_(target, std::move(initiator), std::move(owner)) {}

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    target_.b_transport(payload, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return phases_.nb_transport_fw(payload, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    return target_.get_direct_mem_ptr(payload, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return target_.transport_dbg(payload); }

 private:
  memory_forward& target_;
  phase_server phases_;
};

memory_target_socket::memory_target_socket(const char* name)
    : tlm_target_socket<32>(name), initiators_((std::string(name) + "_initiators").c_str()) {
  m_port.bind(nobody_);
}

memory_target_socket::~memory_target_socket() = default;

void memory_target_socket::bind(memory_forward& target) {
  tlm_target_socket<32>::bind(target);
  target_ = dynamic_cast<blocking_target*>(&target);
  if (target_ != nullptr) target_->socket_ = this;
}

memory_forward& memory_target_socket::interface_of_blocking_initiator() {
  ++bindings_;
  return tlm_target_socket<32>::get_base_interface();
}

memory_forward& memory_target_socket::get_base_interface() {
  memory_forward& target = tlm_target_socket<32>::get_base_interface();
  const int at = bindings_++;
  if (target_ == nullptr) return target;
  if (direct_ < 0) {
    direct_ = at;
    return target;
  }
  fronts_.push_back(std::make_unique<front>(
      target, [this, at] { return initiators_[at]; }, this->name()));
  return *fronts_.back();
}

// Multi sockets call what the export is bound to, whatever they were given; initiators that are bound through the
// socket of a module around this one are not counted here.
int memory_target_socket::only_direct_caller() {
  if (size() == 1) return 0;
  int only = direct_;
  for (int i = 0; i < size(); ++i) {
    using multi = tlm_utils::callback_binder_bw<tlm::tlm_base_protocol_types>;
    if (i == only || dynamic_cast<const multi*>(initiators_[i]) == nullptr) continue;
    if (only >= 0) return -1;
    only = i;
  }
  return only;
}

tlm::tlm_sync_enum memory_target_socket::serve_phase(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
  if (!phases_) {
    const int caller = only_direct_caller();
    if (caller < 0) {
      SC_REPORT_ERROR("nestwalk/memory_socket",
                      (std::string(this->name()) + ": a non-blocking call from one of several initiators that cannot " +
                       "be told apart; put a from_non_blocking before each")
                          .c_str());
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    phases_ = std::make_unique<phase_server>(
        *target_, [this, caller] { return initiators_[caller]; }, this->name());
  }
  return phases_->nb_transport_fw(payload, phase, delay);
}

memory_initiator_socket::memory_initiator_socket(const char* name) : tlm_initiator_socket<32>(name) {}

memory_initiator_socket::~memory_initiator_socket() = default;

void memory_initiator_socket::bind(base_target_socket_type& target) {
  auto* const ours = dynamic_cast<memory_target_socket*>(&target);
  const bool blocks = dynamic_cast<const blocking_initiator*>(get_base_export().get_interface()) != nullptr;
  get_base_port()(ours != nullptr && blocks ? ours->interface_of_blocking_initiator() : target.get_base_interface());
  target.get_base_port()(get_base_interface());
}

}  // namespace nestwalk::protocol
