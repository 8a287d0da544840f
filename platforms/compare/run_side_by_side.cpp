#include "platforms/compare/run_side_by_side.h"

#include <algorithm>
#include <memory>
#include <new>
#include <poll.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "nestwalk/workload/descriptor_input.h"
#include "platforms/compare/machine_process.h"
#include "platforms/compare/stream_splitter.h"
#include "platforms/run/interruption.h"
#include "platforms/run/progress_line.h"

namespace nestwalk::platforms {
namespace {

constexpr int poll_milliseconds = 200;  // how often the progress line is looked at

/// Memory for progress that the children share.
class progress_board {
 public:
  explicit progress_board(std::size_t count) : bytes_(count * sizeof(shared_progress)), count_(count) {
    void* const memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    slots_ = static_cast<shared_progress*>(memory);
    for (std::size_t i = 0; i < count; ++i) new (&slots_[i]) shared_progress();
  }
  ~progress_board() { munmap(slots_, bytes_); }
  progress_board(const progress_board&) = delete;
  progress_board& operator=(const progress_board&) = delete;

  shared_progress& slot(std::size_t i) { return slots_[i]; }

  void show(progress_line& line) const {
    std::uint64_t accesses = 0;
    double share = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      accesses += slots_[i].accesses;
      const double part = slots_[i].share;
      const bool unknown = part < 0 && slots_[i].accesses != 0;
      share = share < 0 || unknown ? -1 : share + std::max(part, 0.0) / static_cast<double>(count_);
    }
    line.show(accesses, share);
  }

 private:
  std::size_t bytes_;
  std::size_t count_;
  shared_progress* slots_;
};

/// A descriptor for what the jobs must read together: standard input, or another trace that is no file and so can be
/// read but once. -1 where there is none.
int open_shared_input(const std::vector<job>& jobs) {
  for (const job& each : jobs) {
    const std::string& trace = each.workload.trace;
    struct stat about = {};
    const bool pipe_or_device = stat(trace.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
    if (trace == "-" || pipe_or_device) return workload::open_to_read(trace);
  }
  return -1;
}

/// The jobs under way, and what they said.
class side_by_side {
 public:
  side_by_side(const std::vector<job>& jobs, bool show_progress)
      : jobs_(jobs),
        results_(jobs.size()),
        board_(jobs.size()),
        line_(show_progress),
        input_(open_shared_input(jobs)),
        feed_(input_),
        at_once_(std::max(1u, std::thread::hardware_concurrency())) {
    for (job_result& each : results_) each.partial = true;  // until it says otherwise
    running_.resize(jobs.size());
    if (fed()) at_once_ = static_cast<unsigned>(jobs.size());  // they share the input, so all must read on
  }

  ~side_by_side() {
    if (fed()) close(input_);
  }
  side_by_side(const side_by_side&) = delete;
  side_by_side& operator=(const side_by_side&) = delete;

  std::vector<job_result> run() {
    start_some();
    while (under_way_ != 0) {
      wait();
      if (interruption::asked()) interrupt();
      start_some();
      board_.show(line_);
    }
    return std::move(results_);
  }

 private:
  bool fed() const { return input_ >= 0; }

  void start_some() {
    while (next_ < jobs_.size() && under_way_ < at_once_ && !interruption::asked()) {
      job what = jobs_[next_];
      if (fed()) what.descriptor = feed_.add_reader();
      // A child that held the other readers' pipes would keep them from ever ending.
      running_[next_] = std::make_unique<machine_process>(what, board_.slot(next_), [this] { feed_.close_all(); });
      if (fed()) close(what.descriptor);
      ++next_;
      ++under_way_;
    }
  }

  void wait() {
    std::vector<pollfd> polls;
    if (fed()) feed_.append_polls(polls);
    const std::size_t feeds = polls.size();
    std::vector<std::size_t> whose;
    for (std::size_t i = 0; i < running_.size(); ++i) {
      if (running_[i] == nullptr) continue;
      polls.push_back({running_[i]->result_descriptor(), POLLIN, 0});
      whose.push_back(i);
    }
    if (poll(polls.data(), polls.size(), poll_milliseconds) < 0) return;  // a signal
    if (interruption::asked() && !interrupted_)
      return;  // an end of the input may be Ctrl-C's doing: the children first
    for (std::size_t i = 0; i < feeds; ++i) feed_.serve(polls[i]);
    for (std::size_t i = 0; i < whose.size(); ++i)
      if (polls[feeds + i].revents != 0 && running_[whose[i]]->read_result()) finish(whose[i]);
  }

  void finish(std::size_t i) {
    results_[i] = running_[i]->result();
    running_[i].reset();
    --under_way_;
  }

  void interrupt() {
    if (interrupted_) return;
    interrupted_ = true;
    for (const auto& each : running_)
      if (each != nullptr) each->interrupt();
    feed_.close_all();  // for a child that the signal met just before it waits for more
  }

  const std::vector<job>& jobs_;
  std::vector<job_result> results_;
  progress_board board_;
  progress_line line_;
  int input_;  // -1: each job reads by itself
  stream_splitter feed_;
  std::vector<std::unique_ptr<machine_process>> running_;
  std::size_t at_once_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  bool interrupted_ = false;
};

}  // namespace

std::vector<job_result> run_side_by_side(const std::vector<job>& jobs, bool show_progress) {
  return side_by_side(jobs, show_progress).run();
}

}  // namespace nestwalk::platforms
