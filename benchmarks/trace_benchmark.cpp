// The product end to end, as a user runs it: a shipped trace on the nested machine, caches and DRAM modelled.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

namespace {

struct finished_run {
  bool good = false;
  double seconds = 0;    ///< computed by the process, user and system
  double megabytes = 0;  ///< at its peak
  double accesses = 0;
};

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

finished_run run_trace(const std::string& trace) {
  const std::string stats = std::filesystem::temp_directory_path() / ("nestwalk_bench_" + std::to_string(getpid()));
  const pid_t child = fork();
  if (child == 0) {
    execl(NESTWALK_PROGRAM, NESTWALK_PROGRAM, "run", "--mode", "nested", "--trace", trace.c_str(), "--quiet", "--stats",
          stats.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  finished_run run;
  int status = 0;
  rusage used{};
  if (child > 0 && wait4(child, &status, 0, &used) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::ifstream in(stats);
    const nlohmann::json all = nlohmann::json::parse(in, nullptr, false);
    if (!all.is_discarded()) {
      run.accesses = all["machines"][0]["statistics"]["core.accesses"]["value"].get<double>();
      run.seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
      run.megabytes = static_cast<double>(used.ru_maxrss) / 1024;
      run.good = true;
    }
  }
  std::remove(stats.c_str());
  return run;
}

void trace_end_to_end(benchmark::State& state, const char* name) {
  double accesses = 0;
  double seconds = 0;
  double megabytes = 0;
  for (auto _ : state) {
    const finished_run run = run_trace(std::string(NESTWALK_TRACES) + "/" + name + ".lackey.zst");
    if (!run.good) {
      state.SkipWithError("the run failed");
      return;
    }
    state.SetIterationTime(run.seconds);
    accesses += run.accesses;
    seconds += run.seconds;
    megabytes = run.megabytes;
  }
  state.counters["accesses/s"] = accesses / seconds;
  state.counters["peak_MB"] = megabytes;
}

BENCHMARK_CAPTURE(trace_end_to_end, sqlite, "sqlite")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trace_end_to_end, lua, "lua")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trace_end_to_end, cc1, "cc1")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trace_end_to_end, join, "join")->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
