// A machine that runs over the tables of an image.
#pragma once

#include "nestwalk/image/memory_image.h"
#include "platforms/bare_machine.h"
#include "platforms/image/image_software.h"

namespace nestwalk::platforms {

/// The processor, caches and memory of a configuration around the memory of an image; no guest kernel and no VMM.
class image_machine final : public bare_machine {
 public:
  /// `state` and `image` outlive this. `ends_on_fault`: as of image_software. Throws `input_error` where the
  /// configuration makes no machine.
  image_machine(const configuration& c, const image_state& state, image::memory_image& image, bool ends_on_fault);

  void forget_statistics() override;
  const skipped_accesses& skipped() { return software_.skipped(); }

 private:
  image_software software_;
};

}  // namespace nestwalk::platforms
