// Where a program can be put on the tables of an image.
#pragma once

#include <cstdint>
#include <vector>

#include "nestwalk/image/memory_image.h"
#include "nestwalk/paging/access.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::platforms {

/// Linear addresses, in order, that lie in several stretches. Bytes are counted over all of them.
class image_places {
 public:
  struct stretch {
    paging::gva first;
    std::uint64_t bytes = 0;
    std::uint64_t before = 0;  ///< bytes of those before it
  };

  /// Adds addresses above all that are there.
  void add(paging::gva first, std::uint64_t bytes);
  std::uint64_t bytes() const { return stretches_.empty() ? 0 : stretches_.back().before + stretches_.back().bytes; }
  const std::vector<stretch>& stretches() const { return stretches_; }
  /// The address of byte `number`, which is below `bytes()`.
  paging::gva at(std::uint64_t number) const;

 private:
  std::vector<stretch> stretches_;
};

/// Where a user's program may write, and where it may execute: by both stages, at bytes that the image has. Throws
/// `input_error` where the tables map without end.
struct user_places {
  image_places writable;
  image_places executable;
};
user_places user_places_of(const paging::domain& domain, const image::memory_image& image);

}  // namespace nestwalk::platforms
