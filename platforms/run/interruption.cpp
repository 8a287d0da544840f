#include "platforms/run/interruption.h"

#include <csignal>
#include <ctime>

namespace nestwalk::platforms {
namespace {

constexpr int caught[] = {SIGINT, SIGTERM};

void act_by(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  for (const int other : caught) sigaddset(&action.sa_mask, other);  // one at a time
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

// Of the monotonic clock, by a call that a signal handler may make.
std::int64_t nanoseconds_now() {
  constexpr std::int64_t second = 1'000'000'000;
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * second + now.tv_nsec;
}

}  // namespace

std::atomic<bool> interruption::asked_{false};
std::atomic<int> interruption::asked_by_{0};
std::atomic<std::int64_t> interruption::asked_at_{0};

interruption::interruption() {
  asked_ = false;
  for (const int signal : caught) act_by(signal, &note, 0);  // no SA_RESTART: a blocked read shall end
}

interruption::~interruption() {
  for (const int signal : caught) act_by(signal, SIG_DFL, 0);
}

void interruption::note(int signal) {
  constexpr std::int64_t same_request = 1'000'000'000;
  const std::int64_t now = nanoseconds_now();
  if (asked_) {
    if (now - asked_at_ > same_request) act_by(signal, SIG_DFL, 0), std::raise(signal);
    return;
  }
  asked_at_ = now;
  asked_by_ = signal;
  asked_ = true;
}

}  // namespace nestwalk::platforms
