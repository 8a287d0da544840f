// One stream of bytes for several readers.
#pragma once

#include <cstddef>
#include <poll.h>
#include <vector>

namespace nestwalk::platforms {

/// Reads a descriptor once and writes what comes to several pipes, in constant memory: the slowest reader sets the
/// pace. A reader that goes away (at its limit) is left out.
class stream_splitter {
 public:
  /// Reads `from`, which stays the caller's.
  explicit stream_splitter(int from) : from_(from), bytes_(capacity) {}
  ~stream_splitter();
  stream_splitter(const stream_splitter&) = delete;
  stream_splitter& operator=(const stream_splitter&) = delete;

  /// Makes a pipe and keeps its writing end; returns the reading end, which is the caller's.
  int add_reader();

  /// What is to be polled now: the input where every reader has all there is, else the readers that do not.
  void append_polls(std::vector<pollfd>& polls) const;
  /// Moves bytes, by what poll found.
  void serve(const pollfd& found);
  /// Ends the stream for all readers.
  void close_all();

 private:
  static constexpr std::size_t capacity = 1 << 16;
  struct reader {
    int into = -1;  // -1: gone
    std::size_t done = 0;
  };

  bool all_served() const;
  void read_more();
  void write_to(reader& r) const;

  int from_;
  std::vector<char> bytes_;
  std::size_t filled_ = 0;
  std::vector<reader> readers_;
};

}  // namespace nestwalk::platforms
