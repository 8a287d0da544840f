// A generated workload, put where the tables of an image map something.
#pragma once

#include <memory>
#include <vector>

#include "nestwalk/workload/source.h"
#include "platforms/image/image_places.h"

namespace nestwalk::platforms {

/// Gives the accesses of a generator, which asks a kernel for nothing but memory, with addresses of the image's: the
/// first region that it maps is its code and goes where users may execute, all others are data and go where they may
/// write, one behind the other. Throws `input_error` where there is no room.
class placed_source final : public workload::source {
 public:
  placed_source(std::unique_ptr<workload::source> generator, user_places places)
      : generator_(std::move(generator)), places_(std::move(places)) {}

  std::size_t next(workload::operation* out, std::size_t capacity) override;
  const char* format() const override { return generator_->format(); }
  double progress() const override { return generator_->progress(); }

 private:
  struct region {
    paging::gva first;
    std::uint64_t bytes;
    const image_places* places;
    std::uint64_t offset;  // in the places
  };
  void place(const workload::operation& map);
  paging::gva placed(paging::gva address);

  std::unique_ptr<workload::source> generator_;
  user_places places_;
  std::vector<region> regions_;
  std::uint64_t data_placed_ = 0;
};

}  // namespace nestwalk::platforms
