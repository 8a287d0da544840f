#include "nestwalk/image/lime.h"

#include <string>

namespace nestwalk::image {
namespace {

constexpr std::uint32_t magic = 0x4c694d45;

/// What stands before each range.
struct range_header {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t reserved;
};

}  // namespace

bool is_lime(const file_bytes& file) {
  return file.holds(0, sizeof magic) && file.number<std::uint32_t>(0) == magic;
}

layout read_lime(const file_bytes& file) {
  layout found;
  for (std::uint64_t at = 0; at < file.size();) {
    const std::string where = "range " + std::to_string(found.segments.size()) + ", at offset " + std::to_string(at);
    if (!file.holds(at, sizeof(range_header))) file.fail("LiME image is cut off within the header of " + where);
    const auto header = file.number<range_header>(at);
    if (header.magic != magic) file.fail("damaged LiME image: no header of a range where one is expected, " + where);
    if (header.version != 1)
      file.fail("LiME image of version " + std::to_string(header.version) +
                " (version 2 is AVML's compressed one); version 1 is expected, which avml-convert writes");
    if (header.last < header.first || header.last - header.first == ~std::uint64_t{0})
      file.fail("damaged LiME image: " + where + ", ends before it begins");
    const std::uint64_t bytes = header.last - header.first + 1;
    at += sizeof header;
    if (!file.holds(at, bytes))
      file.fail("LiME image is cut off: " + where + ", has " + std::to_string(bytes) + " bytes, and the file " +
                std::to_string(file.size() - at) + " after its header");
    found.segments.push_back({header.first, bytes, at});
    at += bytes;
  }
  return found;
}

}  // namespace nestwalk::image
