#include "platforms/cycles/time_meter.h"

namespace nestwalk::platforms {

time_meter::time_meter(const sc_core::sc_module_name& name) : sc_module(name) {
  initiator_side.bind(static_cast<protocol::memory_forward&>(*this));
  target_side.bind(static_cast<protocol::memory_backward&>(*this));
}

void time_meter::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t asked = clock_.at(delay);
  below_->b_transport(payload, delay);
  const auto* const access = payload.get_extension<protocol::access_extension>();
  const auto level = access != nullptr ? access->served_by : protocol::memory_level::none;
  taken_[static_cast<unsigned>(level)] += clock_.at(delay) - asked;
}

}  // namespace nestwalk::platforms
