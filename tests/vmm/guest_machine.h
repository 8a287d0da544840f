// A guest on the VMM and, beside it, the same guest on a machine of its own: whatever one does, the other does, and the
// tests compare what became of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <systemc>

#include "fake_cpu.h"
#include "nestwalk/paging/register_write.h"
#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/protocol_monitor.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/vmm/vmm.h"
#include "support/table_builder.h"
#include "support/test_memory.h"
#include "worst_tlb.h"

namespace nestwalk::test {

/// Guest-physical memory of the machine without a VMM.
class native_memory {
 public:
  using page = std::array<unsigned char, 4096>;

  std::uint64_t read(std::uint64_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, &bytes_of(at)[at % 4096], 8);
    return value;
  }
  void write(std::uint64_t at, std::uint64_t value) { write_bytes(at, &value, 8); }
  void write_bytes(std::uint64_t at, const void* data, unsigned size) {
    std::memcpy(&bytes_of(at)[at % 4096], data, size);
  }
  bool read(paging::hpa at, unsigned, std::uint64_t& value) {
    value = read(at.value);
    return true;
  }
  paging::exchange_result exchange(paging::hpa at, unsigned, std::uint64_t expected, std::uint64_t desired) {
    if (read(at.value) != expected) return paging::exchange_result::changed;
    write(at.value, desired);
    return paging::exchange_result::stored;
  }
  const std::map<std::uint64_t, page>& pages() const { return pages_; }

 private:
  page& bytes_of(std::uint64_t at) { return pages_[at / 4096]; }
  std::map<std::uint64_t, page> pages_;
};

class guest_machine : public sc_core::sc_module, private protocol::exit_bw_if, private protocol::blocking_initiator {
 public:
  /// What an access came to.
  struct outcome {
    paging::fault fault;       ///< the guest's, where it got one
    paging::gpa at;            ///< where the native machine sent it
    std::uint64_t loaded = 0;  ///< a load's qword
    unsigned exits = 0;
    bool emulated = false;
  };

  test_memory memory{"memory"};
  protocol::protocol_monitor memory_monitor{"memory_monitor"};
  protocol::protocol_monitor guest_memory_monitor{"guest_memory_monitor"};
  fake_cpu cpu{"cpu"};
  vmm::vmm monitor;
  native_memory native;
  paging::paging_registers registers;  ///< as the guest sees them
  worst_tlb tlb;
  std::vector<protocol::exit_reason> exits;

  guest_machine(const sc_core::sc_module_name& name, const vmm::vmm_config& config)
      : sc_module(name), monitor("vmm", config) {
    monitor.memory.bind(memory_monitor.initiator_side);
    memory_monitor.target_side.bind(memory.socket);
    guest_memory_monitor.target_side.bind(monitor.guest_memory);
    monitor.cpu.bind(cpu.host_instructions);
    exit_.bind(static_cast<protocol::exit_bw_if&>(*this));
    exit_.bind(monitor.exit);
    guest_.bind(static_cast<protocol::memory_backward&>(*this));
    guest_.bind(guest_memory_monitor.initiator_side);
    cpu.flushed = [this](const flush& f) { tlb.take(f); };
  }

  /// Elaborates and lets the VMM start.
  void start() {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    exit_->start(time);
    cpu.enter();
  }
  /// Reads and writes guest memory as a boot loader does; written in both machines.
  table_memory image() {
    return {[this](std::uint64_t at) { return native.read(at); },
            [this](std::uint64_t at, std::uint64_t value) {
              native.write(at, value);
              guest_->transport_dbg(payload_.write(at, &value, 8));
            }};
  }
  std::uint64_t guest_qword(std::uint64_t at) {
    std::uint64_t value = 0;
    guest_->transport_dbg(payload_.read(at, &value, 8));
    return value;
  }
  /// The first page whose bytes differ between the two machines, if any.
  std::optional<std::uint64_t> first_difference() {
    for (const auto& [number, page] : native.pages()) {
      std::array<unsigned char, 4096> ours{};
      guest_->transport_dbg(payload_.read(number * 4096, ours.data(), 4096));
      if (ours != page) return number * 4096;
    }
    return std::nullopt;
  }

  /// MOV to CR or WRMSR. Whether it was performed; false: #GP(0).
  bool write_register(protocol::control_register which, std::uint64_t value);
  /// The registers of a 64-bit guest with its top table at `root`, in the order in which a kernel writes them.
  void enter_long_mode(std::uint64_t root, std::uint64_t cr4_more = 0, unsigned levels = 4);
  void invlpg(paging::gva at);
  void invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva at);

  outcome load(std::uint64_t at, paging::access_mode mode = paging::access_mode::supervisor) {
    return access(paging::gva(at), {paging::access_type::read, mode}, nullptr, 8);
  }
  outcome fetch(std::uint64_t at, paging::access_mode mode = paging::access_mode::supervisor) {
    return access(paging::gva(at), {paging::access_type::fetch, mode}, nullptr, 8);
  }
  outcome store(std::uint64_t at, std::uint64_t value, paging::access_mode mode = paging::access_mode::supervisor,
                unsigned size = 8) {
    std::array<unsigned char, 64> bytes{};
    for (unsigned i = 0; i < size; i += 8) std::memcpy(&bytes[i], &value, size < 8 ? size : 8);
    return access(paging::gva(at), {paging::access_type::write, mode}, bytes.data(), size);
  }
  /// A store of a qword that crosses a page, translated page by page before a byte is written.
  outcome store_across(std::uint64_t at, std::uint64_t value, paging::access_mode mode);
  /// Performs the access on both machines; a difference fails the test.
  outcome access(paging::gva at, paging::access a, const unsigned char* stored, unsigned size);

  protocol::exit_action raise(protocol::vm_exit& exit);
  std::uint64_t count(const char* path) {
    if (!statistics_) monitor.describe(*(statistics_ = std::make_unique<statistics::group>()));
    return static_cast<std::uint64_t>(statistics_->value(path));
  }
  std::uint16_t tag() const { return cpu.written.translation.vpid; }
  sc_core::sc_time time;

 private:
  struct host_tables;
  std::optional<paging::hpa> translate(paging::gva at, const paging::access& a, paging::fault& fault);
  paging::fault store_bytes(paging::gva at, const paging::access& a, const unsigned char* bytes);
  paging::fault walk_shadow(paging::gva at, const paging::access& a, worst_tlb::mapping& page);
  bool write_exits(protocol::control_register which, std::uint64_t value) const;
  void write_directly(protocol::control_register which, std::uint64_t value);

  protocol::exit_initiator_socket exit_{"exit"};
  protocol::memory_initiator_socket guest_{"guest"};
  protocol::owned_payload payload_;
  std::unique_ptr<statistics::group> statistics_;
};

}  // namespace nestwalk::test
