// A machine in a process of its own, as SystemC elaborates once a process.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>

#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// How far a machine in another process is; lies in memory that both processes share.
struct shared_progress {
  std::atomic<std::uint64_t> accesses{0};
  std::atomic<double> share{-1};
};

/// Runs a job in a forked process. The child has a process group of its own, so that Ctrl-C reaches it once, through
/// the parent, and ends with its parent.
class machine_process {
 public:
  /// Forks, with an `interruption` alive, before this process elaborates a machine itself. The job's descriptor is the
  /// child's there and the caller's here. `in_child` lets go of what the child must not hold, as the ends of pipes.
  machine_process(const job& what, shared_progress& progress, const std::function<void()>& in_child);
  ~machine_process();
  machine_process(const machine_process&) = delete;
  machine_process& operator=(const machine_process&) = delete;

  /// The descriptor to poll for reading.
  int result_descriptor() const { return result_; }
  /// Reads what is there; true once the child has said everything.
  bool read_result();
  /// Asks the child to end with what it has.
  void interrupt() const;
  /// What came of the job; after `read_result` was true.
  job_result result();

 private:
  [[noreturn]] static void run(const job& what, int into, shared_progress& progress);

  pid_t child_ = -1;
  int result_ = -1;
  std::string said_;
};

}  // namespace nestwalk::platforms
