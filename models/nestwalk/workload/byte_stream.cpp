#include "nestwalk/workload/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <archive.h>
#include <archive_entry.h>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/text.h"

namespace nestwalk::workload {

void byte_stream::archive_closer::operator()(::archive* a) const {
  archive_read_free(a);
}

std::unique_ptr<byte_stream> byte_stream::open(const std::string& path, const std::atomic<bool>* stop,
                                               const char* expected) {
  return std::make_unique<byte_stream>(open_to_read(path), path == "-" ? standard_input : path, stop, expected);
}

byte_stream::byte_stream(int descriptor, std::string name, const std::atomic<bool>* stop, const char* expected)
    : name_(std::move(name)), input_(descriptor, stop), archive_(archive_read_new()) {
  open_archive(expected);
}

byte_stream::~byte_stream() = default;

void byte_stream::open_archive(const char* expected) {
  try {
    if (gzip_reader::begins(input_.start(gzip_reader::magic_size))) gzip_.emplace(input_);
  } catch (const input_error& problem) {
    fail(problem.what());
  }
  archive* const reader = archive_.get();
  archive_read_support_filter_gzip(reader);  // of what a gzip reader has unpacked once
  archive_read_support_filter_bzip2(reader);
  archive_read_support_filter_xz(reader);
  archive_read_support_filter_zstd(reader);
  archive_read_support_format_raw(reader);
  archive_entry* entry = nullptr;
  const bool opened = archive_read_open(reader, this, nullptr, &byte_stream::read_input, nullptr) == ARCHIVE_OK &&
                      archive_read_next_header(reader, &entry) == ARCHIVE_OK;
  if (opened || stopped()) return;
  if (!input_.any()) fail(std::string("is empty; ") + expected + " is expected");
  fail(archive_problem());
}

/// libarchive's source of bytes; `long` is its la_ssize_t.
long byte_stream::read_input(::archive* reader, void* self, const void** bytes) {
  byte_stream& stream = *static_cast<byte_stream*>(self);
  try {
    const std::string_view block = stream.gzip_ ? stream.gzip_->next() : stream.input_.next();
    *bytes = block.data();
    return static_cast<long>(block.size());
  } catch (const input_error& problem) {
    stream.input_problem_ = problem.what();
    archive_set_error(reader, EIO, "%s", problem.what());
    return ARCHIVE_FATAL;
  }
}

bool byte_stream::next_block() {
  const void* bytes = nullptr;
  la_int64_t offset = 0;
  do {
    if (input_.stop_if_asked()) return false;  // few compressed bytes may be very many
    const int result = archive_read_data_block(archive_.get(), &bytes, &block_size_, &offset);
    if (stopped() || result == ARCHIVE_EOF) return false;
    if (result != ARCHIVE_OK) {
      block_size_ = 0;
      fail(archive_problem());
    }
  } while (block_size_ == 0);
  block_ = static_cast<const char*>(bytes);
  return true;
}

std::size_t byte_stream::read(char* into, std::size_t capacity) {
  if (!problem_.empty()) throw input_error(problem_);
  if (block_size_ == 0 && !next_block()) return 0;
  const std::size_t count = std::min(capacity, block_size_);
  std::memcpy(into, block_, count);
  block_ += count;
  block_size_ -= count;
  return count;
}

void byte_stream::check_rest() {
  if (!problem_.empty()) throw input_error(problem_);
  if (!is_archive()) return;
  while (next_block()) continue;
  block_size_ = 0;
}

bool byte_stream::is_archive() const {
  return gzip_ || archive_filter_code(archive_.get(), 0) != ARCHIVE_FILTER_NONE;
}

std::string byte_stream::archive_problem() const {
  if (!input_problem_.empty()) return input_problem_;
  // libarchive forgets the filter when its very first bytes are bad; the content was an archive's all the same.
  const char* const filter = gzip_ ? "gzip" : archive_filter_name(archive_.get(), 0);
  const char* const detail = archive_error_string(archive_.get());
  const bool says_more = detail != nullptr && std::strstr(detail, "Unrecognized") == nullptr;
  return corrupt_archive(filter != nullptr ? filter : "", says_more ? detail : "");
}

void byte_stream::fail(const std::string& what) {
  problem_ = name_ + ": " + what;
  throw input_error(problem_);
}

}  // namespace nestwalk::workload
