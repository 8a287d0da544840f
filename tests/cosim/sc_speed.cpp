// Prints the clock cycles a second of the walker as `verilator --sc` makes it, its pins signals of SystemC, under the
// load of nestwalk_rtl_walker_speed's bare model. docs/cosimulation.md reports it.
#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <deque>

#include <systemc>

#include "Vsc_walker.h"
#include "tb/reference_walk.h"

namespace nestwalk::tb {
namespace {

constexpr unsigned latency = 10;
constexpr unsigned reset_cycles = 3;
constexpr std::uint64_t cycles = 400'000;

using sc_core::sc_signal;

// Asks for walks without end and answers their reads in order.
class driver : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};

  driver(const sc_core::sc_module_name& name, Vsc_walker& walker) : sc_module(name) {
    walker.clk_i(clk);
    walker.rst_ni(reset_n_);
    walker.request_valid_i(request_valid_);
    walker.request_ready_o(request_ready_);
    walker.request_tag_i(request_tag_);
    walker.request_domain_i(request_domain_);
    walker.request_i(request_);
    walker.response_valid_o(response_valid_);
    walker.response_ready_i(response_ready_);
    walker.response_tag_o(response_tag_);
    walker.response_page_o(response_page_);
    walker.response_o(response_);
    walker.memory_request_valid_o(memory_request_valid_);
    walker.memory_request_ready_i(memory_request_ready_);
    walker.memory_request_id_o(memory_request_id_);
    walker.memory_request_tag_o(memory_request_tag_);
    walker.memory_request_o(memory_request_);
    walker.memory_response_valid_i(memory_response_valid_);
    walker.memory_response_ready_o(memory_response_ready_);
    walker.memory_response_id_i(memory_response_id_);
    walker.memory_response_i(memory_response_);
    walker.invalidate_valid_i(invalidate_valid_);
    walker.invalidate_ready_o(invalidate_ready_);
    walker.invalidate_domain_i(invalidate_domain_);
    walker.invalidate_i(invalidate_);
    walker.invalidated_valid_o(invalidated_valid_);
    walker.invalidated_ready_i(invalidated_ready_);
    walker.busy_o(busy_);
    walker.events_o(events_);
    sc_core::sc_spawn_options method;
    method.spawn_method();
    method.dont_initialize();
    method.set_sensitivity(&clk.neg());
    sc_core::sc_spawn([this] { cycle(); }, "cycle", &method);
  }

  std::uint64_t reads() const { return reads_; }

 private:
  struct job {
    std::uint64_t due;
    std::uint32_t id;
    std::uint64_t address;
  };

  void cycle() {
    if (now_ == 0) offer_requests();
    reset_n_ = now_ >= reset_cycles;
    answer_memory();
    if (now_ > reset_cycles && memory_request_valid_) take_memory_request();
    ++now_;
  }
  void offer_requests() {
    sc_dt::sc_bv<243> bits;
    const request_words words = reference_request();
    for (int i = 0; i < bits.length(); ++i) bits[i] = ((words[static_cast<unsigned>(i) / 32] >> (i % 32)) & 1) != 0;
    request_ = bits;
    request_valid_ = true;
    response_ready_ = true;
    memory_request_ready_ = true;
  }
  void answer_memory() {
    const bool due = !jobs_.empty() && jobs_.front().due <= now_;
    memory_response_valid_ = due;
    if (!due) return;
    sc_dt::sc_bv<66> bits;
    bits.range(63, 0) = static_cast<sc_dt::uint64>(reference_entry(jobs_.front().address));
    memory_response_ = bits;
    memory_response_id_ = jobs_.front().id;
    jobs_.pop_front();
  }
  void take_memory_request() {
    ++reads_;
    const std::uint64_t qword = memory_request_.read().range(176, 128).to_uint64();
    jobs_.push_back({now_ + latency, memory_request_id_.read(), qword << 3});
  }

  sc_signal<bool> reset_n_, request_valid_, request_ready_, response_valid_, response_ready_, memory_request_valid_;
  sc_signal<bool> memory_request_ready_, memory_response_valid_, memory_response_ready_, invalidate_valid_;
  sc_signal<bool> invalidate_ready_, invalidated_valid_, invalidated_ready_;
  sc_signal<std::uint32_t> request_tag_, request_domain_, response_tag_, memory_request_id_, memory_request_tag_;
  sc_signal<std::uint32_t> memory_response_id_, invalidate_domain_, busy_, events_;
  sc_signal<std::uint64_t> response_page_, invalidate_;
  sc_signal<sc_dt::sc_bv<243>> request_;
  sc_signal<sc_dt::sc_bv<149>> response_;
  sc_signal<sc_dt::sc_bv<178>> memory_request_;
  sc_signal<sc_dt::sc_bv<66>> memory_response_;
  std::deque<job> jobs_;
  std::uint64_t now_ = 0;
  std::uint64_t reads_ = 0;
};

}  // namespace
}  // namespace nestwalk::tb

int sc_main(int, char**) {
  using namespace nestwalk::tb;
  sc_core::sc_clock clock("clock", 1, sc_core::SC_NS);
  Vsc_walker walker("walker");
  driver d("driver", walker);
  d.clk(clock);
  const std::clock_t began = std::clock();
  sc_core::sc_start(sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS));
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  std::printf("verilator --sc: %.2f million cycles a second (%.3f reads a cycle)\n",
              static_cast<double>(cycles) / seconds / 1e6,
              static_cast<double>(d.reads()) / static_cast<double>(cycles));
  return 0;
}
