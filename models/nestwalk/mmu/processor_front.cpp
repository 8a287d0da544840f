#include "nestwalk/mmu/processor_front.h"

#include <utility>

#include "nestwalk/timing/local_time.h"

namespace nestwalk::mmu {

using paging::gva;

processor_front::processor_front(side which, const char* name, const register_file& registers,
                                 translation::grant_ledger& grants, fault_handler faulted, fault_listener listener)
    : translations_(name, grants),
      side_(which),
      registers_(registers),
      grants_(grants),
      faulted_(std::move(faulted)),
      listener_(std::move(listener)) {}

processor_front::request processor_front::understand(const tlm::tlm_generic_payload& payload,
                                                     const protocol::access_extension* asked) const {
  asker who;
  if (asked != nullptr) who = {asked->mode, asked->fetch, asked->modify, nullptr};
  hook_(payload, who);
  using paging::access_type;
  const bool writes = payload.is_write() || who.modify;
  return {{writes ? access_type::write : who.fetch ? access_type::fetch : plain(), who.mode}, who.domain};
}

processor_front::request processor_front::seen(const tlm::tlm_generic_payload& payload,
                                               const protocol::access_extension* asked) const {
  request r = hook_ ? understand(payload, asked) : request{access_of(payload, asked)};
  if (r.access.type == paging::access_type::write) r.access.type = plain();
  return r;
}

void processor_front::refused(const tlm::tlm_generic_payload& payload, const paging::fault& why) {
  last_fault_ = why;
  listener_({side_, paging::gva(payload.get_address()), why, &payload});
}

bool processor_front::miss(const request& r, gva at, paging::hpa& output, paging::fault& why,
                           translation::access_counters& counts, sc_core::sc_time& delay) {
  const paging::shared_domain held = domain_of(r);  // memory may wait, and a register be written meanwhile
  protocol::translation<gva> t;
  t.address = at;
  t.question = r.access;
  t.domain = &*held;
  const sc_core::sc_time asked = timing::local_time(delay);
  const bool mapped = translations_.pass_on(t, delay);
  counts.miss_time += (timing::local_time(delay) - asked).value();
  if (mapped) {
    output = t.output();
    return true;
  }
  ++counts.faults[static_cast<unsigned>(t.fault.kind)];
  why = t.fault;
  faulted_(why, at, held->tags, delay);
  return false;
}

bool processor_front::look(const request& r, gva at, paging::access_type type, translation::seen_mapping& seen) {
  const paging::domain& domain = *domain_of(r);
  protocol::translation<gva> t;
  t.address = at;
  t.question = {type, r.access.mode};
  t.domain = &domain;
  if (!translations_.look(t)) return false;
  seen.mapping = t.mapping;
  seen.entry = tlb::entry_of(tlb::key_of(at, domain), tlb::page_size_index(t.mapping.size_log2()), t.mapping);
  seen.flags_were_set = t.flags_were_set;
  const auto permits = [&](paging::access_type asked) {
    return domain.guest.policy.hit_permits({asked, r.access.mode}, t.mapping.granted);
  };
  seen.readable = permits(type == paging::access_type::fetch ? type : paging::access_type::read);
  seen.writable = permits(paging::access_type::write);
  return true;
}

}  // namespace nestwalk::mmu
