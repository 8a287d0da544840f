// One level of cache: tags, state and time. The data live in the dram.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/memory/cache_config.h"
#include "nestwalk/memory/data_transfer.h"
#include "nestwalk/memory/grant_table.h"
#include "nestwalk/memory/tag_array.h"
#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/memory_level.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/payload_pool.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::memory {

/// A write-back, write-allocate cache with LRU replacement, for any number of initiators, neither inclusive nor
/// exclusive of what lies above.
///
/// Data: a hit reads and writes the dram's own bytes, through a pointer that the memory below granted. What lies where
/// none was granted for reading and writing (a device) is not cached: the access goes down as it is. An exchange is
/// performed here and makes the line dirty whether or not it swapped, as CMPXCHG always writes (SDM vol. 2A).
///
/// Time: each line that an access touches is one look-up of `latency`, one after another; a miss adds what the fill
/// from below takes. A write-back is posted: it starts, in local time, when the fill that displaced it is done; it
/// takes its time below (banks, buses), and nobody waits for it. A write-back that finds no line here allocates one,
/// without a fill if it covers the whole line.
///
/// A timed initiator's DMI request is refused, as its accesses would pass the tags by. Debug transport goes through to
/// the memory. Caches of several cores are not kept coherent: `look_up`, `fetch` and `fill` are
/// the seam for that, and for a non-blocking form.
class cache : public sc_core::sc_module, private protocol::blocking_target, private protocol::blocking_initiator {
 public:
  protocol::memory_target_socket cpu_side{"cpu_side"};           ///< faces the core or mmu, walkers, caches above
  protocol::memory_initiator_socket memory_side{"memory_side"};  ///< faces the next cache, a bus or the dram

  /// Look-ups, one for each line that an access touches.
  struct counters {
    statistics::counter read_hits = 0;
    statistics::counter read_misses = 0;
    statistics::counter write_hits = 0;
    statistics::counter write_misses = 0;
    statistics::counter write_back_hits = 0;
    statistics::counter write_back_misses = 0;
    statistics::counter evictions = 0;
    statistics::counter write_backs = 0;
    statistics::counter exchanges = 0;
    statistics::counter uncached = 0;
    statistics::counter errors = 0;
  };

  /// Throws input_error where the configuration makes no cache.
  cache(const sc_core::sc_module_name& name, const cache_config& config);

  const cache_config& config() const { return config_; }
  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

  /// Whether the line of `address` is here, and whether it is dirty; without effect.
  bool holds(std::uint64_t address) const { return tags_.holds(line_of(address)); }
  bool dirty(std::uint64_t address) const { return tags_.dirty(line_of(address)); }
  /// Forgets every line, dirty ones too, as data live in the dram; in no time, counting nothing.
  void clear();

 private:
  /// Why a line is looked up.
  enum class purpose : std::uint8_t { read, write, write_back };
  /// One line's part of an access: how it is looked up, and what became of it.
  struct request {
    std::uint64_t line;
    purpose why;
    bool whole;                                                       ///< a write of the whole line
    tlm::tlm_generic_payload* as_is;                                  ///< a fill from above that can be passed on
    protocol::memory_level served_by = protocol::memory_level::none;  ///< answered
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  void transport(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                 sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  template <class Look>
  bool serve_plain(tlm::tlm_generic_payload& payload, Look&& access_of, sc_core::sc_time& delay);
  tlm::tlm_response_status serve_plain_miss(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                                            sc_core::sc_time& delay, unsigned char* host);
  void answer_plain(tlm::tlm_generic_payload& payload, protocol::access_extension* access, unsigned char* host,
                    protocol::memory_level served_by);
  void answer(tlm::tlm_generic_payload& payload, tlm::tlm_response_status status) {
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE) ++counts_.errors;
  }
  tlm::tlm_response_status serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_response_status visit_lines(tlm::tlm_generic_payload& payload, bool transfer, sc_core::sc_time& delay);
  tlm::tlm_response_status finish(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_response_status pass_on(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool reachable(const tlm::tlm_generic_payload& payload);
  void count(purpose why, bool hit);

  // The parts of an access to a line, for blocking and non-blocking forms alike.
  bool look_up(const request& r, sc_core::sc_time& delay);
  tlm::tlm_response_status bring(request& r, sc_core::sc_time& delay);
  tlm::tlm_response_status fetch(request& r, sc_core::sc_time& delay);
  void fill(const request& r, const sc_core::sc_time& delay);
  void write_back(std::uint64_t line, sc_core::sc_time delay);

  unsigned char* host_of(std::uint64_t address, std::uint64_t length);
  unsigned char* ask_for_host(std::uint64_t address, std::uint64_t length);
  std::uint64_t line_of(std::uint64_t address) const { return address >> line_log2_; }

  cache_config config_;
  sc_core::sc_time latency_;
  unsigned line_log2_;
  tag_array tags_;
  std::vector<unsigned char*> first_hosts_;  // of each set's most recently used line; null where not known
  grant_table grants_;
  std::uint64_t fills_ = 0;
  protocol::payload_pool payloads_;
  std::vector<unsigned char> discarded_;  // what a target below reads that knows no line_transfer
  counters counts_;
};

}  // namespace nestwalk::memory
