#include "platforms/commands/program.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/configuration/nearest.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/make_generator.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/help_formatter.h"
#include "platforms/commands/image_options.h"
#include "platforms/report/wrapped.h"
#include "platforms/run/failure.h"
#include "platforms/version.h"

namespace nestwalk::platforms {
namespace {

std::string generator_list() {
  std::string list = "Workloads:\n";
  for (const workload::generator_description& each : workload::generators())
    list += wrapped(each.about, fmt::format("  {:8} ", each.name), std::string(11, ' '));
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

std::string check_file(const std::string& path) {
  return path == "-" ? "a file is expected" : check_given(path);
}

void add_run_options(CLI::App& command, command_options& o) {
  command.add_option("CONFIG", o.configuration, "a configuration in TOML, or one that ships: skylake_sp, zen2")
      ->check(check_given);
  CLI::Option* const trace =
      command
          .add_option("--trace", o.trace,
                      "a trace (valgrind lackey or ChampSim; plain, gz, bz2, xz or zst); - is stdin")
          ->check(check_given);
  command
      .add_option("--trace-format", o.trace_format,
                  "what the trace is, where its content cannot tell: lackey, champsim or cloudsuite")
      ->check(CLI::IsMember({"lackey", "champsim", "cloudsuite"}))
      ->needs(trace);
  command
      .add_option("--repeat", o.repeat,
                  "perform the trace this many times, one after another, as one longer program; it has to be a file")
      ->check(accesses_from(1))
      ->needs(trace);
  command.add_option("--workload", o.workload, "a generated workload, see below")->excludes(trace)->check(check_given);
  command.add_option("--set", o.settings, "key=value: overrides one key of the configuration; repeatable")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  command.add_option("--warmup", o.warmup, "begin the statistics after this many accesses")->check(accesses_from(0));
  command.add_option("--limit", o.limit, "end after this many accesses; without it, at the program's end")
      ->check(accesses_from(1));
  command.add_option("--stats", o.stats, "write all statistics to this file, as JSON")->check(check_output);
  command
      .add_option("--walk-log", o.walk_log,
                  "write every walk to this file, those of the warm-up too: JSON, one walk a line")
      ->check(check_output);
  CLI::Option* const intervals =
      command
          .add_option("--intervals", o.intervals,
                      "write what each interval counted to this file, as CSV, one line for each interval")
          ->check(check_output);
  command.add_option("--interval", o.interval, "with --intervals: number of accesses in an interval")
      ->check(accesses_from(1))
      ->needs(intervals);
  command.add_flag("--check", o.check, "verify every load, and print a digest of the guest's memory");
  command.add_flag("--quiet", o.quiet, "print no table and no progress");
}

void add_run(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("run", "runs a program's accesses on one machine");
  add_run_options(*command, o);
  CLI::Option* const mode = command->add_option("--mode", o.mode, "native, shadow or nested")->capture_default_str();
  CLI::Option* const image = add_image_options(*command, o.image);
  image->excludes(mode)->excludes("--check");
  command
      ->add_flag("--end-on-fault", o.end_on_fault,
                 "with --image: end the run at the first access that cannot be performed")
      ->needs(image);
  CLI::Option* const describe = command->add_flag(
      "--describe", o.describe,
      "list all keys, with their values, units and meanings: the defaults, or what CONFIG and --set say");
  command->add_flag("--toml", o.toml, "with --describe: write the list as a CONFIG that can be edited and given back")
      ->needs(describe);
  command->footer(generator_list() +
                  "\nWithout --trace and --workload it runs a trace that ships.\n\n"
                  "Example:\n  nestwalk run --mode shadow --workload fork --set vmm.shadow.policy=out-of-sync\n"
                  "  valgrind --tool=lackey --trace-mem=yes ls 2>&1 | nestwalk run --trace -");
  command->callback([&] { chosen = [&o] { return o.describe ? describe_command(o) : run_command(o); }; });
}

void add_compare(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("compare", "runs the same accesses on all three machines, side by side");
  add_run_options(*command, o);
  command->footer(generator_list() + '\n' +
                  wrapped("Without --trace and --workload it runs a trace that ships and the workload fork. --walk-log "
                          "OUT.jsonl writes OUT.native.jsonl, OUT.shadow.jsonl and OUT.nested.jsonl.",
                          "", "") +
                  "\nExample:\n  nestwalk compare zen2 --workload gups --set workload.footprint=1GiB");
  command->callback([&] { chosen = [&o] { return compare_command(o); }; });
}

void add_explain(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("explain", "shows one walk, read by read");
  command
      ->add_option("ADDRESS", o.address,
                   "a guest-virtual address such as 0x7f0012345678; with --device the address of the request")
      ->required();
  command->add_option("CONFIG", o.configuration, "a configuration in TOML, or one that ships: skylake_sp, zen2")
      ->check(check_given);
  CLI::Option* const mode =
      command->add_option("--mode", o.mode, "native, shadow or nested; see below for --device")->capture_default_str();
  command->add_option("--set", o.settings, "key=value: overrides one key of the configuration; repeatable")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  CLI::Option* const warm =
      command->add_flag("--warm", o.warm, "walk after an earlier access nearby has filled the caches");
  CLI::Option* const unmapped =
      command->add_flag("--unmapped", o.unmapped, "show the fault of a page that is not mapped")->excludes(warm);
  CLI::Option* const write = command->add_flag("--write", o.write, "walk for a store instead of a load");
  command->add_flag("--fetch", o.fetch, "walk for an instruction fetch")->excludes(write);
  CLI::Option* const supervisor =
      command->add_flag("--supervisor", o.supervisor, "walk with the kernel's rights instead of a program's");
  CLI::Option* const entry = command->add_option(
      "--entry", o.entries, "ENTRY=CHANGES: change a table entry before the walk, see below; repeatable");
  entry->take_all()->expected(1)->allow_extra_args(false);
  constexpr std::int64_t largest_pasid = 0xfffff;
  CLI::Option* const device =
      command
          ->add_option("--device", o.device,
                       "walk for a request of the device with this requester id: 01:02.3 or 0x113")
          ->check(check_given);
  command->add_option("--pasid", o.pasid, "with --device: the PASID of the request")
      ->needs(device)
      ->check(CLI::Range(std::int64_t{0}, largest_pasid));
  CLI::Option* const image = add_image_options(*command, o.image);
  image->excludes(mode)->excludes(warm)->excludes(unmapped)->excludes(entry)->excludes(device);
  command
      ->add_flag("--user", o.user,
                 "with --image: walk with a program's rights, as is the default for addresses of the lower half")
      ->needs(image)
      ->excludes(supervisor);
  command->footer(
      wrapped(
          "The guest kernel and the VMM map the page for an access of the same kind, by 4K in both stages unless the "
          "configuration says otherwise; then it is walked with every cache empty. Without --warm the walk has no "
          "walk caches and no nested TLB either. With --image the tables are those of a real machine.",
          "", "") +
      "\n" +
      wrapped("ENTRY is the name of an entry as the output has it, or guest or nested for all entries of a stage. "
              "CHANGES says what is set (+) and cleared (-) in it: flags by name, bits by number. An entry of the "
              "second stage is one of the walk of the data page, or of the page that holds a guest's entry: "
              "\"EPT PTE of PDE\".",
              "", "") +
      "\n" +
      wrapped("With --device a remapping unit translates, by tables that a driver makes as the keys driver.* say: "
              "--mode is passthrough, first-stage, second-stage or nested. --entry takes root, context, PASID-dir and "
              "PASID too, with the flags P and FPD.",
              "", "") +
      "\nExample:\n"
      "  nestwalk explain 0x7f0012345678 --mode nested\n"
      "  nestwalk explain 0x12345678 --device 01:02.3 --pasid 7 --write\n"
      "  nestwalk explain 0x7f0012345678 --write --entry PTE=-RW\n"
      "  nestwalk explain 0x7f0012345678 --entry \"EPT PDE=-R-W-X\"\n"
      "  nestwalk explain 0x7fd84dc7b000 --image vm.elf --cr3 0x547c000 \\\n"
      "      --nested-root 0x1f9ec000 --nested npt");
  command->callback([&] { chosen = [&o] { return explain_command(o); }; });
}

void add_map(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("map", "lists and counts all that the tables in an image map");
  add_image_options(*command, o.image)->required();
  command->add_flag("--json", o.json, "write the list as JSON, one range a line");
  command->footer(
      wrapped("Neighbouring pages that are mapped alike are one range. Rights are r, w and x, u for user or s for "
              "supervisor, and g for global.",
              "", "") +
      "\nExample:\n  nestwalk map --image vm.elf --cr3 0x547c000 --nested-root 0x1f9ec000 \\\n"
      "      --nested npt");
  command->callback([&] { chosen = [&o] { return map_command(o); }; });
}

void add_conform(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("conform", "checks the translation against conformance vectors");
  command->add_option("FILE", o.files, "vectors (JSON lines; plain, gz, bz2, xz or zst)")->required();
  command
      ->add_option("--walker", o.walker,
                   "what walks: modelled (an mmu with caches, one without, and the untimed walk) or rtl")
      ->check(CLI::IsMember({"modelled", "rtl"}))
      ->capture_default_str();
  command->footer("Example:\n  nestwalk conform --walker rtl tests/conformance/vectors/native.jsonl.zst");
  command->callback([&] { chosen = [&o] { return conform_command(o); }; });
}

void add_cosim(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  constexpr std::int64_t most_seeds = 100'000;
  constexpr std::int64_t most_walks = 1'000'000'000;
  CLI::App* const command = app.add_subcommand("cosim", "runs the RTL walker beside the model and compares every walk");
  command->add_option("--seeds", o.seeds, "number of seeds; by default 100, or 1 with --seed")
      ->check(CLI::Range(std::int64_t{1}, most_seeds));
  command->add_option("--walks", o.walks, "number of walks of each seed")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, most_walks));
  command->add_option("--seed", o.seed, "the first seed; by default 1")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()));
  CLI::Option* const contexts =
      command->add_option("--contexts", o.contexts, "walks in flight: 1, 2, 16 or 64; by default the models take turns")
          ->expected(1)
          ->allow_extra_args(false);
  command->add_option("--model", o.model, "run the model of that name, as messages give it")->excludes(contexts);
  command->add_option("--waves", o.waves, "write waveforms of a single seed, or of one that fails, to this file (FST)")
      ->check(check_file);
  command->add_option("--junit", o.junit, "write the results to this file, as JUnit's XML")->check(check_output);
  command->add_flag("--missed", o.missed, "list the combinations of the functional coverage that no walk met");
  command->footer(wrapped("A seed that fails is run again by itself with waveforms: into seed-N.fst, if --waves names "
                          "no other file. Ctrl-C leaves the results of the seeds that are done.",
                          "", "") +
                  "\nExample:\n  nestwalk cosim --seeds 20 --junit cosim.xml\n"
                  "  nestwalk cosim --seed 7 --walks 50 --waves walks.fst");
  command->callback([&] { chosen = [&o] { return cosim_command(o); }; });
}

void add_cost(CLI::App& app, command_options& o, std::function<int()>& chosen) {
  CLI::App* const command = app.add_subcommand("cost", "synthesises the RTL walker and reports its size and its speed");
  command->add_option("--contexts", o.contexts, "walks in flight, from 1 to 64; several numbers may be given");
  command->footer("Example:\n  nestwalk cost --contexts 1 2 16");
  command->callback([&] { chosen = [&o] { return cost_command(o); }; });
}

// Whether standard output is a pipe that nobody reads any more; errno of the write that met it is long lost.
bool reader_has_gone() {
  pollfd output = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

// Ends as a program that does not care, and so as a shell expects it of one whose reader has gone.
[[noreturn]] void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::abort();
}

// Has standard output take what was printed; false where it did not, which is then said.
bool all_printed() {
  errno = 0;
  std::cout.flush();
  std::fflush(stdout);
  if (std::ferror(stdout) == 0) return true;
  if (reader_has_gone()) end_by(SIGPIPE);
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
    if (std::ferror(stdout) == 0) fmt::print(stderr, "nestwalk: {}\n", described_failure(problem));
  }
  return exit_bad_input;
}

// Says of a command that does not exist which is near; whether there is one to say it of.
bool refuses_command(const CLI::App& app, const std::string& given) {
  if (given.empty() || given[0] == '-') return false;
  std::vector<std::string> commands;
  for (const CLI::App* const each : app.get_subcommands(nullptr)) commands.push_back(each->get_name());
  if (std::find(commands.begin(), commands.end(), given) != commands.end()) return false;
  const std::string near = nestwalk::configuration::nearest_name(given, commands);
  fmt::print(stderr, "nestwalk: there is no command {}{} (--help lists them)\n", given,
             near.empty() ? "" : "; did you mean " + near + "?");
  return true;
}

}  // namespace

int program(int argc, char** argv) {
  // What cannot be written is told where it is written, and the results that other files hold are kept.
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
  CLI::App app("Address translation under virtualisation: native, shadow paging and nested paging, side by side.",
               "nestwalk");
  app.set_version_flag("--version", std::string("nestwalk ") + version);
  app.formatter(std::make_shared<help_formatter>());
  app.require_subcommand(1);
  app.footer("Each command has --help.\n\nExample:\n  nestwalk compare");
  command_options options;
  std::function<int()> chosen;
  add_run(app, options, chosen);
  add_compare(app, options, chosen);
  add_explain(app, options, chosen);
  add_map(app, options, chosen);
  add_conform(app, options, chosen);
  add_cosim(app, options, chosen);
  add_cost(app, options, chosen);
  int status = exit_good;
  if (argc > 1 && refuses_command(app, argv[1])) return exit_usage;
  try {
    app.parse(argc, argv);
    status = perform(chosen);
  } catch (const CLI::ParseError& problem) {
    status = app.exit(problem) == 0 ? exit_good : exit_usage;
  }
  return all_printed() || status != exit_good ? status : exit_bad_input;
}

}  // namespace nestwalk::platforms
