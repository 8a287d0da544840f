// Prints the RTL walker's clock cycles a second of processor time: bare, and as a module under SystemC with 16 threads
// that ask for walks and a memory behind its socket. docs/cosimulation.md reports it.
#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include <cstdio>
#include <ctime>
#include <memory>
#include <vector>

#include "support/test_memory.h"
#include "support/two_stage_tables.h"
#include "tb/reference_walk.h"
#include "tb/rtl_walker.h"

namespace nestwalk::tb {
namespace {

constexpr unsigned latency = 10;
constexpr std::uint64_t page = 0x7f12'3456'7000;

double seconds_since(std::clock_t began) {
  return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

// Asks for one translation again and again.
class asker : public sc_core::sc_module, private protocol::translation_bw_if<paging::gva> {
 public:
  protocol::translation_initiator_socket<paging::gva> socket{"socket"};

  asker(const sc_core::sc_module_name& name, const paging::domain& c, unsigned walks)
      : sc_module(name), context_(c), walks_(walks) {
    socket.bind(static_cast<protocol::translation_bw_if<paging::gva>&>(*this));
    sc_core::sc_spawn([this] { run(); }, "run");
  }

 private:
  void run() {
    for (unsigned i = 0; i < walks_; ++i) {
      protocol::translation<paging::gva> t;
      t.address = paging::gva(page);
      t.question = {paging::access_type::read, paging::access_mode::user};
      t.domain = &context_;
      sc_core::sc_time delay;
      socket->translate(t, delay);
    }
  }
  void withdrawn(const paging::selector&) override {}

  const paging::domain& context_;
  unsigned walks_;
};

void print_bare() {
  constexpr unsigned rounds = 50;
  constexpr double cycles = rounds * 22'000.0;
  const std::clock_t began = std::clock();
  for (unsigned i = 0; i < rounds; ++i) measure_rate(model_shapes().front(), latency);
  std::printf("bare model: %.2f million cycles a second\n", cycles / seconds_since(began) / 1e6);
}

void print_under_systemc() {
  constexpr unsigned askers = 16;
  constexpr unsigned walks = 3'000;
  test::test_memory memory("memory");
  memory.latency = sc_core::sc_time(latency, sc_core::SC_NS);
  test::two_stage_tables tables{{[&](std::uint64_t at) { return memory.read(at); },
                                 [&](std::uint64_t at, std::uint64_t value) { memory.write(at, value); }},
                                {}};
  tables.map(page, 0x1234'5000);
  const paging::domain context = tables.domain();
  rtl_walker walker("walker", {"contexts_16", sc_core::sc_time(1, sc_core::SC_NS), false});
  walker.memory.bind(memory.socket);
  std::vector<std::unique_ptr<asker>> all;
  for (unsigned i = 0; i < askers; ++i) {
    all.push_back(std::make_unique<asker>(sc_core::sc_gen_unique_name("asker"), context, walks));
    all.back()->socket.bind(walker.requests);
  }
  const std::clock_t began = std::clock();
  sc_core::sc_start();
  std::printf("under SystemC: %.2f million cycles a second (%llu cycles clocked, %llu reads)\n",
              static_cast<double>(walker.counts().cycles_clocked) / seconds_since(began) / 1e6,
              static_cast<unsigned long long>(walker.counts().cycles_clocked),
              static_cast<unsigned long long>(walker.counts().reads));
}

}  // namespace
}  // namespace nestwalk::tb

int sc_main(int, char**) {
  nestwalk::tb::print_bare();
  nestwalk::tb::print_under_systemc();
  return 0;
}
