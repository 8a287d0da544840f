#include "platforms/commands/job_maker.h"

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/configuration/assignments.h"
#include "platforms/configuration/key.h"
#include "platforms/shipped_files.h"

namespace nestwalk::platforms {

namespace {

workload::trace_format format_named(const std::string& name) {
  using workload::trace_format;
  if (name == "lackey") return trace_format::lackey;
  if (name == "champsim") return trace_format::champsim;
  if (name == "cloudsuite") return trace_format::cloudsuite;
  return trace_format::by_content;
}

}  // namespace

std::vector<workload_choice> chosen_workloads(const command_options& o, bool comparing) {
  if (!o.trace.empty()) return {{o.trace, "", o.repeat, format_named(o.trace_format)}};
  if (!o.workload.empty()) return {{"", o.workload}};
  if (!comparing) return {{default_trace(), ""}};
  return {{default_trace(), ""}, {"", "fork"}};
}

machine_mode mode_of(const command_options& o) {
  if (!o.image.given()) return mode_named(o.mode);
  return o.image.nested_root ? machine_mode::nested : machine_mode::native;
}

unsigned readers_of(const std::vector<machine_mode>& modes, const std::vector<workload_choice>& workloads) {
  unsigned readers = 0;
  for (const machine_mode mode : modes) readers |= reader::machine(mode);
  for (const workload_choice& each : workloads)
    if (!each.generator.empty()) readers |= reader::generator(each.generator);
  return readers;
}

namespace {

// What the modelled walkers read, the RTL does not. A file's keys of theirs are passed over, as it describes a machine
// for either.
void check_for_rtl(const command_options& o) {
  for (const std::string& each : o.settings)
    for (const char* const group : {"mmu.guest_walker.", "mmu.nested_walker.", "mmu.nested_tlb."})
      if (each.rfind(group, 0) == 0)
        throw input_error(fmt::format(
            "--set: unused key {}: it is read by the modelled walkers, and with mmu.walker = \"rtl\" none is built",
            each.substr(0, each.find('='))));
  if (!o.walk_log.empty())
    throw input_error("--walk-log: only the modelled walkers write one; set mmu.walker=modelled");
}

}  // namespace

configuration make_configuration(const command_options& o, unsigned readers, const configuration& base) {
  assignments given;
  if (!o.configuration.empty()) given.read_file(configuration_file(o.configuration));
  for (const std::string& each : o.settings) given.read_option(each);
  configuration made = base;
  given.apply(made, readers);
  check(made, readers);
  if (made.mmu.walker == mmu::walker_choice::external) check_for_rtl(o);
  return made;
}

}  // namespace nestwalk::platforms
