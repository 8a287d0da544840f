#include "platforms/run/interruption.h"

#include <csignal>

namespace nestwalk::platforms {
namespace {

constexpr int caught[] = {SIGINT, SIGTERM};

void act_by(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

}  // namespace

std::atomic<bool> interruption::asked_{false};

interruption::interruption() {
  asked_ = false;
  for (const int signal : caught) act_by(signal, &note, 0);  // no SA_RESTART: a blocked read shall end
}

interruption::~interruption() {
  for (const int signal : caught) act_by(signal, SIG_DFL, 0);
}

void interruption::note(int signal) {
  if (asked_.exchange(true)) act_by(signal, SIG_DFL, 0), std::raise(signal);
}

}  // namespace nestwalk::platforms
