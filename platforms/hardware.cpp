#include "platforms/hardware.h"

namespace nestwalk::platforms {
namespace {

mmu::mmu_config mmu_config_of(const configuration& c) {
  mmu::mmu_config made = c.mmu;
  mmu::set_cycle(made, c.core.cycle);
  return made;
}

}  // namespace

hardware::hardware(const configuration& c, wiring& wires, memory::contents* filled)
    : dram_(std::make_unique<memory::dram>("dram", c.dram, filled)),
      caches_(std::make_unique<memory_system>("caches", c, *dram_, wires)),
      mmu_(std::make_unique<mmu::mmu>("mmu", mmu_config_of(c))) {
  if (c.mmu.walker == mmu::walker_choice::external)
    rtl_walker_ = make_rtl_walker("rtl_walker", c.core.cycle, c.mmu.guest_walker.use_dmi);
  bind(c, wires);
}

void hardware::bind_memory(const configuration& c, wiring& wires) {
  if (!c.statistics.cycle_stack) {
    wires.connect(mmu_->fetch_memory, caches_->instructions());
    wires.connect(mmu_->data_memory, caches_->data());
    return;
  }
  fetch_meter_ = std::make_unique<time_meter>("fetch_meter");
  data_meter_ = std::make_unique<time_meter>("data_meter");
  wires.connect(mmu_->fetch_memory, fetch_meter_->initiator_side);
  wires.connect(mmu_->data_memory, data_meter_->initiator_side);
  wires.connect(fetch_meter_->target_side, caches_->instructions());
  wires.connect(data_meter_->target_side, caches_->data());
}

void hardware::bind(const configuration& c, wiring& wires) {
  bind_memory(c, wires);
  protocol::memory_target_socket& tables = caches_->at(c.caches.table_reads);
  if (rtl_walker_ != nullptr) {
    mmu_->external_walker.bind(rtl_walker_->requests());
    wires.connect(rtl_walker_->memory(), tables);
  } else {
    wires.connect(mmu_->guest_table_memory, tables);
    wires.connect(mmu_->nested_table_memory, tables);
  }
}

void hardware::describe(statistics::group& into) {
  mmu_->describe(into.child("mmu"));
  into.describe("rtl_walker", rtl_walker_);
  caches_->describe(into.child("caches"));
  dram_->describe(into.child("dram"));
}

void hardware::observe_walks(walker::walk_observer* observer) {
  if (const auto& guest = mmu_->parts().first_stage_walker) guest->observe(observer);
  if (const auto& nested = mmu_->parts().second_stage_walker) nested->observe(observer);
}

void hardware::clear_caches(protocol::control_fw_if& control) {
  sc_core::sc_time not_counted;
  control.invpcid(paging::invpcid_type::all_with_globals, 0, paging::gva(0), not_counted);
  control.invvpid(paging::invvpid_type::all_context, 0, paging::gva(0), not_counted);
  control.invept(paging::invept_type::all_context, 0, not_counted);
  caches_->clear();
}

}  // namespace nestwalk::platforms
