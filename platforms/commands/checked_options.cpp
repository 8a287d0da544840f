#include "platforms/commands/checked_options.h"

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/shipped_files.h"

namespace nestwalk::platforms {

void check_files(const command_options& o, const std::vector<workload_choice>& workloads,
                 const std::vector<named_file>& outputs) {
  std::vector<named_file> written;
  for (const named_file& each : outputs)
    if (!each.path.empty()) written.push_back(each);
  if (written.empty()) return;
  std::vector<named_file> read;
  if (!o.configuration.empty()) read.push_back({"CONFIG", configuration_file(o.configuration)});
  for (const workload_choice& each : workloads)
    if (!each.trace.empty()) read.push_back({o.trace.empty() ? "a run without --trace" : "--trace", each.trace});
  check_apart(written, read);
}

void check_intervals(const command_options& o) {
  if (!o.intervals.empty() && o.interval == 0)
    throw input_error(
        fmt::format("--intervals {}: --interval has to say how many accesses make an interval", o.intervals));
}

void check_repeat(const command_options& o) {
  if (o.repeat == 1 || (o.trace != "-" && !is_special(o.trace))) return;
  throw input_error(fmt::format("--repeat {}: {} can be read only once; give --trace a file", o.repeat,
                                o.trace == "-" ? "standard input" : o.trace));
}

void check_warmup(const command_options& o) {
  if (o.limit == 0 || o.warmup < o.limit) return;
  throw input_error(
      fmt::format("--warmup {}: --limit ends the run after {} accesses, before the statistics begin; give a "
                  "smaller --warmup, or a higher --limit",
                  o.warmup, o.limit));
}

}  // namespace nestwalk::platforms
