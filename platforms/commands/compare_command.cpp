// The three machines side by side.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/commands/checked_options.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/job_maker.h"
#include "platforms/compare/run_side_by_side.h"
#include "platforms/output/output_file.h"
#include "platforms/report/table.h"
#include "platforms/run/interruption.h"
#include "platforms/run/results.h"

namespace nestwalk::platforms {
namespace {

// "walks.jsonl" becomes "walks.shadow.jsonl"; with several workloads "walks.fork.shadow.jsonl".
std::string file_of(const std::string& path, const workload_choice& workload, machine_mode mode,
                    bool several_workloads) {
  const std::size_t slash = path.rfind('/');
  std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) dot = path.size();
  const std::string name = several_workloads ? "." + workload.name() : "";
  return path.substr(0, dot) + name + "." + name_of(mode) + path.substr(dot);
}

void check_all_files(const command_options& o, const std::vector<workload_choice>& workloads) {
  std::vector<named_file> outputs = {{"--stats", o.stats}};
  for (const named_file& each : {named_file{"--walk-log", o.walk_log}, named_file{"--intervals", o.intervals}}) {
    if (each.path.empty()) continue;
    if (is_special(each.path))
      throw input_error(
          fmt::format("{} {}: each machine writes a file of its own, with a name made from this one; a "
                      "device or a pipe cannot be named here",
                      each.option, each.path));
    for (const workload_choice& workload : workloads)
      for (const machine_mode mode : all_modes)
        outputs.push_back({each.option, file_of(each.path, workload, mode, workloads.size() > 1)});
  }
  check_files(o, workloads, outputs);
}

std::vector<job> make_jobs(const command_options& o, const configuration& c,
                           const std::vector<workload_choice>& workloads) {
  std::vector<job> jobs;
  for (const workload_choice& workload : workloads)
    for (const machine_mode mode : all_modes) {
      job each;
      each.config = c;
      each.mode = mode;
      each.workload = workload;
      each.warmup = o.warmup;
      each.limit = o.limit;
      each.check = o.check;
      if (!o.walk_log.empty()) {
        each.walk_log = file_of(o.walk_log, workload, mode, workloads.size() > 1);
        check_writable(each.walk_log);  // or say so before anything runs
      }
      each.interval = o.interval;
      if (!o.intervals.empty()) {
        each.intervals = file_of(o.intervals, workload, mode, workloads.size() > 1);
        check_writable(each.intervals);
      }
      jobs.push_back(std::move(each));
    }
  return jobs;
}

void print_tables(const std::vector<job_result>& results, std::size_t machines_each) {
  for (std::size_t first = 0; first < results.size(); first += machines_each) {
    std::vector<figures> machines;
    bool partial = false;
    for (std::size_t i = first; i < first + machines_each; ++i) {
      partial = partial || results[i].partial;
      if (results[i].shows()) machines.emplace_back(results[i].machine);
    }
    if (machines.empty()) continue;
    fmt::print("{}{}{}\n", first == 0 ? "" : "\n", machines.front().workload(),
               partial ? " (partial: not every machine ran to its end)" : "");
    std::fflush(stdout);
    print_table(machines, std::cout);
    std::cout.flush();
  }
}

// Whether the machines of each workload ended with the same guest memory; says so unless quiet.
bool digests_agree(const std::vector<job_result>& results, std::size_t machines_each, bool quiet) {
  bool agree = true;
  for (std::size_t first = 0; first < results.size(); first += machines_each) {
    const auto digest = [&](std::size_t i) { return results[i].machine["check"]["digest"].get<std::string>(); };
    for (std::size_t i = first + 1; i < first + machines_each; ++i) {
      if (digest(i) == digest(first)) continue;
      agree = false;
      fmt::print(stderr, "nestwalk: {}: the guest's memory differs between {} ({}) and {} ({})\n",
                 results[i].machine["workload"].get<std::string>(), name_of(all_modes[0]), digest(first),
                 name_of(all_modes[i - first]), digest(i));
    }
    if (agree && !quiet)
      fmt::print("{}: {} loads verified, and\nthe guest's memory is the same in all machines: {}\n",
                 results[first].machine["workload"].get<std::string>(),
                 results[first].machine["check"]["loads"].get<std::uint64_t>(), digest(first));
  }
  return agree;
}

// Says what is of note and what went wrong, each message once; whether anything went wrong.
bool report_problems(const std::vector<job_result>& results) {
  std::set<std::string> said = {""};
  for (const job_result& each : results)
    if (said.insert(each.note).second) fmt::print(stderr, "nestwalk: note: {}\n", each.note);
  bool good = true;
  for (const job_result& each : results) {
    good = good && each.error.empty();
    if (said.insert(each.error).second) fmt::print(stderr, "nestwalk: {}\n", each.error);
  }
  return !good;
}

}  // namespace

int compare_command(const command_options& o) {
  const std::vector<workload_choice> workloads = chosen_workloads(o, /*comparing=*/true);
  check_all_files(o, workloads);
  check_repeat(o);
  check_warmup(o);
  check_intervals(o);
  const unsigned readers = readers_of({all_modes.begin(), all_modes.end()}, workloads);
  configuration base;
  base.statistics.cycle_stack = true;
  const configuration c = make_configuration(o, readers, base);
  const std::vector<job> jobs = make_jobs(o, c, workloads);
  std::optional<output_file> stats;
  if (!o.stats.empty()) stats.emplace(o.stats);

  const interruption catcher;
  const std::vector<job_result> done = run_side_by_side(jobs, !o.quiet);
  const bool any = std::any_of(done.begin(), done.end(), [](const job_result& r) { return r.machine.is_object(); });
  const std::string unsaved = stats && any ? save(results(jobs, readers, done), *stats) : "";
  if (!o.quiet) print_tables(done, all_modes.size());
  const bool problems = report_problems(done);
  if (!unsaved.empty()) throw input_error(unsaved);
  if (problems) return exit_bad_input;
  if (interruption::asked()) return interruption::status();
  if (o.check && !digests_agree(done, all_modes.size(), o.quiet)) return exit_bad_input;
  return exit_good;
}

}  // namespace nestwalk::platforms
