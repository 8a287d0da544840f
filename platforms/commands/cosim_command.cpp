// The RTL walker beside the model.
#include <iostream>

#include "platforms/commands/commands.h"
#include "platforms/output/named_file.h"
#include "platforms/rtl/rtl_parts.h"
#include "platforms/run/interruption.h"
#include "platforms/run/progress_line.h"

namespace nestwalk::platforms {

int cosim_command(const command_options& o) {
  std::vector<named_file> outputs;
  if (!o.waves.empty()) outputs.push_back({"--waves", o.waves});
  if (!o.junit.empty()) outputs.push_back({"--junit", o.junit});
  check_apart(outputs, {});
  tb::cosim_options what;
  what.seeds = o.seeds;
  what.walks = o.walks;
  what.seed = o.seed;
  if (!o.contexts.empty()) what.contexts = o.contexts.front();
  what.model = o.model;
  what.waves = o.waves;
  what.junit = o.junit;
  what.show_missed = o.missed;
  what.stop = &interruption::flag();
  progress_line line(true, "walks");
  what.progress = [&](std::uint64_t done, std::uint64_t all) {
    line.show(done * o.walks, static_cast<double>(done) / static_cast<double>(all));
    if (done == all) line.clear();
  };
  const interruption catcher;
  const int status = run_cosim(what, std::cout);
  return interruption::asked() ? interruption::status() : status;
}

}  // namespace nestwalk::platforms
