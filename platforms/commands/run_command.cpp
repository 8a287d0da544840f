// One machine, one workload.
#include <cstdio>
#include <iostream>
#include <optional>

#include <fmt/format.h>

#include "platforms/commands/commands.h"
#include "platforms/commands/job_maker.h"
#include "platforms/report/table.h"
#include "platforms/run/interruption.h"
#include "platforms/run/output_file.h"
#include "platforms/run/progress_line.h"
#include "platforms/run/results.h"

namespace nestwalk::platforms {
namespace {

void print_summary(const job_result& result) {
  const figures machine(result.machine);
  fmt::print("{} on the machine of mode {}{}\n", machine.workload(), machine.mode(),
             result.partial ? " (partial: it did not run to its end)" : "");
  std::fflush(stdout);
  print_table({machine}, std::cout);
  if (const auto check = result.machine.find("check"); check != result.machine.end())
    fmt::print("{} loads verified, {} wrong; digest of the guest's memory {}\n", (*check)["loads"].get<std::uint64_t>(),
               (*check)["mismatches"].get<std::uint64_t>(), (*check)["digest"].get<std::string>());
}

}  // namespace

int run_command(const command_options& o) {
  const machine_mode mode = mode_named(o.mode);
  const std::vector<workload_choice> workloads = chosen_workloads(o, /*comparing=*/false);
  const unsigned readers = readers_of({mode}, workloads);
  job what;
  what.config = make_configuration(o, readers);
  what.mode = mode;
  what.workload = workloads.front();
  what.warmup = o.warmup;
  what.limit = o.limit;
  what.check = o.check;
  what.walk_log = o.walk_log;
  check_not_one_file(o.stats, o.walk_log);
  std::optional<output_file> stats;
  if (!o.stats.empty()) stats.emplace(o.stats);

  const interruption catcher;
  progress_line line(!o.quiet);
  const job_result result =
      run_job(what, [&line](std::uint64_t accesses, double share) { line.show(accesses, share); });
  line.clear();
  if (stats) {
    stats->stream() << results({what}, readers, {result}).dump(2) << '\n';
    stats->close();
  }
  if (!o.quiet) print_summary(result);
  if (!result.note.empty()) fmt::print(stderr, "nestwalk: note: {}\n", result.note);
  if (!result.error.empty()) {
    fmt::print(stderr, "nestwalk: {}\n", result.error);
    return exit_bad_input;
  }
  if (result.machine.contains("warming_up"))
    fmt::print(stderr, "nestwalk: ended in the warm-up of {} accesses: the statistics are the warm-up's\n", o.warmup);
  return interruption::asked() ? exit_interrupted : exit_good;
}

}  // namespace nestwalk::platforms
