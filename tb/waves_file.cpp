#include "tb/waves_file.h"

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace nestwalk::tb {

bool is_whole_fst(const std::string& path) {
  constexpr unsigned char unfinished = 255;  // the type of a block that is being written
  constexpr std::uint64_t length_size = 8;   // which a block's length counts, and its type not
  std::error_code problem;
  const std::uint64_t size = std::filesystem::file_size(path, problem);
  std::ifstream file(path, std::ios::binary);
  std::uint64_t at = 0;
  while (!problem && file && at < size) {
    unsigned char head[1 + length_size] = {};
    file.seekg(static_cast<std::streamoff>(at));
    file.read(reinterpret_cast<char*>(head), sizeof head);
    std::uint64_t length = 0;
    for (std::size_t i = 1; i < sizeof head; ++i) length = length << 8 | head[i];
    if (!file || head[0] == unfinished || length < length_size || length >= size - at) return false;
    at += 1 + length;
  }
  return !problem && file && size != 0;
}

}  // namespace nestwalk::tb
