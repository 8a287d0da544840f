// A processor's mmu and a remapping unit side by side: the same tables of both stages in one memory.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <systemc>
#include <tlm>

#include "flat_memory.h"
#include "nestwalk/iommu/iommu.h"
#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/owned_payload.h"
#include "platforms/conform/guest_entry.h"
#include "support/two_stage_tables.h"

namespace nestwalk::bench {

/// Loads of 8 bytes at the same addresses, by a program and by a device that has its PASID. With `caches` both sides
/// have a TLB of 64 entries, four ways; without, every access walks both stages, all 24 reads.
class device_bench_machine : public sc_core::sc_module,
                             private protocol::blocking_initiator,
                             private protocol::control_bw_if {
 public:
  static constexpr unsigned pages = 4096;
  static constexpr std::uint64_t first_page = 0x7f00'0000'0000;

  device_bench_machine(const sc_core::sc_module_name& name, bool caches)
      : sc_module(name), mmu_("mmu", mmu_config(caches)), iommu_("iommu", iommu_config(caches)) {
    for (auto* const each : {&data_, &device_, &registers_, &fetch_}) each->bind(*this);
    control_.bind(*this);
    control_.bind(mmu_.control);
    data_.bind(mmu_.data);
    fetch_.bind(mmu_.fetch);
    device_.bind(iommu_.device(source));
    registers_.bind(iommu_.registers);
    bind_memory(mmu_.fetch_memory, mmu_.data_memory, mmu_.guest_table_memory, mmu_.nested_table_memory);
    bind_memory(iommu_.memory, iommu_.structure_memory, iommu_.first_stage_memory, iommu_.second_stage_memory);
    protocol::access_extension& asked = by_device_.access();
    asked.has_pasid = true;
    asked.pasid = pasid;
    asked.mode = by_program_.access().mode = paging::access_mode::user;
    build_tables();
  }

  /// Turns both sides on; to be called once elaborated.
  void start() {
    platforms::enter_guest(*control_.operator->(), controls_, guest_);
    write_register(0x20, 8, root | 1u << 10);
    write_register(0x18, 4, iommu::global::srtp);
    write_register(0x18, 4, iommu::global::te);
  }

  std::uint64_t load(std::uint64_t address) { return load(data_, by_program_, address); }
  std::uint64_t load_by_device(std::uint64_t address) { return load(device_, by_device_, address); }

  std::uint64_t walks() { return mmu_.parts().first_stage_walker->counts().walks; }
  std::uint64_t device_walks() { return iommu_.path().parts().first_stage_walker->counts().walks; }

 private:
  template <class... Sockets>
  void bind_memory(Sockets&... from) {
    (from.bind(memory_.cpu_side), ...);
  }

  static constexpr std::uint16_t source = 0x0113;
  static constexpr std::uint32_t pasid = 7;
  static constexpr std::uint64_t root = 0x10'0000;

  static tlb::array_config array(bool caches) {
    return {caches ? 64u : 0u, 4, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_1g};
  }
  static mmu::mmu_config mmu_config(bool caches) {
    mmu::mmu_config c;
    for (tlb::tlb_config* each : {&c.l1i_tlb, &c.l2_tlb, &c.nested_tlb}) each->base.entries = 0;
    c.l1d_tlb.base = array(caches);
    return c;
  }
  static iommu::iommu_config iommu_config(bool caches) {
    namespace cap = paging::vtd::cap;
    namespace ecap = paging::vtd::ecap;
    iommu::iommu_config c;
    c.unit.cap = std::uint64_t{6} << cap::nd | std::uint64_t{4} << cap::sagaw | std::uint64_t{47} << cap::mgaw |
                 std::uint64_t{0x22} << cap::fro;
    c.unit.ecap = ecap::c | ecap::qi | ecap::nest | ecap::ers | ecap::srs | std::uint64_t{19} << ecap::pss |
                  ecap::pasid | ecap::smts | ecap::fsts | ecap::ssts | ecap::smpwcs | ecap::rps |
                  std::uint64_t{0xf} << ecap::iro;
    c.devices = {source};
    c.iotlb.base = array(caches);
    c.second_stage_tlb.base.entries = 0;
    return c;
  }

  std::uint64_t load(protocol::memory_initiator_socket& by, protocol::owned_payload& payload, std::uint64_t address) {
    by->b_transport(payload.read(address, &value_, sizeof value_), local_);
    if (!payload.ok()) throw std::logic_error("a mapped page faulted");
    return value_;
  }
  void write_register(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
    sc_core::sc_time delay;
    registers_->b_transport(register_access_.write(offset, &value, bytes), delay);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  }

  void build_tables() {
    memory::sparse_store& store = memory_.store();
    const auto load = [&store](std::uint64_t at) {
      std::uint64_t value;
      std::memcpy(&value, store.at(at), sizeof value);
      return value;
    };
    const auto put = [&store](std::uint64_t at, std::uint64_t value) {
      std::memcpy(store.at(at), &value, sizeof value);
    };
    test::two_stage_tables::config c;
    c.backing = std::uint64_t{8} << 30;
    test::two_stage_tables tables(test::table_memory{load, put}, c);
    for (std::uint64_t i = 0; i < pages; ++i)
      tables.map(first_page + (i << 12), 0x1'0000'0000 + (i * 0x9e37 % pages << 12));
    guest_ = tables.guest_registers();
    controls_ = tables.controls();
    put(root + 16, (root + 0x1000) | 1);
    put(root + 0x1000 + 0x13 * 32, (root + 0x2000) | 8 | 1);
    put(root + 0x2000, (root + 0x3000) | 1);
    const std::uint64_t entry = root + 0x3000 + pasid * 64;
    namespace p = paging::vtd::pasid_entry;
    put(entry, tables.nested.root() | p::nested << p::pgtt | 2 << p::address_width | 1);
    put(entry + 8, 1 | p::pwsnp);
    put(entry + 16, tables.guest.root() | p::sre | p::ere | p::nxe | p::wpe);
    put(root + 0x1000 + 0x13 * 32 + 8, 1);  // RID_PASID
  }

  flat_memory memory_{"memory"};
  mmu::mmu mmu_;
  iommu::iommu iommu_;
  protocol::memory_initiator_socket data_{"data"};
  protocol::memory_initiator_socket fetch_{"fetch"};
  protocol::memory_initiator_socket device_{"device"};
  protocol::memory_initiator_socket registers_{"registers"};
  protocol::control_initiator_socket control_{"control"};
  paging::paging_registers guest_;
  protocol::translation_controls controls_;
  protocol::owned_payload by_program_;
  protocol::owned_payload by_device_;
  protocol::owned_payload register_access_;
  std::uint64_t value_ = 0;
  sc_core::sc_time local_;
};

}  // namespace nestwalk::bench
