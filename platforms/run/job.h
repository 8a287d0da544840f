// What one machine is to do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "nestwalk/workload/open_trace.h"
#include "nestwalk/workload/source.h"
#include "platforms/configuration/configuration.h"
#include "platforms/mode.h"

namespace nestwalk::platforms {

/// Where a job's operations come from: a trace's path, "-" for standard input, or a generator's name.
struct workload_choice {
  std::string trace;
  std::string generator;
  std::uint64_t repeat = 1;  ///< times that the trace is performed
  workload::trace_format format = workload::trace_format::by_content;

  /// What tables and results call it: the generator, or the file without its folder.
  std::string name() const;
};

/// One machine, one workload.
struct job {
  configuration config;
  machine_mode mode = machine_mode::nested;
  workload_choice workload;
  int descriptor = -1;         ///< where set, the trace is read from this descriptor, which the job owns
  std::uint64_t warmup = 0;    ///< accesses before the statistics begin
  std::uint64_t limit = 0;     ///< accesses after which it ends; 0: none
  bool check = false;          ///< verify loads and make the digest
  std::string walk_log;        ///< file for the walks; empty: none
  std::uint64_t interval = 0;  ///< accesses of one, where there are `intervals`
  std::string intervals;       ///< file for what each interval counted; empty: none

  std::string meminfo = "/proc/meminfo";  ///< says what memory the host has left, as proc(5) describes it
};

/// What came of it.
struct job_result {
  nlohmann::ordered_json machine;  ///< {"mode", "workload", "passed_over_lines" of a trace, "not_built", "statistics"},
                                   ///< "repeat" of a trace performed more than once, "check" where it was asked for,
                                   ///< and "warming_up" where it ended in the warm-up
  bool partial = false;            ///< ended before its program did and its limit was reached
  std::string note;                ///< what the user should know of the input, in a sentence; mostly empty
  std::string error;               ///< why, where input or configuration is to blame; empty else

  /// Whether it has statistics to show: those of the warm-up are none where something went wrong in it.
  bool shows() const { return machine.is_object() && (error.empty() || !machine.contains("warming_up")); }
};

/// How far a job is; called now and then.
using job_progress = std::function<void(std::uint64_t accesses, double share)>;

class bare_machine;
class data_checker;

/// Opens the operations of a job. Throws `input_error`.
std::unique_ptr<workload::source> open_operations(const job& j);

/// Runs operations on a machine, as the job says but for its configuration and mode, which are the machine's, and
/// `check`. `checker` (may be null) has seen the run. Errors of the input after the run began are in the result, with
/// the statistics so far.
job_result run_on(bare_machine& m, const job& j, workload::source& operations, const data_checker* checker,
                  const job_progress& progress);

/// Builds the machine and runs the job in this process, which can do so once. Errors of the input after the run began
/// are in the result, with the statistics so far; those before it are thrown as `input_error`.
job_result run_job(const job& j, const job_progress& progress);

}  // namespace nestwalk::platforms
