#include "platforms/compare/machine_process.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/run/failure.h"

namespace nestwalk::platforms {
namespace {

using json = nlohmann::ordered_json;

[[noreturn]] void fail(const char* what) {
  throw input_error(fmt::format("cannot start a process for a machine: {}: {}", what, std::strerror(errno)));
}

void write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return;  // the parent is gone
    if (count > 0) done += static_cast<std::size_t>(count);
  }
}

}  // namespace

machine_process::machine_process(const job& what, shared_progress& progress, const std::function<void()>& in_child) {
  int ends[2];
  if (pipe(ends) != 0) fail("pipe");
  std::fflush(nullptr);  // or the child would write it once more
  child_ = fork();
  if (child_ < 0) fail("fork");
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    close(ends[0]);
    in_child();
    run(what, ends[1], progress);
  }
  setpgid(child_, child_);
  close(ends[1]);
  result_ = ends[0];
}

machine_process::~machine_process() {
  if (result_ >= 0) close(result_);
  if (child_ <= 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

void machine_process::run(const job& what, int into, shared_progress& progress) {
  job_result result;
  try {
    result = run_job(what, [&progress](std::uint64_t accesses, double share) {
      progress.accesses.store(accesses, std::memory_order_relaxed);
      progress.share.store(share, std::memory_order_relaxed);
    });
  } catch (const input_error& problem) {
    result.partial = true;
    result.error = problem.what();
  } catch (const std::exception& problem) {
    result.partial = true;
    result.error = described_failure(problem);
  }
  write_all(
      into,
      json{{"machine", result.machine}, {"partial", result.partial}, {"note", result.note}, {"error", result.error}}
          .dump());
  std::_Exit(0);  // without the destructors of what the parent began
}

bool machine_process::read_result() {
  char bytes[65536];
  const ssize_t count = read(result_, bytes, sizeof bytes);
  if (count > 0) said_.append(bytes, static_cast<std::size_t>(count));
  return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

void machine_process::interrupt() const {
  kill(child_, SIGINT);
}

job_result machine_process::result() {
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = -1;
  job_result result;
  const json said = json::parse(said_, nullptr, /*allow_exceptions=*/false);
  if (said.is_discarded()) {
    result.partial = true;
    result.error = WIFSIGNALED(status) ? fmt::format("a machine's process was ended by signal {}", WTERMSIG(status))
                                       : "a machine's process ended without a result";
    return result;
  }
  result.machine = said["machine"];
  result.partial = said["partial"];
  result.note = said["note"];
  result.error = said["error"];
  return result;
}

}  // namespace nestwalk::platforms
