#include "platforms/commands/program.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "platforms/commands/commands.h"
#include "platforms/version.h"
#include "protocol/error.h"
#include "workload/make_generator.h"

namespace nestwalk::platforms {
namespace {

std::string generator_list() {
  std::string list;
  for (const workload::generator_description& each : workload::generators())
    list += fmt::format("\n  {:8} {}", each.name, each.about);
  return list;
}

// A number of accesses. CLI11 reads what is too large as the largest number, so the range ends below that.
CLI::Range accesses_from(std::int64_t least) {
  constexpr std::int64_t most = 1'000'000'000'000'000'000;
  return CLI::Range(least, most);
}

// Given, and not empty.
std::string check_given(const std::string& text) {
  return text.empty() ? "a name is expected" : "";
}

std::string check_output(const std::string& path) {
  return path == "-" ? "a file is expected; standard output is /dev/stdout" : check_given(path);
}

void add_run_options(CLI::App& command, command_options& o) {
  command.add_option("CONFIG", o.configuration, "a configuration in TOML, or one that ships: skylake_sp, zen2")
      ->check(check_given);
  CLI::Option* const trace =
      command.add_option("--trace", o.trace, "a trace (valgrind lackey or ChampSim; plain, gz, xz or zst); - is stdin")
          ->check(check_given);
  command.add_option("--workload", o.workload, "a generated workload, see below")->excludes(trace)->check(check_given);
  command.add_option("--set", o.settings, "key=value: overrides one key of the configuration; repeatable")
      ->take_all()
      ->type_size(1)
      ->expected(1);
  command.add_option("--warmup", o.warmup, "begin the statistics after this many accesses")->check(accesses_from(0));
  command.add_option("--limit", o.limit, "end after this many accesses; without it, at the program's end")
      ->check(accesses_from(1));
  command.add_option("--stats", o.stats, "write all statistics to this file, as JSON")->check(check_output);
  command
      .add_option("--walk-log", o.walk_log,
                  "write every walk to this file, as JSON, a line each; those of the warm-up too")
      ->check(check_output);
  command.add_flag("--check", o.check, "verify every load, and print a digest of the guest's memory");
  command.add_flag("--quiet", o.quiet, "print no table and no progress");
}

void add_run(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("run", "runs a program's accesses on one machine");
  add_run_options(*command, o);
  command->add_option("--mode", o.mode, "native, shadow or nested")->capture_default_str();
  command->add_flag("--describe", o.describe,
                    "list all keys, with units and what they hold: defaults, or what CONFIG and --set say");
  command->footer("Workloads:" + generator_list() +
                  "\n\nWithout --trace and --workload it runs a trace that ships.\n\n"
                  "Example:\n  nestwalk run --mode shadow --workload fork --set vmm.shadow.policy=out-of-sync\n"
                  "  valgrind --tool=lackey --trace-mem=yes ls 2>&1 | nestwalk run --trace - --warmup 100000");
  command->callback([&] { chosen = [&o] { return o.describe ? describe_command(o) : run_command(o); }; });
}

void add_compare(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("compare", "runs the same accesses on all three machines, side by side");
  add_run_options(*command, o);
  command->footer("Workloads:" + generator_list() +
                  "\n\nWithout --trace and --workload it runs a trace that ships and the workload fork. --walk-log "
                  "OUT.jsonl writes\nOUT.native.jsonl, OUT.shadow.jsonl and OUT.nested.jsonl.\n\n"
                  "Example:\n  nestwalk compare zen2 --workload gups --set workload.footprint=1GiB --stats gups.json");
  command->callback([&] { chosen = [&o] { return compare_command(o); }; });
}

void add_explain(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("explain", "tells one walk, read by read");
  command->add_option("GVA", o.address, "a guest-virtual address, as 0x7f0012345678")->required();
  command->add_option("CONFIG", o.configuration, "a configuration in TOML, or one that ships: skylake_sp, zen2")
      ->check(check_given);
  command->add_option("--mode", o.mode, "native, shadow or nested")->capture_default_str();
  command->add_option("--set", o.settings, "key=value: overrides one key of the configuration; repeatable")
      ->take_all()
      ->type_size(1)
      ->expected(1);
  CLI::Option* const warm = command->add_flag("--warm", o.warm, "walk after one earlier access nearby");
  command->add_flag("--unmapped", o.unmapped, "show the fault of a page that is not mapped")->excludes(warm);
  command->footer(
      "The page is mapped by the guest kernel and the VMM, by 4K in both stages unless told otherwise, and\n"
      "walked with every cache empty; without --warm also as if there were no walk caches and no nested TLB.\n\n"
      "Example:\n  nestwalk explain 0x7f0012345678 --mode nested");
  command->callback([&] { chosen = [&o] { return explain_command(o); }; });
}

void add_conform(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("conform", "checks the translation against conformance vectors");
  command->add_option("FILE", o.files, "vectors (JSON lines; plain, gz, xz or zst)")->required();
  command->add_option("--walker", o.walker, "modelled (an mmu with and without caches, and untimed) or rtl")
      ->check(CLI::IsMember({"modelled", "rtl"}))
      ->capture_default_str();
  command->footer("Example:\n  nestwalk conform --walker rtl tests/conformance/vectors/native.jsonl.zst");
  command->callback([&] { chosen = [&o] { return conform_command(o); }; });
}

void add_cosim(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  constexpr std::int64_t most_seeds = 100'000;
  constexpr std::int64_t most_walks = 1'000'000'000;
  CLI::App* const command = app.add_subcommand("cosim", "runs the RTL walker beside the model and compares every walk");
  command->add_option("--seeds", o.seeds, "how many seeds; 100, or 1 with --seed")
      ->check(CLI::Range(std::int64_t{1}, most_seeds));
  command->add_option("--walks", o.walks, "of each seed")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, most_walks));
  command->add_option("--seed", o.seed, "the first seed; 1")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()));
  CLI::Option* const contexts =
      command->add_option("--contexts", o.contexts, "walks in flight: 1, 2, 16 or 64; models take turns without")
          ->expected(1);
  command->add_option("--model", o.model, "a model by its name, as messages give it")->excludes(contexts);
  command->add_option("--waves", o.waves, "write waveforms of a single seed, or of one that fails, to this file (FST)");
  command->add_option("--junit", o.junit, "write the results to this file, as JUnit's XML");
  command->add_flag("--missed", o.missed, "list the combinations of the functional coverage that no walk met");
  command->footer(
      "A seed that fails is run again by itself with waveforms: into seed-N.fst, if --waves names no other file.\n"
      "Ctrl-C leaves the results of the seeds that are done.\n\n"
      "Example:\n  nestwalk cosim --seeds 20 --junit cosim.xml\n"
      "  nestwalk cosim --seed 7 --walks 50 --waves walks.fst");
  command->callback([&] { chosen = [&o] { return cosim_command(o); }; });
}

void add_cost(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("cost", "synthesises the RTL walker and says what it takes and does");
  command->add_option("--contexts", o.contexts, "walks in flight, from 1 to 64; several may be named");
  command->footer("Example:\n  nestwalk cost --contexts 1 2 16");
  command->callback([&] { chosen = [&o] { return cost_command(o); }; });
}

// Has standard output take what was printed; false where it did not, which is then said.
bool all_printed() {
  errno = 0;
  std::cout.flush();
  std::fflush(stdout);
  if (std::ferror(stdout) == 0) return true;
  fmt::print(stderr, "nestwalk: standard output: cannot be written{}{}; what was printed is not complete\n",
             errno == 0 ? "" : ": ", errno == 0 ? "" : std::strerror(errno));
  return false;
}

int perform(const std::function<int()>& command) {
  try {
    return command();
  } catch (const input_error& problem) {
    fmt::print(stderr, "nestwalk: {}\n", problem.what());
  } catch (const std::exception& problem) {
    if (std::ferror(stdout) == 0)
      fmt::print(stderr, "nestwalk: this should not happen, please report it: {}\n", problem.what());
  }
  return exit_bad_input;
}

}  // namespace

int program(int argc, char** argv) {
  CLI::App app("Address translation under virtualisation: native, shadow paging and nested paging, side by side.",
               "nestwalk");
  app.set_version_flag("--version", std::string("nestwalk ") + version);
  app.require_subcommand(1);
  app.footer("Each command has --help.\n\nExample:\n  nestwalk compare");
  command_options options;
  std::function<int()> chosen;
  add_run(app, options, chosen);
  add_compare(app, options, chosen);
  add_explain(app, options, chosen);
  add_conform(app, options, chosen);
  add_cosim(app, options, chosen);
  add_cost(app, options, chosen);
  int status = exit_good;
  try {
    app.parse(argc, argv);
    status = perform(chosen);
  } catch (const CLI::ParseError& problem) {
    status = app.exit(problem) == 0 ? exit_good : exit_usage;
  }
  return all_printed() || status != exit_good ? status : exit_bad_input;
}

}  // namespace nestwalk::platforms
