// A machine for the guest kernel alone: memory in pages of a map, a TLB that forgets only what it is told to, no time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>

#include <gtest/gtest.h>
#include <systemc>

#include "nestwalk/cpu/guest_instructions.h"
#include "nestwalk/guest/kernel.h"
#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::guest::testing {

/// Runs a kernel's instructions and the accesses of its processes. The TLB never evicts, and drops nothing but what
/// instructions and page faults drop: a flush that the kernel forgets shows as a stale page.
class plain_machine : public cpu::guest_instructions_if {
 public:
  explicit plain_machine(const kernel_config& config)
      : config_(config), image_("image", *this), kernel_("kernel", config) {
    kernel_.guest_memory.bind(image_.cpu_side);
    kernel_.cpu.bind(*this);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    kernel_.boot();
  }

  guest::kernel& kernel() { return kernel_; }
  const paging::domain& domain() const { return domain_; }
  const paging::paging_registers& registers() const { return registers_; }

  /// One access of the current process: false where the kernel made it do without.
  bool read(std::uint64_t address, std::uint64_t& value) {
    return access(address, paging::access_type::read, [&](std::uint64_t at) { value = word(at); });
  }
  bool write(std::uint64_t address, std::uint64_t value) {
    return access(address, paging::access_type::write, [&](std::uint64_t at) { word(at) = value; });
  }
  bool fetch(std::uint64_t address) {
    return access(address, paging::access_type::fetch, [](std::uint64_t) {});
  }
  /// What the tables say, with no effect.
  paging::outcome look(std::uint64_t address,
                       paging::access a = {paging::access_type::read, paging::access_mode::user}) {
    looking_memory looking{*this};
    return paging::two_stage_walk<looking_memory>(domain_, looking).translate(paging::gva(address), a);
  }
  /// The leaf for the address as memory holds it; 0 where there is none.
  std::uint64_t leaf(std::uint64_t address) {
    std::uint64_t table = domain_.guest.root.value;
    for (unsigned level = config_.levels;; --level) {
      const std::uint64_t entry = word(table + 8 * ((address >> (12 + 9 * (level - 1))) & 511));
      if (entry == 0 || level == 1 || (entry & paging::page_size_bit) != 0) return entry;
      table = entry & 0x000ffffffffff000;
    }
  }

  /// The word of guest-physical memory.
  std::uint64_t& word(std::uint64_t address) {
    EXPECT_LT(address, config_.memory);
    return pages_[address >> 12][(address >> 3) & 511];
  }
  const std::map<std::uint64_t, std::array<std::uint64_t, 512>>& pages() const { return pages_; }

  void call(workload::system_call which, std::uint64_t address, std::uint64_t length, std::uint32_t argument = 0) {
    workload::operation op;
    op.kind = workload::operation_kind::system_call;
    op.call = which;
    op.address = paging::gva(address);
    op.length = length;
    op.argument = argument;
    kernel_.system_call(op);
  }
  void map(std::uint64_t address, std::uint64_t length) { call(workload::system_call::map, address, length); }
  void unmap(std::uint64_t address, std::uint64_t length) { call(workload::system_call::unmap, address, length); }
  void protect(std::uint64_t address, std::uint64_t length, bool writable) {
    call(workload::system_call::protect, address, length, writable ? 1 : 0);
  }
  void fork(std::uint32_t child) { call(workload::system_call::fork, 0, 0, child); }
  void exit(std::uint32_t next) { call(workload::system_call::exit, 0, 0, next); }
  void switch_to(std::uint32_t process) { call(workload::system_call::switch_to, 0, 0, process); }

  std::uint64_t instructions = 0;
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;
  std::uint64_t faults = 0;
  std::uint64_t invlpgs = 0;
  std::uint64_t invpcids = 0;
  std::uint64_t cr3_flushes = 0;
  std::uint64_t cr3_kept = 0;

 private:
  /// The boot image's way into memory.
  struct image_target : sc_core::sc_module, private protocol::blocking_target {
    protocol::memory_target_socket cpu_side{"cpu_side"};
    image_target(const sc_core::sc_module_name& name, plain_machine& owner) : sc_module(name), machine(owner) {
      cpu_side.bind(static_cast<protocol::memory_forward&>(*this));
    }
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override {
      for (unsigned at = 0; at < payload.get_data_length(); at += 8)
        std::memcpy(&machine.word(payload.get_address() + at), payload.get_data_ptr() + at, 8);
      return payload.get_data_length();
    }
    void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override { FAIL() << "the boot image is untimed"; }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    plain_machine& machine;
  };
  struct looking_memory {
    plain_machine& machine;
    bool read(paging::hpa at, unsigned, std::uint64_t& value) {
      value = machine.word(at.value);
      return true;
    }
    paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
      return paging::exchange_result::stored;
    }
  };
  struct hardware_memory {
    plain_machine& machine;
    bool read(paging::hpa at, unsigned, std::uint64_t& value) {
      value = machine.word(at.value);
      return true;
    }
    paging::exchange_result exchange(paging::hpa at, unsigned, std::uint64_t, std::uint64_t desired) {
      machine.word(at.value) = desired;
      return paging::exchange_result::stored;
    }
  };
  /// A 4-KByte fragment of a page.
  struct cached {
    std::uint64_t frame;
    paging::rights granted;
    unsigned size_log2;
  };

  template <class Do>
  bool access(std::uint64_t address, paging::access_type type, Do&& perform) {
    const paging::access a{type, paging::access_mode::user};
    for (unsigned attempts = 0; attempts < 8; ++attempts) {
      const std::pair<std::uint32_t, std::uint64_t> key{domain_.tags.process, address >> 12};
      auto hit = tlb_.find(key);
      if (hit == tlb_.end() || !domain_.guest.policy.hit_permits(a, hit->second.granted)) {
        hardware_memory hardware{*this};
        const paging::outcome found =
            paging::two_stage_walk<hardware_memory>(domain_, hardware).translate(paging::gva(address), a);
        if (!found.mapped()) {
          ++faults;
          const bool page_fault = found.failure.kind == paging::fault_kind::page_fault;
          if (page_fault) drop(paging::page_fault(paging::gva(address), domain_.tags));
          const cpu::fault_answer answer = page_fault ? kernel_.page_fault(found.failure)
                                                      : kernel_.general_protection(found.failure, paging::gva(address));
          if (answer == cpu::fault_answer::skip) return false;
          continue;
        }
        hit =
            tlb_.insert_or_assign(key, cached{found.output.value >> 12, found.page.granted, found.page.guest_size_log2})
                .first;
      }
      perform((hit->second.frame << 12) | (address & 0xfff));
      return true;
    }
    ADD_FAILURE() << "the access to " << std::hex << address << " makes no progress";
    return false;
  }

  void drop(const paging::selector& s) {
    for (auto at = tlb_.begin(); at != tlb_.end();) {
      const std::uint64_t base = (at->first.second << 12) & ~((std::uint64_t{1} << at->second.size_log2) - 1);
      const paging::translation_tags tags{0, at->first.first, 0};
      const bool goes =
          s.tags_agree(pack(tags, paging::mapping_kind::linear), false) && s.covers(base, at->second.size_log2);
      at = goes ? tlb_.erase(at) : std::next(at);
    }
  }

  // The kernel's instructions.
  std::uint64_t physical(paging::gva address, unsigned size) {
    EXPECT_LE(address.offset(12) + size, 4096u);
    EXPECT_LE(direct_map_base(config_.levels), address);
    if (address.base(12) != walked_) {
      const paging::outcome found = look(address.value, {paging::access_type::write, paging::access_mode::supervisor});
      EXPECT_TRUE(found.mapped());
      EXPECT_EQ(found.output.value, address - direct_map_base(config_.levels));
      walked_ = address.base(12);
    }
    return address - direct_map_base(config_.levels);
  }
  void execute(std::uint64_t count) override { instructions += count; }
  void load(paging::gva address, void* bytes, unsigned size) override {
    ++loads;
    const std::uint64_t at = physical(address, size);
    const auto page = pages_.find(at >> 12);
    if (page == pages_.end())
      std::memset(bytes, 0, size);
    else
      std::memcpy(bytes, reinterpret_cast<unsigned char*>(page->second.data()) + (at & 0xfff), size);
  }
  void store(paging::gva address, const void* bytes, unsigned size) override {
    ++stores;
    const std::uint64_t at = physical(address, size);
    const auto* first = static_cast<const unsigned char*>(bytes);
    if (std::all_of(first, first + size, [](unsigned char byte) { return byte == 0; }) && pages_.count(at >> 12) == 0)
      return;  // what was never written reads as zero: a gibibyte zeroed takes no memory here
    std::memcpy(reinterpret_cast<unsigned char*>(pages_[at >> 12].data()) + (at & 0xfff), bytes, size);
  }
  void write_register(protocol::control_register which, std::uint64_t value) override {
    switch (which) {
      case protocol::control_register::cr0:
        registers_.cr0 = value;
        registers_.efer |= paging::efer::lma;
        break;
      case protocol::control_register::cr4: registers_.cr4 = value; break;
      case protocol::control_register::efer: registers_.efer = value; break;
      case protocol::control_register::cr3: write_cr3(value); break;
      default: FAIL() << "the kernel writes no such register";
    }
    domain_.guest = paging::decode_guest(registers_, {});
  }
  void write_cr3(std::uint64_t value) {
    registers_.cr3 = value & ~paging::cr3::no_flush;
    const bool tagged = (registers_.cr4 & paging::cr4::pcide) != 0;
    const auto pcid = static_cast<std::uint16_t>(tagged ? value & paging::cr3::pcid : 0);
    domain_.tags.process = pcid;
    if (tagged && (value & paging::cr3::no_flush) != 0) {
      ++cr3_kept;
      return;
    }
    ++cr3_flushes;
    drop(paging::mov_cr3(pcid, domain_.tags));
  }
  void invlpg(paging::gva address) override {
    ++invlpgs;
    drop(paging::invlpg(address, domain_.tags));
  }
  void invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva address) override {
    ++invpcids;
    drop(paging::invpcid(type, pcid, address, domain_.tags));
  }
  void write_alignment_check(bool) override {}

  kernel_config config_;
  image_target image_;
  std::map<std::uint64_t, std::array<std::uint64_t, 512>> pages_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, cached> tlb_;
  paging::paging_registers registers_;
  paging::domain domain_;
  paging::gva walked_{~std::uint64_t{0}};  // page of the direct map that was last found good
  guest::kernel kernel_;
};

inline constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
inline constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;

/// A small machine, whose processes may touch what they mapped.
inline kernel_config small_config() {
  kernel_config config;
  config.memory = 64 * mebibyte;
  config.on_demand = on_demand_policy::mapped;
  config.bad_access = bad_access_policy::skip;
  return config;
}

}  // namespace nestwalk::guest::testing
