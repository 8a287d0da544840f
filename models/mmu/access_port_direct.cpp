// What an access_port does beside timed accesses: debug transport and DMI. Neither has an effect.
#include <algorithm>

#include "mmu/access_port.h"
#include "protocol/address_guard.h"

namespace nestwalk::mmu {

using paging::access_type;
using paging::gva;
using protocol::address_guard;

bool access_port::look(gva at, paging::access a, protocol::translation<gva>& t) {
  t = protocol::translation<gva>{};
  t.address = at;
  t.question = a;
  t.context = &registers_.context();
  return translations->look(t);
}

// Rights are asked as for a read or a fetch: a debugger may write what is mapped read-only.
unsigned access_port::transport_dbg(tlm::tlm_generic_payload& payload) {
  const auto* const asked = payload.get_extension<extension>();
  paging::access a = access_of(payload, asked);
  if (a.type == access_type::write) a.type = side_ == side::fetch ? access_type::fetch : access_type::read;
  const sc_dt::uint64 address = payload.get_address();
  unsigned char* const data = payload.get_data_ptr();
  const unsigned length = payload.get_data_length();
  unsigned done = 0;
  while (done < length) {
    const gva at((address + done) & registers_.linear_mask());
    const auto room = static_cast<unsigned>((gva(at).base(paging::page_4k) + (1u << paging::page_4k)) - at);
    protocol::translation<gva> t;
    if (!look(at, a, t)) break;
    const unsigned here = std::min(room, length - done);
    const address_guard there(payload, t.output().value);
    payload.set_data_ptr(data + done);
    payload.set_data_length(here);
    const unsigned moved = below_->transport_dbg(payload);
    done += std::min(moved, here);
    if (moved < here) break;
  }
  payload.set_data_ptr(data);
  payload.set_data_length(length);
  return done;
}

bool access_port::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  const auto* const asked = payload.get_extension<extension>();
  const paging::access a = access_of(payload, asked);
  const gva at(payload.get_address() & registers_.linear_mask());
  grants_.seen(a.mode, registers_.context().guest);
  grant.init();
  protocol::translation<gva> t;
  if (!look(at, a, t) || !t.flags_were_set) {
    const gva page = at.base(paging::page_4k);
    grant.set_start_address(page.value);
    grant.set_end_address(page.value + ((1u << paging::page_4k) - 1));
    grant.allow_none();
    return false;
  }
  if (!grant_below(payload, t, grant)) return false;

  protocol::translation<gva> other;
  const bool fetches = a.type == access_type::fetch;
  const bool may_write =
      grant.is_write_allowed() && !fetches && look(at, {access_type::write, a.mode}, other) && other.flags_were_set;
  const bool may_read = grant.is_read_allowed() && (fetches || look(at, {access_type::read, a.mode}, other));
  grant.allow_none();
  if (may_read && may_write)
    grant.allow_read_write();
  else if (may_write)
    grant.allow_write();
  else if (may_read)
    grant.allow_read();
  if (a.type == access_type::write ? !may_write : !may_read) {
    grant.allow_none();
    return false;
  }

  dmi_grant given;
  given.on = side_;
  given.first = grant.get_start_address();
  given.last = grant.get_end_address();
  given.host = t.mapping.translate(gva(given.first)).value;
  given.mapped =
      tlb::entry_of(tlb::key_of(at, registers_.context()), tlb::page_size_index(t.mapping.size_log2()), t.mapping);
  given.asked = a;
  given.writable = may_write;
  given.keyed_by_context = asked != nullptr && asked->keys_grants_by_context;
  grants_.add(given);
  ++counts_.dmi_grants;
  return true;
}

// Asks memory for the page that `t` maps to; the answer is turned into linear addresses and cut to the page.
bool access_port::grant_below(tlm::tlm_generic_payload& payload, const protocol::translation<gva>& t,
                              tlm::tlm_dmi& grant) {
  const std::uint64_t target = t.output().value;
  bool granted = false;
  {
    const address_guard there(payload, target);
    granted = below_->get_direct_mem_ptr(payload, grant);
  }
  const unsigned log2 = t.mapping.size_log2();
  const std::uint64_t page = t.mapping.page.value;
  const std::uint64_t first = std::max<std::uint64_t>(grant.get_start_address(), page);
  const std::uint64_t last = std::min<std::uint64_t>(grant.get_end_address(), page + ((std::uint64_t{1} << log2) - 1));
  if (granted) grant.set_dmi_ptr(grant.get_dmi_ptr() + (first - grant.get_start_address()));
  const std::uint64_t linear_page = t.address.base(log2).value;
  grant.set_start_address(linear_page + (first - page));
  grant.set_end_address(linear_page + (last - page));
  if (!granted) {
    grant.allow_none();
    return false;
  }
  const sc_core::sc_time translation = first_ != nullptr ? first_->latency() : sc_core::SC_ZERO_TIME;
  grant.set_read_latency(grant.get_read_latency() + translation);
  grant.set_write_latency(grant.get_write_latency() + translation);
  return true;
}

void access_port::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  grants_.take_back_memory(side_, first, last);
}

}  // namespace nestwalk::mmu
