// What an image's tables map, as a table for people.
#pragma once

#include <array>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "platforms/image/map_writer.h"

namespace nestwalk::platforms {

class map_table final : public map_writer {
 public:
  explicit map_table(std::ostream& out);

  void begin(const image_state& state, const image::memory_image& image) override;
  void range(const image::mapped_range& r) override;
  void end(const image::mapping_census& census, std::optional<paging::gva> ended_at) override;

 private:
  void add_last_column(const image::mapped_range& r);
  void print_lines();
  void print_sizes(const image::mapping_census& census);
  void print_large_pages(const image::mapping_census& census);

  std::ostream& out_;
  bool nested_ = false;
  fmt::memory_buffer lines_;  // not printed yet
  std::array<std::string, 64> page_names_;
  std::uint64_t last_bytes_ = 0;  // and how it is written
  std::string last_size_;
};

}  // namespace nestwalk::platforms
