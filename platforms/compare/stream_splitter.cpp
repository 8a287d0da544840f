#include "platforms/compare/stream_splitter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

stream_splitter::~stream_splitter() {
  close_all();
}

int stream_splitter::add_reader() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw input_error(fmt::format("cannot make a pipe for a machine's trace: {}", std::strerror(errno)));
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  readers_.push_back({ends[1], 0});
  return ends[0];
}

bool stream_splitter::all_served() const {
  return std::all_of(readers_.begin(), readers_.end(),
                     [this](const reader& r) { return r.into < 0 || r.done == filled_; });
}

void stream_splitter::append_polls(std::vector<pollfd>& polls) const {
  const bool open = std::any_of(readers_.begin(), readers_.end(), [](const reader& r) { return r.into >= 0; });
  if (!open) return;
  if (all_served()) {
    polls.push_back({from_, POLLIN, 0});
    return;
  }
  for (const reader& r : readers_)
    if (r.into >= 0 && r.done < filled_) polls.push_back({r.into, POLLOUT, 0});
}

void stream_splitter::serve(const pollfd& found) {
  if (found.revents == 0) return;
  if (found.fd == from_) return read_more();
  for (reader& r : readers_)
    if (r.into == found.fd) write_to(r);
}

void stream_splitter::read_more() {
  const ssize_t count = read(from_, bytes_.data(), bytes_.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) return close_all();
  filled_ = static_cast<std::size_t>(count);
  for (reader& r : readers_) r.done = 0;
}

void stream_splitter::write_to(reader& r) const {
  const ssize_t count = write(r.into, bytes_.data() + r.done, filled_ - r.done);
  if (count > 0) {
    r.done += static_cast<std::size_t>(count);
  } else if (count < 0 && errno != EINTR && errno != EAGAIN) {
    close(r.into);
    r.into = -1;
  }
}

void stream_splitter::close_all() {
  for (reader& r : readers_)
    if (r.into >= 0) close(r.into);
  readers_.clear();
}

}  // namespace nestwalk::platforms
