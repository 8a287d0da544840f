#include "platforms/image/image_probe.h"

#include "platforms/conform/guest_entry.h"

namespace nestwalk::platforms {

configuration with_image(configuration c, const image_state& state, const image::memory_image& image) {
  constexpr std::uint64_t step = memory::sparse_store::size_step;
  c.mmu.processor = state.processor;
  c.dram.size = (image.end() + step - 1) / step * step;
  return c;
}

image_probe::image_probe(configuration c, const image_state& state, image::memory_image& image)
    : config_(with_image(std::move(c), state, image)),
      state_(state),
      wires_(config_.checks.protocol_monitors),
      hardware_(config_, wires_, &image),
      recorder_(config_.core.cycle, [this](const walk_record& record) { told_ = record; }) {
  wires_.connect(front_.fetch, hardware_.translation().fetch);
  wires_.connect(front_.data, hardware_.translation().data);
  front_.control.bind(hardware_.translation().control);
}

void image_probe::enter() {
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // ends elaboration
  enter_guest(registers(), state_.controls, state_.guest);
  entered_ = true;
}

probed_access image_probe::access(paging::gva at, const paging::access& a) {
  if (!entered_) enter();
  hardware_.clear_caches(registers());
  told_.reset();
  hardware_.observe_walks(&recorder_);
  const bool fetch = a.type == paging::access_type::fetch;
  unsigned char byte = 0;
  tlm::tlm_generic_payload& payload =
      a.type == paging::access_type::write ? payload_.write(at.value, &byte, 1) : payload_.read(at.value, &byte, 1);
  payload_.access().mode = a.mode;
  payload_.access().fetch = fetch;
  payload_.access().fault = {};
  sc_core::sc_time delay;
  (fetch ? front_.fetch : front_.data)->b_transport(payload, delay);
  hardware_.observe_walks(nullptr);

  probed_access came;
  came.walk = told_;
  came.fault = payload_.access().fault;
  came.missing = !payload_.ok() && came.fault.kind == paging::fault_kind::none;
  return came;
}

}  // namespace nestwalk::platforms
