#include "platforms/run/job.h"

#include <optional>

#include "platforms/machine.h"
#include "platforms/run/data_checker.h"
#include "platforms/run/interruption.h"
#include "platforms/run/output_file.h"
#include "platforms/walks/walk_log.h"
#include "platforms/walks/walk_recorder.h"
#include "protocol/error.h"
#include "statistics/write_json.h"
#include "workload/make_generator.h"
#include "workload/open_trace.h"

namespace nestwalk::platforms {
namespace {

using json = nlohmann::ordered_json;

// What stands in messages and results for standard input.
constexpr const char* standard_input = "standard input";

json check_of(machine& m, const data_checker& checker) {
  return {{"loads", checker.loads()}, {"mismatches", checker.mismatches()}, {"digest", m.digest()}};
}

bool in_warmup(const job& j, std::uint64_t accesses) {
  return j.warmup != 0 && accesses <= j.warmup;
}

std::string complaint_of(const job& j, const machine& m, std::uint64_t accesses, const data_checker* checker) {
  if (checker != nullptr && checker->mismatches() != 0)
    return std::string("--check, machine of mode ") + name_of(m.mode()) + ": " + checker->first_mismatch();
  if (const auto broken = m.protocol_violations(); !broken.empty()) return "protocol monitor: " + broken.front();
  if (!in_warmup(j, accesses) || interruption::asked()) return "";
  const std::string warmup = "--warmup " + std::to_string(j.warmup) + ": ";
  if (j.limit != 0 && accesses >= j.limit)
    return warmup + "--limit ends the run after " + std::to_string(j.limit) +
           " accesses, before the statistics begin; give fewer, or a higher limit";
  return warmup + "the workload ended after " + std::to_string(accesses) +
         " accesses, before the statistics began; give fewer";
}

std::string note_of(const job& j, const workload::source& operations) {
  const std::uint64_t count = operations.passed_over();
  if (count == 0) return "";
  return j.workload.name() + ": " + std::to_string(count) + (count == 1 ? " line" : " lines") +
         " of other text passed over (first: " + operations.first_passed_over() + ")";
}

}  // namespace

std::string workload_choice::name() const {
  if (!generator.empty()) return generator;
  if (trace == "-") return standard_input;
  return trace.substr(trace.rfind('/') + 1);
}

std::unique_ptr<workload::source> open_operations(const job& j) {
  if (!j.workload.generator.empty()) return workload::make_generator(j.workload.generator, j.config.workload);
  workload::trace_options options;
  options.stop = &interruption::flag();
  options.pass_over_text = j.workload.trace == "-";
  if (j.descriptor >= 0)
    return workload::open_trace_fd(j.descriptor, j.workload.trace == "-" ? standard_input : j.workload.trace, options);
  return workload::open_trace(j.workload.trace, options);
}

job_result run_job(const job& j, const job_progress& progress) {
  const std::unique_ptr<workload::source> operations = open_operations(j);
  std::optional<output_file> walks;
  if (!j.walk_log.empty()) walks.emplace(j.walk_log);

  machine m(j.config, j.mode);
  data_checker checker;
  if (j.check) m.core().observe(&checker);
  walk_recorder recorder(j.config.core.cycle,
                         [&walks](const walk_record& record) { write_walk(record, walks->stream()); });
  if (walks) m.observe_walks(&recorder);

  cpu::program what;
  what.operations = operations.get();
  what.warmup = j.warmup;
  what.limit = j.limit;
  what.warmed_up = [&m] { m.statistics().reset(); };
  what.progress = [&](std::uint64_t accesses) {
    if (interruption::asked()) m.request_stop();
    progress(accesses, operations->progress());
  };

  job_result result;
  try {
    m.run(what);
  } catch (const input_error& problem) {
    result.error = problem.what();
  }
  if (walks) walks->close();
  result.partial = !result.error.empty() || interruption::asked();
  if (result.error.empty()) result.error = complaint_of(j, m, m.core().accesses_done(), j.check ? &checker : nullptr);
  result.machine = {{"mode", name_of(j.mode)}, {"workload", j.workload.name()}};
  if (j.workload.generator.empty()) result.machine["passed_over_lines"] = operations->passed_over();
  result.machine["statistics"] = statistics::write_json(m.statistics());
  result.note = note_of(j, *operations);
  if (result.partial && in_warmup(j, m.core().accesses_done())) result.machine["warming_up"] = true;
  if (j.check) result.machine["check"] = check_of(m, checker);
  return result;
}

}  // namespace nestwalk::platforms
