#include "nestwalk/tlb/tlb.h"

#include <string>

namespace nestwalk::tlb {

template <class In>
tlb<In>::tlb(const sc_core::sc_module_name& name, const tlb_config& c)
    : sc_module(name), latency_(c.cycle * c.latency_cycles), filtering_(c.filter) {
  requests.bind(*this);
  next_level.bind(*this);
  for (const array_config* a : {&c.base, &c.large, &c.huge})
    if (a->entries != 0) arrays_.emplace_back(*a, c.replacement, c.seed, this->name());
  for (unsigned size = 0; size < page_size_count; ++size)
    for (tlb_array& array : arrays_)
      if (array.holds(size)) probes_.push_back({&array, size});
  const probe* biggest = nullptr;
  for (unsigned size = 0; size < page_size_count; ++size) {
    for (const probe& p : probes_)
      if (p.size_index == size && (biggest == nullptr || biggest->size_index < size)) biggest = &p;
    into_[size] = biggest;
  }
}

template <class In>
const paging::mapping<paging::hpa>* tlb<In>::look_up_arrays(const key& k, const paging::question_of<In>& question,
                                                            const paging::domain& domain) {
  for (const probe& p : probes_) {
    entry* const e = p.array->find(k, p.size_index);
    if (e == nullptr) continue;
    if (!rules::permits(domain, question, e->mapping.granted)) return refuse(*p.array, e);
    p.array->used(e);
    ++counted_.hits[p.size_index];
    if (filtering_) filter_.at(k) = {k, e, p.array->recent_of(e), p.array};
    return &e->mapping;
  }
  return nullptr;
}

template <class In>
const paging::mapping<paging::hpa>* tlb<In>::refuse(tlb_array& array, entry* e) {
  ++counted_.by_rights;
  drop_entry(array, e);
  return nullptr;
}

template <class In>
bool tlb<In>::pass_on(protocol::translation<In>& t, sc_core::sc_time& delay) {
  const std::uint64_t began = epoch_;
  const bool mapped = next_level->translate(t, delay);
  if (t.uncached)
    ++counted_.bypassed;
  else
    ++(mapped ? counted_.misses[page_size_index(t.mapping.size_log2())] : counted_.faults);
  if (!mapped) return false;
  if (began == epoch_) fill(t);  // else it is used for this access and not kept
  return true;
}

template <class In>
void tlb<In>::fill(const protocol::translation<In>& t) {
  if (!rules::caches(*t.domain)) return;
  const key k = key_of(t.address, *t.domain);
  if (t.uncached) drop_at(k);
  insert(k, t.mapping);
}

template <class In>
void tlb<In>::insert(const key& k, const paging::mapping<paging::hpa>& m) {
  const unsigned size = page_size_index(m.size_log2());
  const probe* const into = into_[size];
  if (into == nullptr) return;
  const unsigned page_log2 = rules::page_log2(m);
  if (is_fragment(into->size_index, page_log2)) ++counted_.splintered;
  if (into->size_index < size) ++counted_.unheld_size;
  entry* const place = into->array->place_for(k, into->size_index);
  if (place->valid()) {
    ++counted_.evictions;
    filter_.forget(*place);
  }
  into->array->fill(place, entry_of(k, into->size_index, m), page_log2);
  if (m.global) filter_.clear();
}

template <class In>
void tlb<In>::drop_at(const key& k) {
  for (const probe& p : probes_)
    if (entry* const e = p.array->find(k, p.size_index)) drop_entry(*p.array, e);
}

template <class In>
void tlb<In>::drop_entry(tlb_array& array, entry* e) {
  filter_.forget(*e);
  array.drop_entry(e);
}

template <class In>
void tlb<In>::drop(const paging::selector& s) {
  ++epoch_;
  unsigned dropped = 0;
  for (tlb_array& array : arrays_) dropped += array.drop<In>(s);
  if (dropped == 0) return;
  counted_.invalidated += dropped;
  filter_.clear();
}

template <class In>
void tlb<In>::invalidate(const paging::selector& s, sc_core::sc_time& delay) {
  drop(s);
  next_level->invalidate(s, delay);
}

template <class In>
void tlb<In>::withdrawn(const paging::selector& scope) {
  drop(scope);
  for (int i = 0; i < requests.size(); ++i) requests[i]->withdrawn(scope);
}

template <class In>
statistics::counter tlb<In>::look_ups() const {
  statistics::counter all = counted_.faults;
  for (unsigned size = 0; size < page_size_count; ++size) all += counted_.hits[size] + counted_.misses[size];
  return all;
}

template <class In>
void tlb<In>::describe(statistics::group& into) {
  into.add("hits", "look-ups", "Look-ups that a cached mapping answered.", statistics::sum().of(counted_.hits));
  into.add("misses", "look-ups", "Look-ups that were passed on to the next level, faults included.",
           statistics::sum().of(counted_.misses).of(counted_.faults));
  into.add("misses_mapped", "look-ups", "Misses that a mapping answered: those that faulted are not among them.",
           statistics::sum().of(counted_.misses));
  for (unsigned size = 0; size < page_size_count; ++size) {
    const std::string of = page_size_names[size];
    into.add("hits_" + of, "look-ups", "Hits in entries of this page size.", counted_.hits[size]);
    into.add("misses_" + of, "look-ups", "Misses that a mapping of this page size answered.", counted_.misses[size]);
  }
  into.add("misses_faulted", "look-ups", "Misses that ended in a fault.", counted_.faults);
  into.add("bypassed", "translations",
           "Translations that may use nothing cached, as their walk is done again; not part of the misses.",
           counted_.bypassed);
  into.add("misses_by_rights", "look-ups", "Misses though the page was cached: the access was not permitted.",
           counted_.by_rights);
  into.add("splintered_fills", "entries", "Fills that cover less than the page that software mapped.",
           counted_.splintered);
  into.add("unheld_size_fills", "entries", "Splintered fills because no array holds the size of the mapping.",
           counted_.unheld_size);
  into.add("evictions", "entries", "Valid entries that a fill replaced.", counted_.evictions);
  into.add("invalidated", "entries", "Entries that an invalidation took away.", counted_.invalidated);
}

template class tlb<paging::gva>;
template class tlb<paging::gpa>;

}  // namespace nestwalk::tlb
