#include "nestwalk/iommu/remapper.h"

#include "nestwalk/iommu/protected_memory.h"

namespace nestwalk::iommu {

using paging::gpa;
using paging::gva;
using paging::hpa;
using paging::vtd::reason;
using paging::vtd::request_type;
using paging::vtd::translation_kind;

namespace {

bool begins_at_second_stage(const paging::vtd::assignment& a) {
  return a.kind == translation_kind::second_stage || a.kind == translation_kind::pass_through;
}

// What is judged by address, the protected regions and the range of interrupts, is so by blocks of that size.
constexpr unsigned block_log2 = 20;

constexpr std::uint64_t last_of(std::uint64_t first, unsigned size_log2) {
  return first + ((std::uint64_t{1} << size_log2) - 1);
}

bool meets_interrupt_range(std::uint64_t first, std::uint64_t last) {
  constexpr std::uint64_t begin = std::uint64_t{0xfee} << block_log2;
  return first <= last_of(begin, block_log2) && begin <= last;
}

// Without PASID, and not translated already, a request to the interrupt range is an interrupt.
bool may_interrupt(const paging::vtd::request& r) {
  return !r.has_pasid && r.type == request_type::untranslated;
}

// The entry of a mapping as a TLB would hold it.
template <class In>
tlb::entry entry_of(In address, const paging::domain& d, const paging::mapping<hpa>& m) {
  return tlb::entry_of(tlb::key_of(address, d), tlb::page_size_index(m.size_log2()), m);
}

}  // namespace

remapper::remapper(const iommu_config& c, register_file& registers, fault_log& faults, device_resolver& resolver,
                   translation_path& path, translation::grant_ledger& grants)
    : config_(c),
      registers_(registers),
      faults_(faults),
      resolver_(resolver),
      path_(path),
      grants_(grants),
      protects_always_((c.version >> 4) >= 2) {
  set_tables(0);
}

void remapper::set_tables(std::uint64_t rtaddr) {
  tables_ = std::make_shared<const paging::vtd::device_tables>(paging::vtd::device_tables::of(config_.unit, rtaddr));
  ++tables_epoch_;
  if (enabled_) grants_.take_back_where([](const auto&) { return true; });
}

void remapper::enable(bool on) {
  if (on != enabled_) grants_.take_back_where([](const auto&) { return true; });
  enabled_ = on;
}

void remapper::protection_changed() {
  grants_.take_back_where([this](const translation::dmi_grant& g) {
    return (g.origin.as_it_is || protects_always_) &&
           is_protected(registers_, config_.unit, g.host, g.host + (g.last - g.first));
  });
}

remapper::shared_device_domain remapper::make_domain(const device_resolver::resolution& found) const {
  auto d = std::make_shared<device_domain>();
  d->found = found;
  if (found.why != reason::none) return d;
  d->domain = paging::vtd::domain_of(found.assigned, config_.unit);
  d->address_bits = paging::vtd::address_bits(found.assigned, config_.unit);
  d->by_iotlb = path_.first_stage.has_tlb() && !begins_at_second_stage(found.assigned) &&
                found.assigned.kind != translation_kind::pass_through;
  d->entries_latency = resolver_.hit_latency(found.assigned.scalable);
  return d;
}

// While the tables are read memory may wait, and the root table be set meanwhile: the walk holds its own.
remapper::resolved remapper::resolve(const request& r, last_resolution& last, sc_core::sc_time& delay) {
  const std::uint64_t kind = context_of(r);
  if (is_known(last, kind)) {
    resolver_.use_again(last.domain->found);
    delay += last.domain->entries_latency;
    return {last.domain, true};
  }
  const auto tables = tables_;
  const std::uint64_t tables_before = tables_epoch_;
  const auto found = resolver_.resolve(*tables, r, delay);
  shared_device_domain d = make_domain(found);
  if (found.kept && tables_before == tables_epoch_) last = {kind, resolver_.generation() + tables_epoch_, d};
  return {d, found.from_cache};
}

template <class In>
void remapper::ask(protocol::translation<In>& t, const device_domain& d, const way& by, remapped& to) {
  t.domain = &d.domain;
  t.uncached = by.uncached;
  translation::entrance<In>& way_in = path_.way_in<In>();
  to.allowed = by.seen != nullptr ? way_in.look(t)
               : by.missed        ? way_in.pass_on(t, *by.delay)
                                  : way_in.translate(t, *by.delay);
  if (!to.allowed) {
    to.fault = t.fault;
    to.why = paging::vtd::reason_of(t.fault, d.found.assigned, d.domain);
    return;
  }
  to.output = t.output();
  if (by.seen == nullptr) return;
  by.seen->mapping = t.mapping;
  by.seen->flags_were_set = t.flags_were_set;
  by.seen->entry = entry_of(t.address, d.domain, t.mapping);
  const auto permits = [&](paging::access_type asked) {
    auto question = t.question;
    question.type = asked;
    return tlb::entry_rules<In>::permits(d.domain, question, t.mapping.granted);
  };
  using paging::access_type;
  by.seen->readable = permits(t.question.type == access_type::fetch ? access_type::fetch : access_type::read);
  by.seen->writable = permits(access_type::write);
}

// An address that no table translates. The unit keeps no mapping of it; a grant of it goes with the domain's
// guest-physical ones.
void remapper::pass_as_it_is(std::uint64_t address, const paging::translation_tags& tags, const way& by,
                             remapped& to) const {
  to.allowed = true;
  to.output = hpa(address);
  if (by.seen == nullptr) return;
  paging::mapping<hpa> m;
  m.page = hpa(address).base(block_log2);
  m.guest_size_log2 = m.nested_size_log2 = block_log2;
  paging::domain d;
  d.tags = tags;
  d.tags.second = tags.space;
  by.seen->mapping = m;
  by.seen->entry = entry_of(gpa(address), d, m);
  by.seen->origin.as_it_is = true;
  by.seen->readable = by.seen->writable = true;
}

remapped remapper::translate(const request& r, std::uint64_t address, const device_domain& d, const way& by) {
  const paging::vtd::assignment& assigned = d.found.assigned;
  remapped to;
  if (r.type == request_type::translated) {
    if ((address >> config_.unit.host_bits) == 0)
      pass_as_it_is(address, d.domain.tags, by, to);
    else
      to.why = paging::vtd::beyond_width(r, assigned);
  } else if (begins_at_second_stage(assigned) && (address >> d.address_bits) != 0) {
    to.why = paging::vtd::beyond_width(r, assigned);
  } else if (assigned.kind == translation_kind::pass_through) {
    pass_as_it_is(address, d.domain.tags, by, to);
  } else if (assigned.kind == translation_kind::second_stage) {
    protocol::translation<gpa> t;
    t.address = gpa(address);
    t.question.type = r.access;
    t.question.linear_valid = false;
    ask(t, d, by, to);
  } else {
    protocol::translation<gva> t;
    t.address = gva(address);
    t.question = paging::vtd::first_stage_access(r, assigned);
    ask(t, d, by, to);
  }
  return to;
}

// While translation is off requests pass, but for protected memory; what is blocked there is not recorded.
remapped remapper::pass(std::uint64_t address, unsigned length) const {
  remapped to;
  to.output = hpa(address);
  to.allowed = !is_protected(registers_, config_.unit, address, address + (length == 0 ? 0 : length - 1));
  return to;
}

// Interrupt requests, dword writes, are not remapped and pass as they are; so do reads of no bytes (3.15).
bool remapper::passes_as_interrupt(const request& r, unsigned length) {
  return r.access == paging::access_type::write ? length == 4 : r.no_bytes;
}

void remapper::judge_output(const request& r, unsigned length, const device_domain& d, remapped& to) const {
  const bool as_it_is = r.type == request_type::translated || d.found.assigned.kind == translation_kind::pass_through;
  if (paging::vtd::in_interrupt_range(to.output.value)) {
    to.allowed = false;
    to.why = paging::vtd::to_interrupt_range(d.found.assigned);
  } else if (as_it_is || protects_always_) {
    to.allowed = pass(to.output.value, length).allowed;
  }
}

remapped remapper::in_domain(const request& r, std::uint64_t address, unsigned length, const device_domain& d,
                             const way& by) {
  remapped to;
  to.why = d.found.why;
  if (to.why == reason::none && is_interrupt(r, address))
    to.why = paging::vtd::to_interrupt_range(d.found.assigned);
  else if (to.why == reason::none)
    to = translate(r, address, d, by);
  to.disables_faults = d.found.disables_faults;
  if (!to.allowed) return to;
  judge_output(r, length, d, to);
  return to;
}

bool remapper::remap_any(const request& r, std::uint64_t address, unsigned length, last_resolution& last, hpa& output,
                         paging::fault& why, sc_core::sc_time& delay) {
  remapped to;
  bool from_cache = false;
  const bool interrupts = enabled_ && is_interrupt(r, address);
  if (interrupts) ++counts_.interrupts;
  if (!enabled_) ++counts_.untranslated;
  if (is_unsupported(r)) {
    to.allowed = false;
  } else if (!enabled_) {
    to = pass(address, length);
  } else if (interrupts && passes_as_interrupt(r, length)) {
    to.allowed = true;
    to.output = hpa(address);
  } else {
    const resolved d = resolve(r, last, delay);
    from_cache = d.from_cache;
    to = in_domain(r, address, length, *d.domain, {&delay, /*uncached=*/false, nullptr});
  }
  return end(r, address, length, to, from_cache, output, why, delay);
}

// The IOTLB was looked up in vain. While the tables are walked memory may wait, so the domain is held.
bool remapper::remap_missed(const request& r, std::uint64_t address, unsigned length, const last_resolution& last,
                            hpa& output, paging::fault& why, sc_core::sc_time& delay) {
  const shared_device_domain d = last.domain;
  remapped to = in_domain(r, address, length, *d, {&delay, /*uncached=*/false, nullptr, /*missed=*/true});
  return end(r, address, length, to, /*from_cache=*/true, output, why, delay);
}

// The IOTLB has the page, and requests may not go there.
bool remapper::remap_denied(const request& r, std::uint64_t address, unsigned length, const last_resolution& last,
                            hpa& output, paging::fault& why, sc_core::sc_time& delay) {
  const shared_device_domain d = last.domain;
  remapped to;
  to.allowed = true;
  to.output = output;
  to.disables_faults = d->found.disables_faults;
  judge_output(r, length, *d, to);
  return end(r, address, length, to, /*from_cache=*/true, output, why, delay);
}

bool remapper::end(const request& r, std::uint64_t address, unsigned length, remapped& to, bool from_cache, hpa& output,
                   paging::fault& why, sc_core::sc_time& delay) {
  if (!to.allowed && to.why != reason::none && from_cache) to = once_more(r, address, length, delay);
  if (!to.allowed) {
    block(r, address, to);
    why = to.fault;
  }
  output = to.output;
  return to.allowed;
}

// Something cached led to a fault: the walk is done again from the root table with nothing cached, and only that one
// faults.
remapped remapper::once_more(const request& r, std::uint64_t address, unsigned length, sc_core::sc_time& delay) {
  const auto tables = tables_;
  const shared_device_domain d = make_domain(resolver_.resolve_uncached(*tables, r, delay));
  return in_domain(r, address, length, *d, {&delay, /*uncached=*/true, nullptr});
}

bool remapper::look(const request& r, std::uint64_t address, translation::seen_mapping& seen) {
  if (is_unsupported(r) || is_interrupt(r, address)) return false;
  seen.origin = {context_of(r), {}, false};
  const way by{nullptr, /*uncached=*/true, &seen};
  remapped to;
  if (enabled_) {
    const auto tables = tables_;
    const shared_device_domain d = make_domain(resolver_.look(*tables, r));
    const paging::vtd::assignment& assigned = d->found.assigned;
    seen.origin.tags = {assigned.domain, assigned.pasid, assigned.domain};
    to = in_domain(r, address, /*length=*/1, *d, by);
  } else {
    pass_as_it_is(address, {}, by, to);
    to.allowed = pass(address, /*length=*/1).allowed;
  }
  if (to.allowed) cut(r, address, seen);
  return to.allowed;
}

// Leaves of the mapping what may be accessed as the address may: a page that is judged by blocks, one block.
void remapper::cut(const request& r, std::uint64_t address, translation::seen_mapping& seen) const {
  const unsigned log2 = seen.mapping.size_log2();
  if (log2 <= block_log2) return;
  const std::uint64_t first = seen.mapping.page.value;
  const std::uint64_t asked = gva(address).base(log2).value;
  const bool whole = !meets_interrupt_range(first, last_of(first, log2)) &&
                     !(may_interrupt(r) && meets_interrupt_range(asked, last_of(asked, log2))) &&
                     !(protects_always_ && is_protected(registers_, config_.unit, first, last_of(first, log2)));
  if (whole) return;
  seen.mapping.page = seen.mapping.translate(gva(address)).base(block_log2);
  seen.mapping.guest_size_log2 = seen.mapping.nested_size_log2 = block_log2;
}

sc_core::sc_time remapper::hit_latency(const translation::seen_mapping& seen) const {
  if (!enabled_) return sc_core::SC_ZERO_TIME;
  const sc_core::sc_time tables = resolver_.hit_latency(tables_->mode == paging::vtd::table_mode::scalable);
  if (seen.origin.as_it_is) return tables;
  const bool by_second_stage = seen.entry.tags().kind() == paging::mapping_kind::guest_physical;
  return tables + (by_second_stage ? path_.second_stage.latency() : path_.first_stage.latency());
}

void remapper::block(const request& r, std::uint64_t address, remapped& to) {
  ++counts_.blocked;
  if (to.why == reason::none || (to.disables_faults && paging::vtd::qualified(to.why))) return;
  faults_.record({r, address, to.why});
}

void remapper::invalidate(const paging::vtd::descriptor& d) {
  switch (d.type) {
    case paging::vtd::descriptor_type::context_cache: {
      const paging::vtd::context_selector s = paging::vtd::contexts_of(d);
      resolver_.drop(s);
      if (enabled_) take_back(s);
      break;
    }
    case paging::vtd::descriptor_type::pasid_cache: {
      const paging::vtd::pasid_selector s = paging::vtd::pasids_of(d);
      resolver_.drop(s);
      if (enabled_) take_back(s);
      break;
    }
    default: {
      const paging::vtd::iotlb_selection s = paging::vtd::selected_by(d);
      for (unsigned n = 0; n < s.count; ++n) {
        path_.invalidate(s.of[n]);
        if (enabled_) grants_.take_back(s.of[n]);
      }
    }
  }
}

// A grant goes with the entries that it came by, whether or not a cache still holds them.
void remapper::take_back(const paging::vtd::context_selector& s) {
  const bool scalable = tables_->mode == paging::vtd::table_mode::scalable;
  grants_.take_back_where([&](const translation::dmi_grant& g) {
    return s.takes(static_cast<std::uint16_t>(g.origin.context >> context_source), scalable, g.origin.tags.space);
  });
}

void remapper::take_back(const paging::vtd::pasid_selector& s) {
  if (tables_->mode != paging::vtd::table_mode::scalable) return;
  grants_.take_back_where(
      [&](const translation::dmi_grant& g) { return s.takes(g.origin.tags.space, g.origin.tags.process); });
}

void remapper::describe(statistics::group& into) {
  into.add("requests", "requests", "Requests of devices.", counts_.requests);
  into.add("blocked", "requests", "Requests that were blocked.", counts_.blocked);
  into.add("untranslated", "requests", "Requests while translation was off.", counts_.untranslated);
  into.add("interrupts", "requests", "Requests without PASID to the interrupt address range.", counts_.interrupts);
}

}  // namespace nestwalk::iommu
