#include "platforms/run/progress_line.h"

#include <cstdio>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

namespace nestwalk::platforms {

using namespace std::chrono_literals;

progress_line::progress_line(bool wanted, const char* what)
    : wanted_(wanted && isatty(STDERR_FILENO) != 0), what_(what), due_(began_ + 1s) {}

void progress_line::show(std::uint64_t done, double share) {
  if (!wanted_) return;
  const clock::time_point now = clock::now();
  if (now < due_) return;
  due_ = now + 200ms;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const std::string part = share < 0 ? std::string() : fmt::format("{:3.0f} %, ", share * 100);
  fmt::print(stderr, "\r\033[K{}{:.1f} million {}, {:.1f} million a second", part, static_cast<double>(done) / 1e6,
             what_, static_cast<double>(done) / 1e6 / seconds);
  std::fflush(stderr);
  shown_ = true;
}

void progress_line::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace nestwalk::platforms
