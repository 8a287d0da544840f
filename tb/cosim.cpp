#include "tb/cosim.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include "nestwalk/protocol/error.h"
#include "platforms/output/named_file.h"
#include "platforms/output/output_file.h"
#include "tb/bench.h"
#include "tb/cosim_report.h"

namespace nestwalk::tb {

namespace {

constexpr std::uint64_t default_seeds = 100;
constexpr unsigned most_accounts = 5;  // failing seeds that are run again with waves

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
    std::set<unsigned> built;
    for (const model_shape& s : model_shapes())
      if (find_shape(s.contexts) == &s) built.insert(s.contexts);
    throw input_error(
        fmt::format("--contexts {}: models were built with {}", *options.contexts, fmt::join(built, ", ")));
  }
  std::vector<std::string> turns;
  for (std::size_t i = 1; i < model_shapes().size(); ++i) {
    turns.push_back(model_shapes()[i].name);
    turns.push_back(model_shapes().front().name);
  }
  if (turns.empty()) turns.push_back(model_shapes().front().name);
  return turns;
}

// One call of cosim().
class session {
 public:
  session(const cosim_options& options, std::ostream& out)
      : options_(options),
        out_(out),
        first_(options.seed.value_or(1)),
        count_(options.seeds.value_or(options.seed ? 1 : default_seeds)),
        turns_(models_of(options)) {
    if (!options.waves.empty()) const platforms::replacement writable(options.waves);
    if (!options.junit.empty()) junit_.emplace(options.junit, options.stop);
  }

  int run();

 private:
  bool stopped() const { return options_.stop != nullptr && *options_.stop; }
  seed_options options_of(std::uint64_t seed) const;
  seed_result perform(const seed_options& one) const { return options_.run ? options_.run(one) : run_seed(one); }
  std::vector<seed_result> run_all();
  void account_for(const seed_result& failed, const std::string& waves);
  std::string waves_of(const seed_result& failed, unsigned accounts) const;
  bool takes_waves(const std::string& path) const;
  void print_command(const seed_result& failed, const std::string& waves);

  const cosim_options& options_;
  std::ostream& out_;
  std::uint64_t first_;
  std::uint64_t count_;
  std::vector<std::string> turns_;
  std::optional<platforms::output_file> junit_;
};

seed_options session::options_of(std::uint64_t seed) const {
  seed_options one;
  one.seed = seed;
  one.walks = options_.walks;
  one.model = turns_[seed % turns_.size()];
  one.stop = options_.stop;
  if (count_ == 1) one.waves = options_.waves;
  if (!options_.coverage.empty()) one.coverage = fmt::format("{}/seed-{}.dat", options_.coverage, seed);
  return one;
}

// Of the seeds that are done, in order.
std::vector<seed_result> session::run_all() {
  std::vector<std::optional<seed_result>> results(count_);
  std::atomic<std::uint64_t> next{0};
  std::uint64_t finished = 0;
  std::mutex telling;
  const auto work = [&] {
    for (std::uint64_t i = next++; i < count_ && !stopped(); i = next++) {
      seed_result r = perform(options_of(first_ + i));
      if (r.stopped && r.failure.empty()) return;
      results[i] = std::move(r);
      const std::lock_guard<std::mutex> lock(telling);
      if (options_.progress) options_.progress(++finished, count_);
    }
  };
  std::vector<std::future<void>> others;  // which pass on what is thrown
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 1; i < processors && i < count_; ++i) others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& other : others) other.get();
  std::vector<seed_result> done;
  for (std::optional<seed_result>& r : results)
    if (r) done.push_back(std::move(*r));
  return done;
}

// Where the waves of a failing seed go: the file that was asked for is the first one's.
std::string session::waves_of(const seed_result& failed, unsigned accounts) const {
  if (options_.waves.empty()) return fmt::format("seed-{}.fst", failed.seed);
  if (accounts == 0) return options_.waves;
  const std::filesystem::path asked(options_.waves);
  const std::string name = fmt::format("{}.seed-{}{}", asked.stem().string(), failed.seed, asked.extension().string());
  return (asked.parent_path() / name).string();
}

// Whether a failing seed's waves may go there: it can be written, and is not where the report goes.
bool session::takes_waves(const std::string& path) const {
  if (!options_.junit.empty() && platforms::is_one_file(path, options_.junit)) return false;
  try {
    const platforms::replacement would_be(path);
  } catch (const input_error&) {
    return false;
  }
  return true;
}

void session::print_command(const seed_result& failed, const std::string& waves) {
  fmt::print(out_, "  again: ./nestwalk cosim --seed {} --walks {} --model {} --waves {}\n", failed.seed,
             options_.walks, failed.model, waves);
}

// Runs a failing seed again with waves and says how anyone may.
void session::account_for(const seed_result& failed, const std::string& waves) {
  seed_options again = options_of(failed.seed);
  const bool recorded = !again.waves.empty();
  again.coverage.clear();
  again.waves = takes_waves(waves) ? waves : "";
  const seed_result repeated = recorded ? failed : perform(again);
  for (const std::string& access : repeated.trail) fmt::print(out_, "    {}\n", access);
  if (!repeated.waves_problem.empty())
    fmt::print(out_, "  waveforms: none: {}\n", repeated.waves_problem);
  else if (again.waves.empty())
    fmt::print(out_, "  waveforms: none, as {} cannot be written; name another file by --waves\n", waves);
  else
    fmt::print(out_, "  waveforms: {}{}\n", waves,
               repeated.stopped                     ? " (not whole: interrupted)"
               : repeated.failure == failed.failure ? ""
                                                    : " (which came to something else)");
  print_command(failed, waves);
}

int session::run() {
  const std::vector<seed_result> done = run_all();
  unsigned failed = 0;
  for (const seed_result& r : done) {
    if (r.failure.empty()) continue;
    fmt::print(out_, "seed {} ({}): walk {}: {}\n", r.seed, r.model, r.failed_walk, r.failure);
    const std::string waves = waves_of(r, failed);
    if (failed < most_accounts && !stopped())
      account_for(r, waves);
    else
      print_command(r, waves);
    ++failed;
  }
  write_summary(done, count_, options_.show_missed, out_);
  if (junit_) {
    write_junit(done, junit_->stream());
    junit_->close();
  }
  for (const seed_result& r : done)
    if (!r.waves_problem.empty()) throw input_error(r.waves_problem);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int cosim(const cosim_options& options, std::ostream& out) {
  return session(options, out).run();
}

}  // namespace nestwalk::tb
