// Writes out what the tables of an image map.
#pragma once

#include <optional>

#include "nestwalk/image/mapped_range.h"
#include "nestwalk/image/mapping_census.h"
#include "platforms/image/image_state.h"

namespace nestwalk::platforms {

/// Told of an image's machine, then of each range, then of what they come to.
class map_writer {
 public:
  /// The TLB of which it is told how much it would reach.
  static constexpr std::uint64_t tlb_entries = 1536;

  map_writer() = default;
  map_writer(const map_writer&) = delete;
  map_writer& operator=(const map_writer&) = delete;
  virtual ~map_writer() = default;

  virtual void begin(const image_state& state, const image::memory_image& image) = 0;
  virtual void range(const image::mapped_range& r) = 0;
  /// `ended_at`: where the scan gave up, if it did.
  virtual void end(const image::mapping_census& census, std::optional<paging::gva> ended_at) = 0;
};

}  // namespace nestwalk::platforms
