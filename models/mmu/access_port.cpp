#include "mmu/access_port.h"

#include <algorithm>
#include <vector>

#include "protocol/address_guard.h"

namespace nestwalk::mmu {

using paging::access_type;
using paging::fault;
using paging::gva;
using paging::hpa;
using protocol::address_guard;

namespace {

constexpr std::uint64_t page_bytes = std::uint64_t{1} << paging::page_4k;

}  // namespace

access_port::access_port(const surroundings& s)
    : translations(s.translations_name.c_str()),
      side_(s.which),
      registers_(s.registers),
      grants_(s.grants),
      faulted_(s.faulted),
      memory_(s.memory),
      pieces_([](tlm::tlm_generic_payload& payload) { payload.set_extension(new extension); }) {
  translations.bind(*this);
  memory_.bind(static_cast<protocol::memory_backward&>(*this));
}

paging::access access_port::access_of(const tlm::tlm_generic_payload& payload, const extension* asked) const {
  const bool writes = payload.is_write();
  if (asked == nullptr) {
    const access_type plain = side_ == side::fetch ? access_type::fetch : access_type::read;
    return {writes ? access_type::write : plain, paging::access_mode::supervisor_ac};
  }
  if (writes || asked->modify) return {access_type::write, asked->mode};
  return {side_ == side::fetch || asked->fetch ? access_type::fetch : access_type::read, asked->mode};
}

void access_port::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  auto* const asked = payload.get_extension<extension>();
  const paging::access a = access_of(payload, asked);
  const gva at(payload.get_address() & registers_.linear_mask());
  ++counts_.accesses;
  grants_.seen(a.mode, registers_.context().guest);
  if (at.offset(paging::page_4k) + payload.get_data_length() > page_bytes) return transport_across(payload, delay);
  hpa output;
  fault why;
  if (!translate(at, a, output, why, delay)) return refuse(payload, asked, why);
  const address_guard there(payload, output.value);
  below_->b_transport(payload, delay);
  if (payload.is_response_error() && asked != nullptr) asked->fault = fault{};  // memory's own error, not translation's
}

inline bool access_port::translate(gva at, paging::access a, hpa& output, fault& why, sc_core::sc_time& delay) {
  if (first_ != nullptr) {
    const auto* const found = first_->look_up(at, a, registers_.context());
    delay += first_->latency();
    if (found != nullptr) {
      output = found->translate(at);
      return true;
    }
  }
  return miss(at, a, output, why, delay);
}

bool access_port::miss(gva at, paging::access a, hpa& output, fault& why, sc_core::sc_time& delay) {
  protocol::translation<gva> t;
  t.address = at;
  t.question = a;
  t.context = &registers_.context();
  // By the clock, as a walker that waits hands back less delay than it was given.
  const sc_core::sc_time asked = sc_core::sc_time_stamp() + delay;
  const bool mapped = first_ != nullptr ? first_->pass_on(t, delay) : translations->translate(t, delay);
  counts_.miss_time += (sc_core::sc_time_stamp() + delay - asked).value();
  if (mapped) {
    output = t.output();
    return true;
  }
  ++counts_.faults[static_cast<unsigned>(t.fault.kind)];
  why = t.fault;
  faulted_(why, at, delay);
  return false;
}

void access_port::refuse(tlm::tlm_generic_payload& payload, extension* asked, const fault& why) {
  if (asked != nullptr) asked->fault = why;
  payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void access_port::transport_across(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  auto* const asked = payload.get_extension<extension>();
  const paging::access a = access_of(payload, asked);
  ++counts_.page_crossings;
  if (payload.get_streaming_width() < payload.get_data_length()) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  std::vector<piece> parts;
  fault why;
  for (unsigned done = 0; done < payload.get_data_length();) {
    const gva at((payload.get_address() + done) & registers_.linear_mask());
    const auto room = static_cast<unsigned>(page_bytes - at.offset(paging::page_4k));
    piece part{{}, done, std::min(room, payload.get_data_length() - done)};
    if (!translate(at, a, part.at, why, delay)) return refuse(payload, asked, why);
    if (done != 0) ++counts_.further_pages;
    parts.push_back(part);
    done += part.length;
  }
  tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  if (asked != nullptr) asked->served_by = protocol::memory_level::none;
  for (const piece& part : parts)
    if (!send(payload, part, asked, delay, status)) break;
  if (status != tlm::TLM_OK_RESPONSE && asked != nullptr) asked->fault = fault{};
  payload.set_response_status(status);
}

// Sends one piece as a payload of its own; `asked` hears of the farthest level that answered any piece.
bool access_port::send(const tlm::tlm_generic_payload& whole, const piece& part, extension* asked,
                       sc_core::sc_time& delay, tlm::tlm_response_status& status) {
  const protocol::payload_lease lease(pieces_);
  tlm::tlm_generic_payload& payload = *lease;
  payload.set_command(whole.get_command());
  payload.set_address(part.at.value);
  payload.set_data_ptr(whole.get_data_ptr() + part.offset);
  payload.set_data_length(part.length);
  payload.set_streaming_width(part.length);
  std::vector<unsigned char> enables;  // of this piece, from its first byte on
  if (whole.get_byte_enable_ptr() != nullptr) {
    for (unsigned i = 0; i < part.length; ++i)
      enables.push_back(whole.get_byte_enable_ptr()[(part.offset + i) % whole.get_byte_enable_length()]);
    payload.set_byte_enable_ptr(enables.data());
    payload.set_byte_enable_length(part.length);
  }
  auto& own = *payload.get_extension<extension>();
  own = asked != nullptr ? *asked : extension{};
  own.served_by = protocol::memory_level::none;
  below_->b_transport(payload, delay);
  status = payload.get_response_status();
  if (asked != nullptr) asked->served_by = std::max(asked->served_by, own.served_by);
  return status == tlm::TLM_OK_RESPONSE;
}

void access_port::describe(statistics::group& into) {
  counts_.describe(into);
}

}  // namespace nestwalk::mmu
