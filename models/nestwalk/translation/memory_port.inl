// The bodies of memory_port<Front>; in a header so that the way of a hit has no call between port and front.
#pragma once

#include <algorithm>
#include <vector>

#include "nestwalk/paging/usually.h"
#include "nestwalk/protocol/access_meter.h"
#include "nestwalk/protocol/address_guard.h"
#include "nestwalk/protocol/attribute_guard.h"
#include "nestwalk/protocol/lent_extensions.h"
#include "nestwalk/protocol/touched_bytes.h"

namespace nestwalk::translation {

template <class Front>
memory_port<Front>::memory_port(Front& front, grant_ledger& grants, unsigned number,
                                protocol::memory_initiator_socket& memory)
    : front_(front), grants_(grants), number_(number), memory_(memory), pieces_([](tlm::tlm_generic_payload& payload) {
        payload.set_extension(new extension);
      }) {}

template <class Front>
void memory_port<Front>::transport(tlm::tlm_generic_payload& payload, protocol::access_extension* asked,
                                   sc_core::sc_time& delay) {
  if (!paging::usually(!front_.asks_platform()))
    return transport_unusual(payload, front_.arrived(payload, asked), asked, delay);
  const request r = front_.arrived_plain(payload, asked);
  const paging::gva at = front_.linear(r, payload.get_address());
  const unsigned length = payload.get_data_length();
  const auto room = static_cast<unsigned>(page_bytes - at.offset(paging::page_4k));
  // A length of 0 wraps round.
  if (!paging::usually(length - 1 < room && length <= payload.get_streaming_width() &&
                       payload.get_command() != tlm::TLM_IGNORE_COMMAND))
    return transport_unusual(payload, r, asked, delay);
  transport_within(payload, r, at, asked, delay);
}

template <class Front>
[[gnu::always_inline]] inline void memory_port<Front>::transport_within(tlm::tlm_generic_payload& payload,
                                                                        const request& r, paging::gva at,
                                                                        extension* asked, sc_core::sc_time& delay) {
  ++counts_.accesses;
  paging::hpa output;
  paging::fault why;
  if (!translate(r, at, protocol::touched_bytes(payload), output, why, delay)) return refuse(payload, asked, why);
  const protocol::address_guard there(payload, output.value);
  below_.transport(payload, asked, delay);
  if (payload.is_response_error() && asked != nullptr) asked->fault = {};  // memory's own error, not translation's
  if (!paging::usually(front_.grants(r, asked))) payload.set_dmi_allowed(false);
}

// What crosses a page or streams, or has no effect.
template <class Front>
[[gnu::noinline, gnu::cold]] void memory_port<Front>::transport_unusual(tlm::tlm_generic_payload& payload,
                                                                        const request& r, extension* asked,
                                                                        sc_core::sc_time& delay) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND || payload.get_data_length() == 0)
    return pass_without_effect(payload, r, delay);
  const protocol::attribute_guard as_sent(payload);
  if (payload.get_streaming_width() == 0) payload.set_streaming_width(payload.get_data_length());
  const paging::gva at = front_.linear(r, payload.get_address());
  if (at.offset(paging::page_4k) + protocol::touched_bytes(payload) <= page_bytes)
    return transport_within(payload, r, at, asked, delay);
  transport_across(payload, r, delay);
}

template <class Front>
void memory_port<Front>::pass_without_effect(tlm::tlm_generic_payload& payload, const request& r,
                                             sc_core::sc_time& delay) {
  const paging::gva at = front_.linear(r, payload.get_address());
  seen_mapping seen;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (payload.get_command() != tlm::TLM_IGNORE_COMMAND || payload.get_data_length() == 0) return;
  if (at.offset(paging::page_4k) + std::uint64_t{protocol::touched_bytes(payload)} > page_bytes) return;
  if (!front_.look(r, at, r.access.type, seen)) return;
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const protocol::address_guard there(payload, seen.mapping.translate(at).value);
  below_->b_transport(payload, delay);
}

template <class Front>
inline bool memory_port<Front>::translate(const request& r, paging::gva at, unsigned length, paging::hpa& output,
                                          paging::fault& why, sc_core::sc_time& delay) {
  return front_.translate(r, at, length, output, why, counts_, delay);
}

template <class Front>
void memory_port<Front>::refuse(tlm::tlm_generic_payload& payload, extension* asked, const paging::fault& why) {
  if (asked != nullptr) asked->fault = why;
  front_.refused(payload, why);
  payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

template <class Front>
void memory_port<Front>::transport_across(tlm::tlm_generic_payload& payload, const request& r,
                                          sc_core::sc_time& delay) {
  auto* const asked = payload.get_extension<extension>();
  ++counts_.accesses;
  ++counts_.page_crossings;
  if (protocol::touched_bytes(payload) < payload.get_data_length()) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  std::vector<piece> parts;
  paging::fault why;
  for (unsigned done = 0; done < payload.get_data_length();) {
    const paging::gva at = front_.linear(r, payload.get_address() + done);
    const auto room = static_cast<unsigned>(page_bytes - at.offset(paging::page_4k));
    piece part{{}, done, std::min(room, payload.get_data_length() - done)};
    if (done != 0) ++counts_.further_pages;
    if (!translate(r, at, part.length, part.at, why, delay)) return refuse(payload, asked, why);
    parts.push_back(part);
    done += part.length;
  }
  tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  if (asked != nullptr) asked->served_by = protocol::memory_level::none;
  for (const piece& part : parts)
    if (!send(payload, part, asked, delay, status)) break;
  if (status != tlm::TLM_OK_RESPONSE && asked != nullptr) asked->fault = {};
  payload.set_response_status(status);
}

// Sends one piece as a payload of its own; `asked` hears of the farthest level that answered any piece.
template <class Front>
bool memory_port<Front>::send(const tlm::tlm_generic_payload& whole, const piece& part, extension* asked,
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
    enables = protocol::enables_of_piece(whole.get_byte_enable_ptr(), whole.get_byte_enable_length(), part.offset,
                                         part.length);
    payload.set_byte_enable_ptr(enables.data());
    payload.set_byte_enable_length(part.length);
  }
  const protocol::lent_extensions lent(payload, whole, extension::ID);
  auto& own = *payload.get_extension<extension>();
  own = asked != nullptr ? *asked : extension{};
  own.served_by = protocol::memory_level::none;
  below_->b_transport(payload, delay);
  status = payload.get_response_status();
  if (asked != nullptr) asked->served_by = std::max(asked->served_by, own.served_by);
  return status == tlm::TLM_OK_RESPONSE;
}

// The response status is set whatever the payload's option: it tells a debugger what is not mapped.
template <class Front>
unsigned memory_port<Front>::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const request r = front_.seen(payload, payload.get_extension<extension>());
  const tlm::tlm_gp_option option = payload.get_gp_option();
  const unsigned done = debug_pieces(payload, r);
  const bool whole = done == payload.get_data_length();
  payload.set_response_status(whole ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  payload.set_gp_option(option == tlm::TLM_FULL_PAYLOAD ? tlm::TLM_FULL_PAYLOAD_ACCEPTED : option);
  return done;
}

// Rights are asked as for a read or a fetch: a debugger may write what is mapped read-only. The pieces are the payload
// itself, one after another, so that all that it carries is with each.
template <class Front>
unsigned memory_port<Front>::debug_pieces(tlm::tlm_generic_payload& payload, const request& r) {
  const sc_dt::uint64 address = payload.get_address();
  const tlm::tlm_gp_option option = payload.get_gp_option();
  const protocol::attribute_guard whole(payload);
  std::vector<unsigned char> enables;
  unsigned done = 0;
  while (done < whole.length()) {
    const paging::gva at = front_.linear(r, address + done);
    const auto room = static_cast<unsigned>(page_bytes - at.offset(paging::page_4k));
    seen_mapping seen;
    if (!front_.look(r, at, r.access.type, seen)) break;
    const unsigned here = std::min(room, whole.length() - done);
    payload.set_address(seen.mapping.translate(at).value);
    payload.set_data_ptr(whole.data() + done);
    payload.set_data_length(here);
    payload.set_streaming_width(here);
    payload.set_gp_option(option);
    if (whole.enables() != nullptr && whole.enables_length() != 0) {
      enables = protocol::enables_of_piece(whole.enables(), whole.enables_length(), done, here);
      payload.set_byte_enable_ptr(enables.data());
      payload.set_byte_enable_length(here);
    }
    const unsigned moved = below_->transport_dbg(payload);
    done += std::min(moved, here);
    if (moved < here) break;
  }
  return done;
}

template <class Front>
bool memory_port<Front>::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  if (protocol::refuses_to_meter(payload, grant)) return false;
  const auto* const asked = payload.get_extension<extension>();
  const request r = front_.arrived(payload, asked);
  const paging::gva at = front_.linear(r, payload.get_address());
  grant.init();
  seen_mapping seen;
  if (!front_.grants(r, asked) || !front_.look(r, at, r.access.type, seen) || !seen.flags_were_set) {
    const paging::gva page = at.base(paging::page_4k);
    grant.set_start_address(page.value);
    grant.set_end_address(page.value + (page_bytes - 1));
    grant.allow_none();
    return false;
  }
  if (!grant_below(payload, at, seen, grant) || !allow(r, seen, grant)) return false;

  dmi_grant given;
  given.port = number_;
  given.first = grant.get_start_address();
  given.last = grant.get_end_address();
  given.host = seen.mapping.translate(paging::gva(given.first)).value;
  given.mapped = seen.entry;
  given.origin = seen.origin;
  given.asked = r.access;
  given.writable = grant.is_write_allowed();
  given.keyed_by_context = asked != nullptr && asked->keys_grants_by_context;
  grants_.add(given);
  ++counts_.dmi_grants;
  return true;
}

// Leaves of what memory grants the rights that the entries give with no flag left to set; false where that is not what
// was asked for.
template <class Front>
bool memory_port<Front>::allow(const request& r, const seen_mapping& seen, tlm::tlm_dmi& grant) {
  using paging::access_type;
  const bool fetches = r.access.type == access_type::fetch;
  const bool may_write = grant.is_write_allowed() && !fetches && seen.writable;
  const bool may_read = grant.is_read_allowed() && seen.readable;
  grant.allow_none();
  if (r.access.type == access_type::write ? !may_write : !may_read) return false;
  if (may_read && may_write)
    grant.allow_read_write();
  else if (may_write)
    grant.allow_write();
  else
    grant.allow_read();
  return true;
}

// Asks memory for the page that `seen` maps to; the answer is turned into linear addresses and cut to the page.
template <class Front>
bool memory_port<Front>::grant_below(tlm::tlm_generic_payload& payload, paging::gva at, const seen_mapping& seen,
                                     tlm::tlm_dmi& grant) {
  bool granted = false;
  {
    const protocol::address_guard there(payload, seen.mapping.translate(at).value);
    granted = below_->get_direct_mem_ptr(payload, grant);
  }
  const unsigned log2 = seen.mapping.size_log2();
  const std::uint64_t page = seen.mapping.page.value;
  const std::uint64_t first = std::max<std::uint64_t>(grant.get_start_address(), page);
  const std::uint64_t last = std::min<std::uint64_t>(grant.get_end_address(), page + ((std::uint64_t{1} << log2) - 1));
  if (granted) grant.set_dmi_ptr(grant.get_dmi_ptr() + (first - grant.get_start_address()));
  const std::uint64_t linear_page = at.base(log2).value;
  grant.set_start_address(linear_page + (first - page));
  grant.set_end_address(linear_page + (last - page));
  if (!granted) {
    grant.allow_none();
    return false;
  }
  grant.set_read_latency(grant.get_read_latency() + front_.latency(seen));
  grant.set_write_latency(grant.get_write_latency() + front_.latency(seen));
  return true;
}

}  // namespace nestwalk::translation
