// One machine, one workload.
#include <cstdio>
#include <iostream>
#include <optional>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/commands/checked_options.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/image_options.h"
#include "platforms/commands/job_maker.h"
#include "platforms/image/image_job.h"
#include "platforms/image/image_words.h"
#include "platforms/image/skipped_accesses.h"
#include "platforms/output/output_file.h"
#include "platforms/report/table.h"
#include "platforms/run/interruption.h"
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
  if (const auto skipped = result.machine.find("skipped"); skipped != result.machine.end())
    fmt::print("{}", skipped_text(*skipped));
  if (const auto check = result.machine.find("check"); check != result.machine.end())
    fmt::print("{} loads verified, {} wrong;\ndigest of the guest's memory {}\n",
               (*check)["loads"].get<std::uint64_t>(), (*check)["mismatches"].get<std::uint64_t>(),
               (*check)["digest"].get<std::string>());
}

job_result run_over_image(const command_options& o, const job& what, const job_progress& progress) {
  if (o.trace.empty() && o.workload.empty())
    throw input_error("--image: says what memory holds, not what runs; name a --trace or a --workload");
  const std::unique_ptr<image::memory_image> image = open_image(o.image, o.quiet);
  const image_state state = state_of(o.image, *image, what.config.mmu.processor);
  if (!o.quiet) fmt::print("{}\n", state_text(state, *image));
  return run_image_job(what, state, *image, o.end_on_fault, progress);
}

}  // namespace

int run_command(const command_options& o) {
  const machine_mode mode = mode_of(o);
  const std::vector<workload_choice> workloads = chosen_workloads(o, /*comparing=*/false);
  check_files(o, workloads, {{"--stats", o.stats}, {"--walk-log", o.walk_log}, {"--intervals", o.intervals}});
  check_repeat(o);
  check_warmup(o);
  check_intervals(o);
  const unsigned readers = readers_of({mode}, workloads);
  job what;
  what.config = make_configuration(o, readers);
  what.mode = mode;
  what.workload = workloads.front();
  what.warmup = o.warmup;
  what.limit = o.limit;
  what.check = o.check;
  what.walk_log = o.walk_log;
  what.interval = o.interval;
  what.intervals = o.intervals;
  std::optional<output_file> stats;
  if (!o.stats.empty()) stats.emplace(o.stats);

  const interruption catcher;
  progress_line line(!o.quiet);
  const auto show = [&line](std::uint64_t accesses, double share) { line.show(accesses, share); };
  const job_result result = o.image.given() ? run_over_image(o, what, show) : run_job(what, show);
  line.clear();
  const std::string unsaved = stats ? save(results({what}, readers, {result}), *stats) : "";
  if (!o.quiet && result.shows()) print_summary(result);
  if (!result.note.empty()) fmt::print(stderr, "nestwalk: note: {}\n", result.note);
  if (!result.error.empty()) {
    fmt::print(stderr, "nestwalk: {}\n", result.error);
    return exit_bad_input;
  }
  if (!unsaved.empty()) throw input_error(unsaved);
  if (result.machine.contains("warming_up"))
    fmt::print(stderr, "nestwalk: ended in the warm-up of {} accesses: the statistics are the warm-up's\n", o.warmup);
  return interruption::asked() ? interruption::status() : exit_good;
}

}  // namespace nestwalk::platforms
