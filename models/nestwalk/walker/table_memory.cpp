#include "nestwalk/walker/table_memory.h"

namespace nestwalk::walker {

using paging::exchange_result;
using paging::hpa;

/// Calls with a payload: the walker's own, or one more where a target that waits is entered again by another
/// initiator's walk. Where a target throws, the own one stays taken and later calls make another.
template <class Call>
inline void table_memory::with_payload(Call&& call) {
  if (payload_taken_) {
    protocol::owned_payload another;
    call(another);
    return;
  }
  payload_taken_ = true;
  call(payload_);
  payload_taken_ = false;
}

void table_memory::ask_for_grant(tlm::tlm_generic_payload& payload, protocol::memory_level served_by) {
  if (refused_.holds(payload.get_address())) return;
  tlm::tlm_dmi given;
  given.init();
  protocol::meter_extension metered;
  payload.set_extension(&metered);
  if (socket_->get_direct_mem_ptr(payload, given))
    grants_.add(given, served_by, metered.meter);
  else
    refused_ = {given.get_start_address(), given.get_end_address()};
  payload.clear_extension(&metered);
}

inline void table_memory::read_with(protocol::owned_payload& own, hpa at, unsigned bytes, answer& a) {
  tlm::tlm_generic_payload& payload = own.read(at.value, &a.value, bytes);
  target_.transport(payload, &own.access(), a.time);
  a.ok = own.ok();
  a.served_by = own.access().served_by;
  if (use_dmi_ && a.ok && payload.is_dmi_allowed()) ask_for_grant(payload, a.served_by);
}

table_memory::answer table_memory::read(hpa at, unsigned bytes, sc_core::sc_time time) {
  answer a;
  a.time = time;
  const dmi_grants::grant* const g = use_dmi_ ? grants_.find(at.value) : nullptr;
  if (g != nullptr) {
    a.value = load(*g, at, bytes);
    a.time = g->after(dmi_grants::act::read, at.value, bytes, time);
    a.served_by = g->served_by;
    a.ok = true;
  } else if (payload_taken_) {
    read_with_another(at, bytes, a);
  } else {
    payload_taken_ = true;
    read_with(payload_, at, bytes, a);
    payload_taken_ = false;
  }
  return a;
}

[[gnu::noinline]] void table_memory::read_with_another(hpa at, unsigned bytes, answer& a) {
  protocol::owned_payload another;
  read_with(another, at, bytes, a);
}

exchange_result table_memory::exchange(hpa at, unsigned bytes, std::uint64_t expected, std::uint64_t desired,
                                       sc_core::sc_time& delay) {
  if (const dmi_grants::grant* const g = grants_.find(at.value); g != nullptr && g->writable) {
    unsigned char* const place = g->at(at.value);
    delay = g->after(dmi_grants::act::exchange, at.value, bytes, delay);
    if (load(place, bytes) != expected) return exchange_result::changed;
    std::memcpy(place, &desired, bytes);
    return exchange_result::stored;
  }
  exchange_result result = exchange_result::failed;
  with_payload([&](protocol::owned_payload& own) {
    result = exchange_by_transport(own, {at, bytes, expected, desired}, delay);
  });
  return result;
}

exchange_result table_memory::exchange_by_transport(protocol::owned_payload& own, const swap& s,
                                                    sc_core::sc_time& delay) {
  std::uint64_t old = 0;
  target_->b_transport(own.exchange(s.at.value, &old, s.bytes, s.expected, s.desired), delay);
  if (!own.ok()) return exchange_result::failed;
  if (own.exchange().performed) return own.exchange().swapped ? exchange_result::stored : exchange_result::changed;
  if (old != s.expected) return exchange_result::changed;
  target_->b_transport(own.write(s.at.value, &s.desired, s.bytes), delay);
  return own.ok() ? exchange_result::stored : exchange_result::failed;
}

bool table_memory::write(hpa at, std::uint64_t qword, sc_core::sc_time& delay) {
  if (const dmi_grants::grant* const g = grants_.find(at.value); g != nullptr && g->writable) {
    std::memcpy(g->at(at.value), &qword, sizeof qword);
    delay = g->after(dmi_grants::act::write, at.value, sizeof qword, delay);
    return true;
  }
  bool written = false;
  with_payload([&](protocol::owned_payload& own) {
    target_->b_transport(own.write(at.value, &qword, sizeof qword), delay);
    written = own.ok();
  });
  return written;
}

bool table_memory::look(hpa at, unsigned bytes, std::uint64_t& value) {
  if (const dmi_grants::grant* const g = grants_.find(at.value)) {
    value = load(*g, at, bytes);
    return true;
  }
  value = 0;
  bool found = false;
  with_payload([&](protocol::owned_payload& own) {
    found = socket_->transport_dbg(own.read(at.value, &value, bytes)) == bytes;
  });
  return found;
}

}  // namespace nestwalk::walker
