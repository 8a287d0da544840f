// The RTL walker as a module: the same translation target socket and memory initiator socket as the modelled walkers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/statistics/histogram.h"
#include "nestwalk/walker/table_memory.h"
#include "tb/rtl_model.h"
#include "tb/rtl_request.h"
#include "tb/rtl_response.h"

namespace nestwalk::tb {

struct rtl_walker_config {
  std::string model = "contexts_16";            ///< a name of `model_shapes()`
  sc_core::sc_time cycle{0.4, sc_core::SC_NS};  ///< the walker's clock period
  bool use_dmi = false;                         ///< read tables through DMI where memory grants it
};

/// Walks both stages in the Verilated RTL. A call from a thread consumes its delay and waits while the pins move, so
/// that walks of several threads overlap; a call from elsewhere runs the RTL at once and adds its time to the delay.
/// The clock runs only while something can change. Throws input_error for a context that the RTL does not support.
class rtl_walker final : public sc_core::sc_module, private protocol::translation_fw_if<paging::gva> {
 public:
  protocol::translation_target_socket<paging::gva> requests{"requests"};  ///< faces those who ask
  protocol::memory_initiator_socket memory{"memory"};  ///< faces memory: the reads of both stages' tables

  rtl_walker(const sc_core::sc_module_name& name, const rtl_walker_config& config);
  ~rtl_walker() override;

  struct counters {
    std::uint64_t walks = 0;
    std::uint64_t faults = 0;
    std::uint64_t squashed = 0;
    std::uint64_t reads = 0;
    std::uint64_t exchanges = 0;
    std::uint64_t cycles_clocked = 0;
    statistics::histogram latency;  ///< cycles of a walk, from the taking of its request to its response
  };
  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  using question = protocol::translation<paging::gva>;
  struct call;
  struct memory_job;

  bool translate(question& t, sc_core::sc_time& delay) override;
  bool look(question& t) override;
  void invalidate(const paging::selector& s, sc_core::sc_time& delay) override;
  void end_of_elaboration() override { tables_.end_of_elaboration(); }

  void tick();
  void wake();
  bool step();
  void offer_call();
  void answer_memory();
  void take_memory_request();
  void take_response();
  bool finish(call& c, question& t);
  std::uint8_t domain_of(const request_words& context);

  rtl_walker_config config_;
  walker::table_memory tables_;
  std::unique_ptr<rtl_model> model_;
  bool caches_;
  counters counts_;
  sc_core::sc_event wake_;
  bool clocked_ = false;  // tick() ran before, last at
  std::uint64_t last_edge_ = 0;
  std::uint64_t cycle_ = 0;    // of the model's clock, cycles skipped included
  unsigned quiet_ = 0;         // cycles in a row in which no pin moved
  bool invalidating_ = false;  // an invalidation is to be offered
  std::deque<call*> waiting_;  // calls not taken yet
  std::vector<call*> taken_;   // by tag
  std::vector<memory_job> jobs_;
  std::map<request_words, std::uint8_t> domains_;
};

}  // namespace nestwalk::tb
