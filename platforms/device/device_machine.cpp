#include "platforms/device/device_machine.h"

#include <cstring>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {
namespace {

namespace vtd = paging::vtd;

// Offsets of registers (VT-d specification, 11.4), and bits of the global command register.
constexpr std::uint32_t gcmd = 0x18;
constexpr std::uint32_t rtaddr = 0x20;
constexpr std::uint32_t iqt = 0x88;
constexpr std::uint32_t iqa = 0x90;
constexpr std::uint64_t srtp = iommu::global::srtp;
constexpr std::uint64_t enabled = iommu::global::te | iommu::global::qie;

// The queue has a page of its own, below the driver's tables.
constexpr std::uint64_t queue_base = 0x1000;
constexpr std::uint64_t queue_bytes = 0x1000;

// Invalidations of everything: the type, and the granularity in bits 5:4 (6.5.2).
constexpr std::uint64_t all_contexts = 1 | 1 << 4;
constexpr std::uint64_t all_mappings = 2 | 1 << 4;
constexpr std::uint64_t all_pasids = 7 | 3 << 4;

iommu::iommu_config unit_config(const configuration& c, std::uint16_t source) {
  if (!c.iommu.unit.has(vtd::ecap::qi))
    throw input_error("iommu.ecap: the driver invalidates by the queue, which bit 1 (QI) advertises; set it");
  iommu::iommu_config made = c.iommu;
  made.devices = {source};
  iommu::set_cycle(made, c.core.cycle);
  return made;
}

// No core, so none of the caches that are its own.
configuration without_core(configuration c) {
  for (memory::cache_config* each : {&c.caches.l1i, &c.caches.l1d, &c.caches.l2}) each->size = 0;
  return c;
}

}  // namespace

device_machine::device_machine(const configuration& c, device_mode mode, std::uint16_t source)
    : config_(without_core(c)),
      wires_(c.checks.protocol_monitors),
      dram_("dram", config_.dram),
      caches_("caches", config_, dram_, wires_),
      unit_("iommu", unit_config(c, source)),
      tables_(dram_.store(), c.iommu.unit, mode, c.driver) {
  protocol::memory_target_socket& below = caches_.at(table_entry_level::llc);
  for (protocol::memory_initiator_socket* const each :
       {&unit_.memory, &unit_.structure_memory, &unit_.first_stage_memory, &unit_.second_stage_memory})
    wires_.connect(*each, below);
  wires_.connect(front_.device, unit_.device(source));
  wires_.connect(front_.registers, unit_.registers);
}

// SystemC warns of a start in which nothing happens.
void device_machine::settle() {
  if (sc_core::sc_pending_activity()) sc_core::sc_start();
}

void device_machine::write_register(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  sc_core::sc_time delay;
  front_.registers->b_transport(payload_.write(offset, &value, bytes), delay);
  settle();
}

std::uint64_t device_machine::read_register(std::uint32_t offset, unsigned bytes) {
  std::uint64_t value = 0;
  sc_core::sc_time delay;
  front_.registers->b_transport(payload_.read(offset, &value, bytes), delay);
  return value;
}

void device_machine::start() {
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // ends elaboration
  write_register(rtaddr, 8, tables_.root_table_address());
  write_register(gcmd, 4, srtp);
  write_register(iqa, 8, queue_base | (scalable() ? iommu::iqa::dw : 0));
  write_register(gcmd, 4, enabled);
}

void device_machine::submit(std::uint64_t low) {
  unsigned char* const at = dram_.store().at(queue_base + queue_tail_);
  const unsigned bytes = scalable() ? 32 : 16;
  std::memset(at, 0, bytes);
  std::memcpy(at, &low, sizeof low);
  queue_tail_ = (queue_tail_ + bytes) % queue_bytes;
  write_register(iqt, 8, queue_tail_);
}

void device_machine::clear_caches() {
  submit(all_contexts);
  if (scalable()) submit(all_pasids);
  submit(all_mappings);
  caches_.clear();
}

void device_machine::clear_fault(unsigned record) {
  write_register(config_.iommu.unit.fault_record_offset() + record * 16 + 8, 8, iommu::fault_record::f);
}

void device_machine::observe(iommu::device_walk_observer* tables, walker::walk_observer* stages) {
  unit_.resolver().observe(tables);
  unit_.path().parts().first_stage_walker->observe(stages);
  unit_.path().parts().second_stage_walker->observe(stages);
}

bool device_machine::request(const vtd::request& r, std::uint64_t address) {
  unsigned char byte = 0;
  tlm::tlm_generic_payload& asked =
      r.access == paging::access_type::write ? payload_.write(address, &byte, 1) : payload_.read(address, &byte, 1);
  protocol::access_extension& e = payload_.access();
  e.has_pasid = r.has_pasid;
  e.pasid = r.pasid;
  e.fetch = r.access == paging::access_type::fetch;
  e.mode = r.privileged ? paging::access_mode::supervisor : paging::access_mode::user;
  sc_core::sc_time delay;
  front_.device->b_transport(asked, delay);
  const bool ok = payload_.ok();
  e = protocol::access_extension();
  settle();
  return ok;
}

}  // namespace nestwalk::platforms
