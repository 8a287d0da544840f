// A translation look-aside buffer between whoever asks for translations and whoever answers them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

#include "nestwalk/protocol/translation.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/tlb/config.h"
#include "nestwalk/tlb/entry.h"
#include "nestwalk/tlb/filter.h"
#include "nestwalk/tlb/tlb_array.h"

namespace nestwalk::tlb {

/// Caches what `next_level` answers. A TLB of gva holds linear mappings while nested paging is off and combined ones
/// while it is on; a TLB of gpa, the nested TLB, holds guest-physical mappings. Rights are judged at each use; a hit
/// that does not permit the access is a miss, and the entry goes. `look` asks the tables below.
///
/// Look-up, pass-on and fill can be called one by one; `translate` is the three in a row.
template <class In>
class tlb final : public sc_core::sc_module,
                  private protocol::translation_fw_if<In>,
                  private protocol::translation_bw_if<In> {
 public:
  /// Counts since the start or the last reset, each by page size (4K, 2M, 4M, 1G) where it is an array.
  struct counters {
    std::array<statistics::counter, page_size_count> hits{};
    std::array<statistics::counter, page_size_count> misses{};  ///< by the size of the mapping that answered
    statistics::counter faults = 0;                             ///< misses that ended in a fault
    statistics::counter bypassed = 0;     ///< questions of walks done again, which may use nothing cached; no misses
    statistics::counter by_rights = 0;    ///< misses though the page was there: the access was not permitted
    statistics::counter splintered = 0;   ///< fills that cover less than the page that software mapped
    statistics::counter unheld_size = 0;  ///< of these, because no array holds the mapping's size
    statistics::counter evictions = 0;
    statistics::counter invalidated = 0;
  };

  protocol::translation_target_socket<In> requests{"requests"};         ///< faces those who ask
  protocol::translation_initiator_socket<In> next_level{"next_level"};  ///< faces who answers what misses

  /// Throws `input_error` for a configuration that makes no TLB. Without arrays it passes everything on.
  tlb(const sc_core::sc_module_name& name, const tlb_config& c);

  /// The mapping that a cached entry gives for the access, or null for a miss. Takes no time: the caller adds
  /// `latency()`. The mapping is good until the next call of any kind.
  const paging::mapping<paging::hpa>* look_up(In address, const paging::question_of<In>& question,
                                              const paging::domain& domain) {
    const key k = key_of(address, domain);
    if (!filtering_) return look_up_arrays(k, question, domain);
    const filter::slot& slot = filter_.at(k);
    if (!slot.answers(k)) return look_up_arrays(k, question, domain);
    entry* const e = slot.last;
    if (!rules::permits(domain, question, e->mapping.granted)) return refuse(*slot.array, e);
    if (*slot.recent != e) slot.array->used(e);
    ++counted_.hits[e->size_index()];
    return &e->mapping;
  }
  /// Asks `next_level` and fills with the answer, unless an invalidation came by while that took its time; what was
  /// cached for an uncached question's page is replaced.
  bool pass_on(protocol::translation<In>& t, sc_core::sc_time& delay);
  /// Caches an answer of `next_level`.
  void fill(const protocol::translation<In>& t);
  /// Drops what the operation selects, in this level only.
  void drop(const paging::selector& s);
  /// What a look-up takes.
  sc_core::sc_time latency() const { return latency_; }

  /// Registers the counters.
  void describe(statistics::group& into);
  const counters& counts() const { return counted_; }
  /// Hits and misses so far.
  statistics::counter look_ups() const;

 private:
  using rules = entry_rules<In>;
  struct probe {
    tlb_array* array;
    unsigned size_index;
  };

  bool translate(protocol::translation<In>& t, sc_core::sc_time& delay) override;
  bool look(protocol::translation<In>& t) override { return next_level->look(t); }
  void invalidate(const paging::selector& s, sc_core::sc_time& delay) override;
  void withdrawn(const paging::selector& scope) override;

  const paging::mapping<paging::hpa>* look_up_arrays(const key& k, const paging::question_of<In>& question,
                                                     const paging::domain& domain);
  const paging::mapping<paging::hpa>* refuse(tlb_array& array, entry* e);
  void drop_at(const key& k);
  void drop_entry(tlb_array& array, entry* e);
  void insert(const key& k, const paging::mapping<paging::hpa>& m);

  std::vector<tlb_array> arrays_;
  std::vector<probe> probes_;                       // smallest page size first
  std::array<const probe*, page_size_count> into_;  // by size of a mapping: where it goes, null for nowhere
  sc_core::sc_time latency_;
  bool filtering_;
  filter filter_;
  std::uint64_t epoch_ = 0;  // moves on with every invalidation, for answers that were asked for before it
  counters counted_;
};

template <class In>
inline bool tlb<In>::translate(protocol::translation<In>& t, sc_core::sc_time& delay) {
  if (t.uncached) return pass_on(t, delay);
  delay += latency_;
  const paging::mapping<paging::hpa>* const found = look_up(t.address, t.question, *t.domain);
  if (found == nullptr) return pass_on(t, delay);
  t.mapping = *found;
  t.from_cache = true;
  return true;
}

extern template class tlb<paging::gva>;
extern template class tlb<paging::gpa>;

}  // namespace nestwalk::tlb
