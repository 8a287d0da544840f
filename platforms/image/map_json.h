// What an image's tables map, as JSON.
#pragma once

#include <ostream>

#include <fmt/format.h>

#include "platforms/image/map_writer.h"

namespace nestwalk::platforms {

/// One object, a range a line, written as they come. Addresses are text in hexadecimal, sizes powers of two.
class map_json final : public map_writer {
 public:
  explicit map_json(std::ostream& out) : out_(out) {}

  void begin(const image_state& state, const image::memory_image& image) override;
  void range(const image::mapped_range& r) override;
  void end(const image::mapping_census& census, std::optional<paging::gva> ended_at) override;

 private:
  void print_lines();

  std::ostream& out_;
  bool nested_ = false;
  bool any_ = false;
  fmt::memory_buffer lines_;  // not printed yet
};

}  // namespace nestwalk::platforms
