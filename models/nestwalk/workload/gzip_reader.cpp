#include "nestwalk/workload/gzip_reader.h"

#include <new>
#include <zlib.h>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/text.h"

namespace nestwalk::workload {

namespace {

constexpr std::size_t content_size = 128 * 1024;
constexpr int gzip_only = 16 + MAX_WBITS;  // of inflateInit2: gzip's header and trailer, nothing else

}  // namespace

void gzip_reader::closer::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

bool gzip_reader::begins(std::string_view start) {
  // Magic, deflate, and no flag that is reserved: a ChampSim trace may well begin with less of it.
  return start.size() >= magic_size && start.substr(0, 3) == "\x1f\x8b\x08" && (start[3] & 0xe0) == 0;
}

gzip_reader::gzip_reader(descriptor_input& from) : from_(from), stream_(new z_stream()), content_(content_size) {
  if (inflateInit2(stream_.get(), gzip_only) != Z_OK) throw std::bad_alloc();
}

std::string_view gzip_reader::next() {
  while (problem_.empty()) {
    if (stream_->avail_in == 0 && !feed()) {
      if (!in_member_ || from_.stopped()) return {};
      problem_ = "the compressed bytes end too early";
      break;
    }
    if (!in_member_ && !begin_member()) continue;
    if (const std::size_t count = inflate_some(); count != 0)
      return {reinterpret_cast<const char*>(content_.data()), count};
  }
  throw input_error(corrupt_archive("gzip", problem_));
}

bool gzip_reader::feed() {
  const std::string_view bytes = from_.next();
  // zlib's interface of old: it does not write there.
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_->avail_in = static_cast<uInt>(bytes.size());
  return !bytes.empty();
}

/// Behind a member: whether another one begins. Takes zeros away; anything else is a problem.
bool gzip_reader::begin_member() {
  while (stream_->avail_in != 0 && *stream_->next_in == 0) {
    ++stream_->next_in;
    --stream_->avail_in;
  }
  if (stream_->avail_in == 0) return false;
  if (*stream_->next_in != 0x1f) {
    problem_ = "bytes that are not gzip's follow its end";
    return false;
  }
  inflateReset(stream_.get());
  in_member_ = true;
  return true;
}

/// Decompresses into the block; returns how many bytes. Notes a problem for when they have been handed out.
std::size_t gzip_reader::inflate_some() {
  stream_->next_out = content_.data();
  stream_->avail_out = static_cast<uInt>(content_.size());
  const int result = inflate(stream_.get(), Z_NO_FLUSH);
  if (result == Z_STREAM_END) in_member_ = false;
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
    problem_ = stream_->msg != nullptr ? stream_->msg : "it cannot be decompressed";
  return content_.size() - stream_->avail_out;
}

}  // namespace nestwalk::workload
