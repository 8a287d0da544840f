// Finds how a device's requests are translated: the walk of the device tables, timed, over the context and PASID
// caches.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/iommu/context_cache.h"
#include "nestwalk/paging/device_walk.h"
#include "nestwalk/protocol/memory_level.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/payload_pool.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::iommu {

/// The shape and timing of the resolver.
struct device_resolver_config {
  entry_cache_config context_cache;
  entry_cache_config pasid_cache;
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period
  unsigned cycles_per_entry = 1;              ///< time that the unit adds to each read of an entry
};

/// One read of a device-table entry, for whoever tells a walk.
struct entry_read {
  paging::vtd::entry_kind kind{};
  paging::hpa at;
  paging::vtd::entry value{};
  bool answered = true;  ///< false: memory answered an error
  protocol::memory_level served_by = protocol::memory_level::none;
  sc_core::sc_time step;     ///< what the unit added
  sc_core::sc_time latency;  ///< what memory added, after that
};

/// Where a resolution begins.
struct resolution_start {
  bool context_kept = false;  ///< the context cache has the context entry
  bool pasid_kept = false;    ///< and the PASID cache the PASID entry
  bool again = false;         ///< from the root table with nothing cached, as something cached had led to a fault
  sc_core::sc_time took;      ///< by the look-ups
};

/// Told of each resolution in the order in which things happen; changes nothing and takes no time.
class device_walk_observer {
 public:
  virtual ~device_walk_observer() = default;
  virtual void begins(const resolution_start& s) = 0;
  virtual void reads(const entry_read& r) = 0;
};

/// Resolves requests. Faults are never answered from a cache: one reached below a kept entry is walked again from the
/// root with nothing kept, and only that walk faults.
class device_resolver {
 public:
  struct counters {
    statistics::counter walks = 0;    ///< resolutions that read at least one entry
    statistics::counter rewalks = 0;  ///< walks from the root because something kept had led to a fault
    std::array<statistics::counter, paging::vtd::entry_kinds> reads{};
    statistics::counter faults = 0;
  };
  /// How a request is translated, or why not.
  struct resolution {
    paging::vtd::assignment assigned;
    paging::vtd::reason why = paging::vtd::reason::none;
    bool disables_faults = false;
    bool from_cache = false;  ///< a kept entry took part
    bool kept = false;        ///< every entry that the answer hangs on is in a cache, at these places
    context_cache::place context;
    pasid_cache::place pasid;
  };

  /// Reads entries through `memory`. Throws input_error where the configuration makes no cache.
  device_resolver(protocol::memory_initiator_socket& memory, const device_resolver_config& c);

  /// Resolves `r` under `tables`; adds the time that it takes to `delay`.
  resolution resolve(const paging::vtd::device_tables& tables, const paging::vtd::request& r, sc_core::sc_time& delay);
  /// As `resolve`, but only from the tables: no cache is used or filled.
  resolution resolve_uncached(const paging::vtd::device_tables& tables, const paging::vtd::request& r,
                              sc_core::sc_time& delay);
  /// From the tables in memory and without effect: nothing filled or counted, no time.
  resolution look(const paging::vtd::device_tables& tables, const paging::vtd::request& r) const;
  /// Counts an answer again that was kept, while `generation` has not moved on; it takes `hit_latency`.
  void use_again(const resolution& r) {
    contexts_.use_again(r.context);
    if (r.assigned.scalable) pasids_.use_again(r.pasid);
    if (observer_ != nullptr) observer_->begins({true, r.assigned.scalable, false, hit_latency(r.assigned.scalable)});
  }

  /// What an answer takes that is kept.
  sc_core::sc_time hit_latency(bool scalable) const { return scalable ? both_latencies_ : context_latency_; }

  /// Take away what an invalidation selects.
  void drop(const paging::vtd::context_selector& s) { contexts_.drop(s); }
  void drop(const paging::vtd::pasid_selector& s) { pasids_.drop(s); }

  /// Moves on whenever something kept goes: with every invalidation and eviction.
  std::uint64_t generation() const { return contexts_.generation() + pasids_.generation(); }

  void observe(device_walk_observer* observer) { observer_ = observer; }
  void describe(statistics::group& into);
  const counters& counts() const { return counts_; }
  const context_cache& contexts() const { return contexts_; }
  const pasid_cache& pasids() const { return pasids_; }

 private:
  using walk = paging::vtd::device_walk;
  struct places {
    context_cache::place context;
    pasid_cache::place pasid;
  };

  bool read(const walk& w, paging::vtd::entry& e, sc_core::sc_time& delay);
  void run(walk& w, sc_core::sc_time& delay);
  walk::kept find_kept(const paging::vtd::request& r, bool scalable, places& at, sc_core::sc_time& delay);
  resolution walk_once(const paging::vtd::device_tables& tables, const paging::vtd::request& r, bool uncached,
                       sc_core::sc_time& delay);

  protocol::memory_initiator_socket& memory_;
  device_resolver_config config_;
  context_cache contexts_;
  pasid_cache pasids_;
  protocol::payload_pool payloads_;
  device_walk_observer* observer_ = nullptr;
  sc_core::sc_time context_latency_;
  sc_core::sc_time both_latencies_;
  counters counts_;
};

}  // namespace nestwalk::iommu
