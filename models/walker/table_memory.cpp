#include "walker/table_memory.h"

#include <utility>

namespace nestwalk::walker {

using paging::exchange_result;
using paging::hpa;

/// A payload for the length of one call, so that a target that waits may be entered again by another initiator's walk.
class table_memory::payload_lease {
 public:
  explicit payload_lease(table_memory& owner) : owner_(owner) {
    if (owner_.idle_.empty()) {
      payload_ = std::make_unique<protocol::owned_payload>();
    } else {
      payload_ = std::move(owner_.idle_.back());
      owner_.idle_.pop_back();
    }
  }
  ~payload_lease() { owner_.idle_.push_back(std::move(payload_)); }
  payload_lease(const payload_lease&) = delete;
  payload_lease& operator=(const payload_lease&) = delete;
  protocol::owned_payload& operator*() { return *payload_; }

 private:
  table_memory& owner_;
  std::unique_ptr<protocol::owned_payload> payload_;
};

void table_memory::ask_for_grant(tlm::tlm_generic_payload& payload, protocol::memory_level served_by) {
  tlm::tlm_dmi given;
  given.init();
  const std::uint64_t address = payload.get_address();
  if (socket_->get_direct_mem_ptr(payload, given)) grants_.add(address, given, served_by);
}

bool table_memory::read(hpa at, unsigned bytes, std::uint64_t& value, protocol::memory_level& served_by,
                        sc_core::sc_time& delay) {
  payload_lease lease(*this);
  value = 0;
  tlm::tlm_generic_payload& payload = (*lease).read(at.value, &value, bytes);
  socket_->b_transport(payload, delay);
  if (!(*lease).ok()) return false;
  served_by = (*lease).access().served_by;
  if (use_dmi_ && payload.is_dmi_allowed()) ask_for_grant(payload, served_by);
  return true;
}

exchange_result table_memory::exchange(hpa at, unsigned bytes, std::uint64_t expected, std::uint64_t desired,
                                       sc_core::sc_time& delay) {
  if (const dmi_grants::grant* const g = grants_.find(at.value); g != nullptr && g->writable) {
    unsigned char* const place = g->at(at.value);
    delay += g->write_latency;
    if (load(place, bytes) != expected) return exchange_result::changed;
    std::memcpy(place, &desired, bytes);
    return exchange_result::stored;
  }
  payload_lease lease(*this);
  std::uint64_t old = 0;
  socket_->b_transport((*lease).exchange(at.value, &old, bytes, expected, desired), delay);
  if (!(*lease).ok()) return exchange_result::failed;
  if ((*lease).exchange().performed)
    return (*lease).exchange().swapped ? exchange_result::stored : exchange_result::changed;
  if (old != expected) return exchange_result::changed;
  socket_->b_transport((*lease).write(at.value, &desired, bytes), delay);
  return (*lease).ok() ? exchange_result::stored : exchange_result::failed;
}

bool table_memory::look(hpa at, unsigned bytes, std::uint64_t& value) {
  if (const dmi_grants::grant* const g = grants_.find(at.value)) {
    value = load(*g, at, bytes);
    return true;
  }
  payload_lease lease(*this);
  value = 0;
  return socket_->transport_dbg((*lease).read(at.value, &value, bytes)) == bytes;
}

}  // namespace nestwalk::walker
