#include "platforms/run/job.h"

#include <new>
#include <optional>

#include "nestwalk/protocol/error.h"
#include "nestwalk/statistics/write_json.h"
#include "nestwalk/workload/make_generator.h"
#include "nestwalk/workload/open_trace.h"
#include "nestwalk/workload/repeated.h"
#include "platforms/machine.h"
#include "platforms/output/output_file.h"
#include "platforms/run/data_checker.h"
#include "platforms/run/failure.h"
#include "platforms/run/host_memory.h"
#include "platforms/run/interruption.h"
#include "platforms/run/interval_table.h"
#include "platforms/walks/walk_log.h"
#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {
namespace {

using json = nlohmann::ordered_json;

// What stands in messages and results for standard input.
constexpr const char* standard_input = "standard input";

json check_of(machine& m, const data_checker& checker) {
  return {{"loads", checker.loads()}, {"mismatches", checker.mismatches()}, {"digest", m.digest()}};
}

// A log that could not be written whole is an error, but no reason to lose the statistics.
void close(output_file& log, std::string& error) {
  try {
    log.close();
  } catch (const input_error& problem) {
    if (error.empty()) error = problem.what();
  }
}

bool in_warmup(const job& j, std::uint64_t accesses) {
  return j.warmup != 0 && accesses <= j.warmup;
}

std::string complaint_of(const job& j, const bare_machine& m, std::uint64_t accesses, const data_checker* checker) {
  if (checker != nullptr && checker->mismatches() != 0)
    return std::string("--check, machine of mode ") + name_of(m.mode()) + ": " + checker->first_mismatch();
  if (const auto broken = m.protocol_violations(); !broken.empty()) return "protocol monitor: " + broken.front();
  if (!in_warmup(j, accesses) || interruption::asked()) return "";
  return "--warmup " + std::to_string(j.warmup) + ": the workload ended after " + std::to_string(accesses) +
         " accesses, before the statistics began; give a smaller --warmup";
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
  options.format = j.workload.format;
  if (j.descriptor >= 0)
    return workload::open_trace_fd(j.descriptor, j.workload.trace == "-" ? standard_input : j.workload.trace, options);
  const auto open = [path = j.workload.trace, options] { return workload::open_trace(path, options); };
  if (j.workload.repeat == 1) return open();
  return std::make_unique<workload::repeated>(open, j.workload.repeat, options.stop);
}

job_result run_on(bare_machine& m, const job& j, workload::source& operations, const data_checker* checker,
                  const job_progress& progress) {
  std::optional<output_file> walks;
  if (!j.walk_log.empty()) walks.emplace(j.walk_log, &interruption::flag());
  walk_recorder recorder(m.config().core.cycle,
                         [&walks](const walk_record& record) { write_walk(record, walks->stream()); });
  if (walks) m.observe_walks(recorder);

  std::optional<output_file> intervals;
  if (!j.intervals.empty()) intervals.emplace(j.intervals, &interruption::flag());
  std::optional<interval_table> table;
  if (intervals) table.emplace(m.statistics(), intervals->stream());
  const auto counted = [&m] { return m.core().counts().accesses(); };

  cpu::program what;
  what.operations = &operations;
  what.warmup = j.warmup;
  what.limit = j.limit;
  what.warmed_up = [&] {
    m.forget_statistics();
    if (table) table->begins_anew();
  };
  what.interval = table ? j.interval : 0;
  what.interval_passed = [&] { table->ends(counted()); };
  host_memory host(j.meminfo);
  what.progress = [&](std::uint64_t accesses) {
    host.check();
    if (interruption::asked() || (walks && walks->failed())) m.request_stop();
    progress(accesses, operations.progress());
  };

  job_result result;
  try {
    m.run(what);
  } catch (const input_error& problem) {
    result.error = problem.what();
  } catch (const std::bad_alloc& problem) {
    result.error = described_failure(problem);
  }
  m.forget_walks(recorder);
  if (walks) close(*walks, result.error);
  if (table) table->ends(counted());
  if (intervals) close(*intervals, result.error);
  result.partial = !result.error.empty() || interruption::asked();
  if (result.error.empty()) result.error = complaint_of(j, m, m.core().accesses_done(), checker);
  result.machine = {{"mode", name_of(m.mode())}, {"workload", j.workload.name()}};
  if (j.workload.generator.empty()) result.machine["passed_over_lines"] = operations.passed_over();
  if (j.workload.repeat != 1) result.machine["repeat"] = j.workload.repeat;
  result.machine["not_built"] = m.statistics().parts_not_built();
  result.machine["statistics"] = statistics::write_json(m.statistics());
  if (result.error.empty()) result.note = note_of(j, operations);
  if (in_warmup(j, m.core().accesses_done())) result.machine["warming_up"] = true;
  return result;
}

job_result run_job(const job& j, const job_progress& progress) {
  const std::unique_ptr<workload::source> operations = open_operations(j);
  machine m(j.config, j.mode);
  data_checker checker;
  if (j.check) m.core().observe(&checker);
  job_result result = run_on(m, j, *operations, j.check ? &checker : nullptr, progress);
  if (j.check) result.machine["check"] = check_of(m, checker);
  return result;
}

}  // namespace nestwalk::platforms
