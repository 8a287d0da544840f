#include "finished_run.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace nestwalk::bench {

namespace {

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

}  // namespace

finished_run run_nested(const std::vector<std::string>& options) {
  const std::string stats = std::filesystem::temp_directory_path() / ("nestwalk_bench_" + std::to_string(getpid()));
  std::vector<std::string> words = {NESTWALK_PROGRAM, "run", "--mode", "nested", "--quiet", "--stats", stats};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv(NESTWALK_PROGRAM, arguments.data());
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

}  // namespace nestwalk::bench
