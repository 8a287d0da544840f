#include "nestwalk/iommu/device_resolver.h"

#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/timing/local_time.h"

namespace nestwalk::iommu {

using paging::vtd::device_step;
using paging::vtd::device_tables;
using paging::vtd::entry;
using paging::vtd::entry_kind;
using paging::vtd::request;

namespace {

constexpr const char* entry_names[paging::vtd::entry_kinds] = {"root",       "context",         "sm_root",
                                                               "sm_context", "pasid_directory", "pasid_table"};

tlm::tlm_generic_payload& prepared(tlm::tlm_generic_payload& payload, paging::hpa at, entry& e, unsigned bytes) {
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(at.value);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(e.data()));
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  return payload;
}

device_resolver::resolution outcome_of(const paging::vtd::device_walk& w) {
  device_resolver::resolution r;
  r.disables_faults = w.disables_faults();
  if (w.state() == device_step::faulted)
    r.why = w.why();
  else
    r.assigned = w.result();
  return r;
}

}  // namespace

device_resolver::device_resolver(protocol::memory_initiator_socket& memory, const device_resolver_config& c)
    : memory_(memory),
      config_(c),
      contexts_(c.context_cache, "context_cache"),
      pasids_(c.pasid_cache, "pasid_cache"),
      payloads_([](tlm::tlm_generic_payload& p) { p.set_extension(new protocol::access_extension); }),
      context_latency_(c.context_cache.latency_cycles * c.cycle),
      both_latencies_(context_latency_ + c.pasid_cache.latency_cycles * c.cycle) {}

bool device_resolver::read(const walk& w, entry& e, sc_core::sc_time& delay) {
  ++counts_.reads[static_cast<unsigned>(w.reads())];
  const sc_core::sc_time step = config_.cycles_per_entry * config_.cycle;
  delay += step;
  const sc_core::sc_time asked = timing::local_time(delay);
  const protocol::payload_lease lease(payloads_);
  memory_->b_transport(prepared(*lease, w.at(), e, w.bytes()), delay);
  const bool ok = (*lease).is_response_ok();
  if (observer_ != nullptr)
    observer_->reads({w.reads(), w.at(), e, ok, (*lease).get_extension<protocol::access_extension>()->served_by, step,
                      timing::local_time(delay) - asked});
  return ok;
}

void device_resolver::run(walk& w, sc_core::sc_time& delay) {
  while (w.state() == device_step::read) {
    entry e{};
    if (read(w, e, delay))
      w.value(e);
    else
      w.unreadable();
  }
}

device_resolver::resolution device_resolver::resolve(const device_tables& tables, const request& r,
                                                     sc_core::sc_time& delay) {
  resolution found = walk_once(tables, r, /*uncached=*/false, delay);
  if (found.why != paging::vtd::reason::none && found.from_cache) {
    ++counts_.rewalks;
    found = walk_once(tables, r, /*uncached=*/true, delay);
  }
  if (found.why != paging::vtd::reason::none) ++counts_.faults;
  return found;
}

device_resolver::resolution device_resolver::resolve_uncached(const device_tables& tables, const request& r,
                                                              sc_core::sc_time& delay) {
  ++counts_.rewalks;
  return walk_once(tables, r, /*uncached=*/true, delay);
}

// What the walk takes from the caches it copies, so that they may change while its reads wait.
device_resolver::resolution device_resolver::walk_once(const device_tables& tables, const request& r, bool uncached,
                                                       sc_core::sc_time& delay) {
  const bool scalable = tables.mode == paging::vtd::table_mode::scalable;
  places at;
  const sc_core::sc_time asked = delay;
  const walk::kept from = uncached ? walk::kept{} : find_kept(r, scalable, at, delay);
  if (observer_ != nullptr)
    observer_->begins({from.context != nullptr, from.pasid != nullptr, uncached, delay - asked});
  const std::uint64_t contexts_epoch = contexts_.epoch();
  const std::uint64_t pasids_epoch = pasids_.epoch();
  const std::uint64_t contexts_generation = contexts_.generation();
  walk w(tables, r, from);
  if (!uncached && w.state() == device_step::read) ++counts_.walks;
  run(w, delay);
  // While the walk's reads waited the entry that it began below may have gone.
  bool kept = from.context != nullptr && contexts_.generation() == contexts_generation;
  if (w.has_context() && from.context == nullptr)
    kept = contexts_.fill(r.source, {w.context(), scalable, w.result().domain}, contexts_epoch, at.context);
  if (scalable && w.state() == device_step::done && from.pasid == nullptr)
    kept = pasids_.fill(pasid_cache::key_of(r.source, w.pasid()),
                        {w.result().tells, w.result().domain, w.pasid(), w.pasid_disables_faults()}, pasids_epoch,
                        at.pasid) &&
           kept;
  resolution found = outcome_of(w);
  found.from_cache = from.context != nullptr;
  found.kept = kept && found.why == paging::vtd::reason::none;
  found.context = at.context;
  found.pasid = at.pasid;
  return found;
}

device_resolver::walk::kept device_resolver::find_kept(const request& r, bool scalable, places& at,
                                                       sc_core::sc_time& delay) {
  walk::kept from;
  if (!contexts_.built()) return from;
  delay += context_latency_;
  const kept_context* const context = contexts_.find(r.source, at.context);
  if (context == nullptr || context->scalable != scalable) return from;
  from.context = &context->bits;
  if (!scalable || !pasids_.built()) return from;
  const std::uint32_t pasid =
      r.has_pasid ? r.pasid : static_cast<std::uint32_t>(context->bits[1] & paging::vtd::sm_context_entry::rid_pasid);
  delay += both_latencies_ - context_latency_;
  if (const kept_pasid* const kept = pasids_.find(pasid_cache::key_of(r.source, pasid), at.pasid)) {
    from.pasid = &kept->bits;
    from.pasid_disables_faults = kept->disables_faults;
  }
  return from;
}

device_resolver::resolution device_resolver::look(const device_tables& tables, const request& r) const {
  walk w(tables, r);
  tlm::tlm_generic_payload payload;
  while (w.state() == device_step::read) {
    entry e{};
    if (memory_->transport_dbg(prepared(payload, w.at(), e, w.bytes())) == w.bytes())
      w.value(e);
    else
      w.unreadable();
  }
  return outcome_of(w);
}

void device_resolver::describe(statistics::group& into) {
  into.add("walks", "walks", "Requests whose device tables were read, whether from the root or below.", counts_.walks);
  into.add("rewalks", "walks", "Walks from the root because a fault was reached with something cached.",
           counts_.rewalks);
  into.add("faults", "faults", "Requests that the device tables block.", counts_.faults);
  statistics::group& reads = into.child("reads");
  for (unsigned kind = 0; kind < paging::vtd::entry_kinds; ++kind)
    reads.add(entry_names[kind], "reads", "Memory reads of entries of this kind.", counts_.reads[kind]);
  const auto describe_cache = [&into](const char* name, auto& cache) {
    if (cache.built())
      cache.describe(into.child(name));
    else
      into.not_built(name);
  };
  describe_cache("context_cache", contexts_);
  describe_cache("pasid_cache", pasids_);
}

}  // namespace nestwalk::iommu
