// What a packed file holds.
#pragma once

#include <string>

#include "nestwalk/workload/byte_stream.h"

namespace nestwalk::image::test {

inline std::string unpacked(const char* path) {
  const auto stream = workload::byte_stream::open(path);
  std::string all;
  char block[4096];
  while (const std::size_t count = stream->read(block, sizeof block)) all.append(block, count);
  return all;
}

}  // namespace nestwalk::image::test
