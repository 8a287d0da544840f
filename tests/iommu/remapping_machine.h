// A remapping unit with its devices, its software and its memory; and the tables that software keeps there.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include "nestwalk/iommu/iommu.h"
#include "nestwalk/protocol/owned_payload.h"
#include "paging/device_table_world.h"
#include "support/test_memory.h"

namespace nestwalk::test {

namespace vtd = paging::vtd;

/// Tables of 512 entries each, filled in by address: both stages' paging structures.
class radix_tables {
 public:
  explicit radix_tables(test_memory& memory) : memory_(memory) {}

  /// An empty table in a frame of its own.
  std::uint64_t frame() {
    next_ += 0x1000;
    for (unsigned at = 0; at < 0x1000; at += 8) memory_.write(next_ + at, 0);
    return next_;
  }
  /// Where the entry of `level` for an address stands, its upper levels filled in with `table_bits`.
  std::uint64_t entry(std::uint64_t root, unsigned levels, std::uint64_t address, unsigned level,
                      std::uint64_t table_bits) {
    std::uint64_t table = root;
    for (unsigned n = levels;; --n) {
      const std::uint64_t at = table + ((address >> (12 + 9 * (n - 1))) & 511) * 8;
      if (n == level) return at;
      if (memory_.read(at) == 0) memory_.write(at, frame() | table_bits);
      table = memory_.read(at) & 0x000f'ffff'ffff'f000;
    }
  }

 private:
  test_memory& memory_;
  std::uint64_t next_ = 0x100'0000;
};

/// The form of a device's or PASID's translation.
struct translation_shape {
  unsigned pgtt = vtd::pasid_entry::second_stage;
  unsigned second_levels = 4;
  unsigned first_levels = 4;
  std::uint16_t domain = 1;
  std::uint64_t second_root = 0;
  std::uint64_t first_root = 0;
  std::uint64_t low_bits = 0;  ///< of the PASID entry's qword 0: SSADE and others
  std::uint64_t first_bits = vtd::pasid_entry::nxe | vtd::pasid_entry::wpe;  ///< of its qword 2
};

struct remapping_machine : sc_core::sc_module {
  static constexpr std::uint64_t second_flags = 3;    // R, W
  static constexpr std::uint64_t first_flags = 0x67;  // P, R/W, U/S, A, D
  static constexpr std::uint64_t first_table_flags = 0x27;

  static iommu::iommu_config configuration(const std::vector<std::uint16_t>& devices) {
    iommu::iommu_config c;
    c.unit = everything();
    c.devices = devices;
    for (tlb::tlb_config* t : {&c.iotlb, &c.second_stage_tlb})
      t->base = {64, 4, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_1g};
    for (walker::walker_config* w : {&c.first_stage_walker, &c.second_stage_walker})
      w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {16, 4};
    return c;
  }
  static iommu::iommu_config without_caches(const std::vector<std::uint16_t>& devices) {
    iommu::iommu_config c = configuration(devices);
    c.iotlb.base.entries = c.second_stage_tlb.base.entries = 0;
    c.first_stage_walker.caches = c.second_stage_walker.caches = {};
    c.tables.context_cache.entries = c.tables.pasid_cache.entries = 0;
    return c;
  }

  explicit remapping_machine(const iommu::iommu_config& c, const sc_core::sc_module_name& name = "machine",
                             bool binds_memory_alone = false)
      : sc_module(name), unit("unit", c) {
    software.bind(static_cast<protocol::memory_backward&>(back));
    software.bind(unit.registers);
    unit.memory.bind(memory.socket);
    if (!binds_memory_alone)
      for (auto* const socket : {&unit.structure_memory, &unit.first_stage_memory, &unit.second_stage_memory})
        socket->bind(memory.socket);
    for (const std::uint16_t source : c.devices) {
      auto& socket = devices[source];
      socket = std::make_unique<protocol::memory_initiator_socket>(("device_" + std::to_string(source)).c_str());
      socket->bind(static_cast<protocol::memory_backward&>(heard[source]));
      socket->bind(unit.device(source));
    }
  }

  // Software.
  void settle() {
    if (inside_process) return;
    if ((sc_core::sc_get_status() & (sc_core::SC_ELABORATION | sc_core::SC_BEFORE_END_OF_ELABORATION)) != 0)
      sc_core::sc_start(sc_core::SC_ZERO_TIME);
    if (sc_core::sc_pending_activity()) sc_core::sc_start();
  }
  void set(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
    settle();
    sc_core::sc_time delay;
    software->b_transport(payload.write(offset, &value, bytes), delay);
    settle();
  }
  std::uint64_t get(std::uint32_t offset, unsigned bytes) {
    settle();
    std::uint64_t value = 0;
    sc_core::sc_time delay;
    software->b_transport(payload.read(offset, &value, bytes), delay);
    return value;
  }
  /// Sets the root table and turns translation on.
  void enable(bool scalable_mode) {
    scalable = scalable_mode;
    set(0x20, 8, root | (scalable ? 1u << 10 : 0));
    set(0x18, 4, 1u << 30);
    set(0x18, 4, 1u << 31);
  }
  void disable() { set(0x18, 4, 0); }
  /// Commands in registers, which are those of legacy tables alone.
  void context_command(std::uint64_t granularity = 1) { set(0x28, 8, std::uint64_t{1} << 63 | granularity << 61); }
  void iotlb_command() { set(0xf8, 8, std::uint64_t{9} << 60); }
  /// Starts the queue and has every kept context and PASID entry dropped.
  void drop_device_entries() {
    start_queue();
    submit(0x11);
    submit(0x37);
  }
  void start_queue() {
    set(0x90, 8, queue | 1u << 11);
    set(0x18, 4, 1u << 31 | 1u << 26);
  }
  /// Puts a 256-bit descriptor into the queue and lets it be carried out.
  void submit(std::uint64_t low, std::uint64_t high = 0) {
    memory.write(queue + tail, low);
    memory.write(queue + tail + 8, high);
    memory.write(queue + tail + 16, 0);
    memory.write(queue + tail + 24, 0);
    tail = (tail + 32) % 0x1000;
    set(0x88, 8, tail);
  }
  std::uint64_t fault_reason() { return get(0x228, 8) >> 32 & 0xff; }
  void clear_faults() {
    for (unsigned n = 0; n < 4; ++n) set(0x228 + n * 16, 8, std::uint64_t{1} << 63);
    set(0x34, 4, 0xff);
  }

  // Tables.
  void put_legacy(std::uint16_t source, const translation_shape& s, unsigned type = 0) {
    const std::uint64_t bus = root + (source >> 8) * 16;
    if (memory.read(bus) == 0) memory.write(bus, tables.frame() | 1);
    const std::uint64_t at = (memory.read(bus) & ~std::uint64_t{0xfff}) + (source & 0xff) * 16;
    memory.write(at + 8, std::uint64_t{s.domain} << 8 | (s.second_levels - 2));
    memory.write(at, s.second_root | type << 2 | 1);
  }
  std::uint64_t context_at(std::uint16_t source) {
    const std::uint64_t half = root + (source >> 8) * 16 + ((source >> 7) & 1) * 8;
    if (memory.read(half) == 0) memory.write(half, tables.frame() | 1);
    return (memory.read(half) & ~std::uint64_t{0xfff}) + (source & 0x7f) * 32;
  }
  void put_context(std::uint16_t source, std::uint32_t rid_pasid = 0, std::uint64_t bits = 0xc) {
    const std::uint64_t at = context_at(source);
    memory.write(at + 8, rid_pasid);
    std::uint64_t directory = directories[source];
    if (directory == 0) {
      // 2^14 directory entries: 32 frames in a row.
      directory = directories[source] = 0x8000'0000 + directories.size() * 0x20000;
    }
    memory.write(at, directory | 7 << 9 | bits | 1);
  }
  std::uint64_t pasid_at(std::uint16_t source, std::uint32_t pasid) {
    const std::uint64_t entry = directories[source] + (pasid >> 6) * 8;
    if (memory.read(entry) == 0) memory.write(entry, tables.frame() | 1);
    return (memory.read(entry) & ~std::uint64_t{0xfff}) + (pasid & 63) * 64;
  }
  void put_pasid(std::uint16_t source, std::uint32_t pasid, const translation_shape& s) {
    const std::uint64_t at = pasid_at(source, pasid);
    memory.write(at + 8, s.domain | vtd::pasid_entry::pwsnp);
    memory.write(at + 16, s.first_root | s.first_bits | (s.first_levels - 4) << 2 | 3);
    memory.write(at, s.second_root | s.low_bits | s.pgtt << 6 | (s.second_levels - 2) << 2 | 1);
  }
  void map_second(const translation_shape& s, std::uint64_t gpa, std::uint64_t hpa, std::uint64_t flags = second_flags,
                  unsigned level = 1) {
    memory.write(tables.entry(s.second_root, s.second_levels, gpa, level, second_flags),
                 hpa | flags | (level > 1 ? 0x80 : 0));
  }
  void map_first(const translation_shape& s, std::uint64_t address, std::uint64_t to, std::uint64_t flags = first_flags,
                 unsigned level = 1) {
    memory.write(tables.entry(s.first_root, s.first_levels, address, level, first_table_flags),
                 to | flags | (level > 1 ? 0x80 : 0));
  }
  /// Under a second stage: lets the first stage's tables for an address be read where they are.
  void map_first_tables(const translation_shape& s, std::uint64_t address) {
    for (unsigned level = 1; level <= s.first_levels; ++level) {
      const std::uint64_t table =
          tables.entry(s.first_root, s.first_levels, address, level, first_table_flags) & ~std::uint64_t{0xfff};
      map_second(s, table, table);
    }
  }

  // Devices.
  /// Hears which grants are taken back: first and last addresses, in order.
  struct grant_holder : protocol::blocking_initiator {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_back;
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
      taken_back.emplace_back(first, last);
    }
  };
  struct asked {
    std::uint64_t address = 0;
    bool write = false;
    bool has_pasid = false;
    std::uint32_t pasid = 0;
    bool privileged = false;
    bool fetch = false;
    vtd::request_type type = vtd::request_type::untranslated;
    unsigned length = 8;
    bool keys_grants = false;
  };
  static tlm::tlm_generic_payload& prepared(const asked& a, protocol::owned_payload& with, std::uint64_t& value) {
    tlm::tlm_generic_payload& p =
        a.write ? with.write(a.address, &value, a.length) : with.read(a.address, &value, a.length);
    protocol::access_extension& e = with.access();
    e.has_pasid = a.has_pasid;
    e.pasid = a.pasid;
    e.fetch = a.fetch;
    e.request = a.type;
    e.mode = a.privileged ? paging::access_mode::supervisor : paging::access_mode::user;
    e.keys_grants_by_context = a.keys_grants;
    return p;
  }
  /// Asks for a grant.
  bool ask_grant(std::uint16_t source, const asked& a) {
    settle();
    const bool granted = (*devices[source])->get_direct_mem_ptr(prepared(a, payload, data), grant);
    payload.access() = protocol::access_extension();
    return granted;
  }
  /// Makes a request; `data` is what it writes or reads.
  bool request(std::uint16_t source, const asked& a) {
    settle();
    return request(source, a, payload, data);
  }
  /// The same in a process of its own, with its own payload and data.
  bool request(std::uint16_t source, const asked& a, protocol::owned_payload& with, std::uint64_t& value) {
    tlm::tlm_generic_payload& p = prepared(a, with, value);
    sc_core::sc_time took;
    (*devices[source])->b_transport(p, took);
    delay = took;
    const bool ok = with.ok();
    with.access() = protocol::access_extension();
    return ok;
  }
  bool read(std::uint16_t source, std::uint64_t address) {
    asked a;
    a.address = address;
    return request(source, a);
  }
  bool write(std::uint16_t source, std::uint64_t address, std::uint64_t value) {
    asked a;
    a.address = address;
    a.write = true;
    data = value;
    return request(source, a);
  }
  bool read(std::uint16_t source, std::uint32_t pasid, std::uint64_t address) {
    asked a;
    a.address = address;
    a.has_pasid = true;
    a.pasid = pasid;
    return request(source, a);
  }

  static constexpr std::uint64_t root = 0x10'0000;
  static constexpr std::uint64_t queue = 0x20'0000;

  protocol::memory_initiator_socket software{"software"};
  test_memory memory{"memory"};
  iommu::iommu unit;
  protocol::blocking_initiator back;
  std::map<std::uint16_t, std::unique_ptr<protocol::memory_initiator_socket>> devices;
  std::map<std::uint16_t, grant_holder> heard;
  tlm::tlm_dmi grant;
  radix_tables tables{memory};
  std::map<std::uint16_t, std::uint64_t> directories;
  protocol::owned_payload payload;
  std::uint64_t data = 0;
  std::uint64_t tail = 0;
  bool scalable = false;
  bool inside_process = false;  ///< a SystemC process plays the software, so nothing is run here until it is idle
  sc_core::sc_time delay;
};

}  // namespace nestwalk::test
