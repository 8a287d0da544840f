#include "platforms/commands/job_maker.h"

#include "platforms/configuration/assignments.h"
#include "platforms/configuration/key.h"
#include "platforms/shipped_files.h"

namespace nestwalk::platforms {

std::vector<workload_choice> chosen_workloads(const command_options& o, bool comparing) {
  if (!o.trace.empty()) return {{o.trace, ""}};
  if (!o.workload.empty()) return {{"", o.workload}};
  if (!comparing) return {{default_trace(), ""}};
  return {{default_trace(), ""}, {"", "fork"}};
}

unsigned readers_of(const std::vector<machine_mode>& modes, const std::vector<workload_choice>& workloads) {
  unsigned readers = 0;
  for (const machine_mode mode : modes) readers |= reader::machine(mode);
  for (const workload_choice& each : workloads)
    if (!each.generator.empty()) readers |= reader::generator(each.generator);
  return readers;
}

configuration make_configuration(const command_options& o, unsigned readers, const configuration& base) {
  assignments given;
  if (!o.configuration.empty()) given.read_file(configuration_file(o.configuration));
  for (const std::string& each : o.settings) given.read_option(each);
  configuration made = base;
  given.apply(made, readers);
  check(made, readers);
  return made;
}

}  // namespace nestwalk::platforms
