#include "nestwalk/protocol/from_non_blocking.h"

#include <string>

namespace nestwalk::protocol {

from_non_blocking::from_non_blocking(const sc_core::sc_module_name& name)
    : sc_module(name),
      phases_(
          *this, [this] { return cpu_side.operator->(); }, this->name()) {
  cpu_side.bind(*this);
  memory_side.bind(*this);
}

tlm::tlm_sync_enum from_non_blocking::nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  SC_REPORT_WARNING("nestwalk/from_non_blocking",
                    (std::string(name()) + ": the target answers a call that was not made").c_str());
  return tlm::TLM_COMPLETED;
}

}  // namespace nestwalk::protocol
