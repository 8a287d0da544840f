// Prints what docs/cosimulation.md reports: reads a cycle by contexts and latency, and cycles a second of processor
// time. `measure waves FILE.fst` records the reference walk instead, `measure picture` draws it as SVG, `measure curve`
// the rates.
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>

#include "tb/bench.h"
#include "tb/reference_walk.h"
#include "tb/throughput_picture.h"
#include "tb/walk_picture.h"

namespace {

using namespace nestwalk::tb;

constexpr unsigned latencies[] = {1, 2, 5, 10, 14, 20, 40, 62, 100};

double seconds_of(const std::function<void()>& work) {
  const std::clock_t began = std::clock();
  work();
  return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

int record(const char* path) {
  const auto model = make_model(model_shapes().front().name);
  if (!model->open_waves(path)) {
    std::fprintf(stderr, "%s: the waveforms cannot be written\n", path);
    return 1;
  }
  model->reset();
  const table_store store{reference_entry, [](std::uint64_t, std::uint64_t, std::uint64_t) { return true; }};
  std::printf("%u cycles\n", walk_alone(*model, reference_request(), store, 2).cycles);
  return 0;
}

void print_rates() {
  std::printf("reads a cycle (cycles of a lone walk)\n%-12s", "model");
  for (const unsigned latency : latencies) std::printf("  L = %-10u", latency);
  std::printf("\n");
  for (const model_shape& shape : model_shapes()) {
    std::printf("%-12s", shape.name.c_str());
    for (const unsigned latency : latencies) {
      const rate r = measure_rate(shape, latency);
      std::printf("  %.3f (%6u)", r.reads_per_cycle, r.cycles_alone);
    }
    std::printf("\n");
  }
}

void print_speeds() {
  std::printf("million cycles a second: alone, and with stimulus and scoreboard\n");
  for (const model_shape& shape : model_shapes()) {
    constexpr unsigned rounds = 20;
    std::uint64_t cycles = 0;
    const double alone = seconds_of([&] {
      for (unsigned i = 0; i < rounds; ++i) measure_rate(shape, 10);
    });
    const double judged = seconds_of([&] {
      for (unsigned seed = 1; seed <= 3; ++seed) {
        seed_options options;
        options.seed = seed;
        options.model = shape.name;
        cycles += run_seed(options).cycles;
      }
    });
    std::printf("%-12s  %.2f  %.2f\n", shape.name.c_str(), rounds * 0.022 / alone,
                static_cast<double>(cycles) / judged / 1e6);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "waves") return record(argv[2]);
  if (argc == 2 && std::string(argv[1]) == "picture") {
    std::fputs(walk_picture(2).c_str(), stdout);
    return 0;
  }
  if (argc == 2 && std::string(argv[1]) == "curve") {
    std::fputs(throughput_picture().c_str(), stdout);
    return 0;
  }
  print_rates();
  print_speeds();
}
