#include "tb/cosim.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include <fmt/ostream.h>

#include "protocol/error.h"
#include "tb/bench.h"

namespace nestwalk::tb {

namespace {

// Which models the seeds take turns with. The default has half of the turns.
std::vector<std::string> models_of(const cosim_options& options) {
  if (!options.model.empty()) {
    for (const model_shape& shape : model_shapes())
      if (shape.name == options.model) return {shape.name};
    std::string names;
    for (const model_shape& shape : model_shapes()) names += (names.empty() ? "" : ", ") + shape.name;
    throw input_error(fmt::format("--model {}: none of {}", options.model, names));
  }
  if (options.contexts) {
    const model_shape* const shape = find_shape(*options.contexts);
    if (shape != nullptr) return {shape->name};
    std::string built;
    for (const model_shape& s : model_shapes())
      if (find_shape(s.contexts) == &s) built += (built.empty() ? "" : ", ") + std::to_string(s.contexts);
    throw input_error(fmt::format("--contexts {}: models were built with {}", *options.contexts, built));
  }
  std::vector<std::string> turns;
  for (std::size_t i = 1; i < model_shapes().size(); ++i) {
    turns.push_back(model_shapes()[i].name);
    turns.push_back(model_shapes().front().name);
  }
  if (turns.empty()) turns.push_back(model_shapes().front().name);
  return turns;
}

seed_options options_of(const cosim_options& options, std::uint64_t seed) {
  const std::vector<std::string> turns = models_of(options);
  seed_options one;
  one.seed = seed;
  one.walks = options.walks;
  one.model = turns[seed % turns.size()];
  if (!options.coverage.empty()) one.coverage = fmt::format("{}/seed-{}.dat", options.coverage, seed);
  return one;
}

std::vector<seed_result> run_all(const cosim_options& options, std::uint64_t first, std::uint64_t count) {
  std::vector<seed_result> results(count);
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (std::uint64_t i = next++; i < count; i = next++) results[i] = run_seed(options_of(options, first + i));
  };
  std::vector<std::thread> helpers;
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 1; i < processors && i < count; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  return results;
}

// Runs a failing seed again with waves and says how anyone may.
void account_for(const cosim_options& options, const seed_result& failed, std::ostream& out) {
  seed_options again = options_of(options, failed.seed);
  again.coverage.clear();
  again.waves = options.waves.empty() ? fmt::format("seed-{}.fst", failed.seed) : options.waves;
  const seed_result repeated = run_seed(again);
  fmt::print(out, "seed {} ({}): walk {}: {}\n", failed.seed, failed.model, failed.failed_walk, failed.failure);
  for (const std::string& access : repeated.trail) fmt::print(out, "    {}\n", access);
  fmt::print(out, "  waveforms: {}{}\n", again.waves,
             repeated.failure == failed.failure ? "" : " (which came to something else)");
  fmt::print(out, "  again: ./nestwalk cosim --seed {} --walks {} --model {} --waves {}\n", failed.seed, options.walks,
             failed.model, again.waves);
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return safe;
}

void write_junit(const std::string& path, const std::vector<seed_result>& results) {
  std::ofstream file(path);
  if (!file) throw input_error(fmt::format("{}: cannot be written", path));
  const auto failures =
      std::count_if(results.begin(), results.end(), [](const seed_result& r) { return !r.failure.empty(); });
  fmt::print(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  fmt::print(file, "<testsuite name=\"cosim\" tests=\"{}\" failures=\"{}\">\n", results.size(), failures);
  for (const seed_result& r : results) {
    fmt::print(file, "  <testcase classname=\"cosim.{}\" name=\"seed {}\"", r.model, r.seed);
    if (r.failure.empty())
      fmt::print(file, "/>\n");
    else
      fmt::print(file, "><failure message=\"walk {}: {}\"/></testcase>\n", r.failed_walk, escaped(r.failure));
  }
  fmt::print(file, "</testsuite>\n");
}

void summarise(const std::vector<seed_result>& results, bool show_missed, std::ostream& out) {
  seed_result all;
  std::size_t failed = 0;
  for (const seed_result& r : results) {
    all.walks += r.walks;
    all.cycles += r.cycles;
    all.reads += r.reads;
    all.exchanges += r.exchanges;
    all.lost += r.lost;
    all.faults += r.faults;
    all.squashed += r.squashed;
    all.errors += r.errors;
    all.invalidations += r.invalidations;
    all.resets += r.resets;
    all.cache_hits += r.cache_hits;
    all.covered.merge(r.covered);
    failed += r.failure.empty() ? 0 : 1;
  }
  fmt::print(out, "{} seeds: {} passed, {} failed\n", results.size(), results.size() - failed, failed);
  fmt::print(out, "{} walks in {} cycles: {} reads, {} exchanges ({} lost), {} faults, {} memory errors\n", all.walks,
             all.cycles, all.reads, all.exchanges, all.lost, all.faults, all.errors);
  fmt::print(out, "{} invalidations, {} walks squashed, {} resets, {} cache hits\n", all.invalidations, all.squashed,
             all.resets, all.cache_hits);
  fmt::print(out, "functional coverage: {} of {} combinations ({:.1f} %)\n", all.covered.hit(), all.covered.size(),
             100.0 * static_cast<double>(all.covered.hit()) / static_cast<double>(all.covered.size()));
  if (!show_missed) return;
  for (const std::string& name : all.covered.missed()) fmt::print(out, "  missed: {}\n", name);
}

}  // namespace

int cosim(const cosim_options& options, std::ostream& out) {
  models_of(options);  // complains here, not in a thread
  std::vector<seed_result> results;
  if (options.seed) {
    seed_options one = options_of(options, *options.seed);
    one.waves = options.waves;
    results.push_back(run_seed(one));
  } else {
    results = run_all(options, 1, options.seeds);
  }
  bool good = true;
  for (const seed_result& r : results) {
    if (r.failure.empty()) continue;
    good = false;
    account_for(options, r, out);
  }
  summarise(results, options.show_missed, out);
  if (!options.junit.empty()) write_junit(options.junit, results);
  return good ? 0 : 1;
}

}  // namespace nestwalk::tb
