#include "platforms/image/image_machine.h"

#include "platforms/image/image_probe.h"

namespace nestwalk::platforms {

image_machine::image_machine(const configuration& c, const image_state& state, image::memory_image& image,
                             bool ends_on_fault)
    : bare_machine(with_image(c, state, image), state.nested() ? machine_mode::nested : machine_mode::native, &image),
      software_("image", core().control, state, image, ends_on_fault) {
  core().guest.bind(software_);
  core().exit.bind(software_.exit);
  software_.cpu.bind(core().host_instructions);
  software_.skipped().describe(statistics().child("skipped"));
  statistics().not_built("guest");
  statistics().not_built("vmm");
}

void image_machine::forget_statistics() {
  bare_machine::forget_statistics();
  software_.skipped().forget();
}

}  // namespace nestwalk::platforms
