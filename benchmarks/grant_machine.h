// A two-stage mmu whose initiator keeps DMI grants, for the benchmarks of what they cost.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <systemc>
#include <tlm>

#include "nestwalk/memory/dram.h"
#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/owned_payload.h"
#include "support/two_stage_tables.h"

namespace nestwalk::bench {

/// 131072 pages of 4 KBytes in both stages, all flags set, over a dram.
class grant_machine : public sc_core::sc_module, private protocol::blocking_initiator, private protocol::control_bw_if {
 public:
  static constexpr std::uint64_t pages = 131072;
  static constexpr std::uint64_t first_page = 0x40'0000'0000;

  explicit grant_machine(const sc_core::sc_module_name& name) : sc_module(name) {
    for (auto* socket : {&data_, &fetch_}) socket->bind(static_cast<protocol::memory_backward&>(*this));
    data_.bind(mmu_.data);
    fetch_.bind(mmu_.fetch);
    control_.bind(static_cast<protocol::control_bw_if&>(*this));
    control_.bind(mmu_.control);
    mmu_.data_memory.bind(memory_.cpu_side);
    mmu_.fetch_memory.bind(memory_.cpu_side);
    mmu_.guest_table_memory.bind(memory_.cpu_side);
    mmu_.nested_table_memory.bind(memory_.cpu_side);
    build_tables();
  }

  /// Pages in an order that no prefetcher knows.
  static std::uint64_t page(std::uint64_t i) { return first_page + ((i * 0x9e3779b1 % pages) << 12); }

  void ask(std::uint64_t at, bool keyed) {
    auto& p = payload_.read(at, &value_, 8);
    payload_.access().mode = paging::access_mode::user;
    payload_.access().keys_grants_by_context = keyed;
    tlm::tlm_dmi grant;
    if (!data_->get_direct_mem_ptr(p, grant)) throw std::logic_error("a mapped page was not granted");
  }
  /// An access in that mode; a change of CPL looks through the grants.
  void access(std::uint64_t at, paging::access_mode mode) {
    auto& p = payload_.read(at, &value_, 8);
    payload_.access().mode = mode;
    sc_core::sc_time delay;
    data_->b_transport(p, delay);
  }
  void invlpg(std::uint64_t at) { control_->invlpg(paging::gva(at), spent_ = sc_core::SC_ZERO_TIME); }
  void invept_of_another() {
    control_->invept(paging::invept_type::single_context, eptp_ + 0x100'0000, spent_ = sc_core::SC_ZERO_TIME);
  }
  void write_cr3(std::uint64_t pcid) {
    control_->write_register(protocol::control_register::cr3, root_ | pcid | paging::cr3::no_flush,
                             spent_ = sc_core::SC_ZERO_TIME);
  }
  void take_all_back() {
    sc_core::sc_time spent;
    control_->invept(paging::invept_type::all_context, 0, spent);
  }
  std::uint64_t taken_back() const { return taken_back_; }

 private:
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override { ++taken_back_; }

  void build_tables() {
    memory::sparse_store& store = memory_.store();
    const test::table_memory access{
        [&store](std::uint64_t at) {
          std::uint64_t value;
          std::memcpy(&value, store.at(at), sizeof value);
          return value;
        },
        [&store](std::uint64_t at, std::uint64_t value) { std::memcpy(store.at(at), &value, sizeof value); }};
    test::two_stage_tables::config c;
    c.backing = std::uint64_t{4} << 30;
    test::two_stage_tables tables(access, c);
    for (std::uint64_t i = 0; i < pages; ++i) tables.map(first_page + (i << 12), 0x1'0000'0000 + (i << 12));
    mmu::processor_state s;
    static_cast<paging::paging_registers&>(s) = tables.guest_registers();
    s.cr4 |= paging::cr4::pcide;
    s.eptp = eptp_ = tables.eptp();
    s.vpid = 1;
    root_ = tables.guest.root();
    mmu_.configure(s);
  }

  static memory::dram_config big() {
    memory::dram_config c;
    c.size = std::uint64_t{16} << 30;
    return c;
  }

  protocol::memory_initiator_socket data_{"data"};
  protocol::memory_initiator_socket fetch_{"fetch"};
  protocol::control_initiator_socket control_{"control"};
  mmu::mmu mmu_{"mmu", {}};
  memory::dram memory_{"memory", big()};
  protocol::owned_payload payload_;
  std::uint64_t value_ = 0;
  std::uint64_t root_ = 0;
  std::uint64_t eptp_ = 0;
  std::uint64_t taken_back_ = 0;
  sc_core::sc_time spent_;
};

}  // namespace nestwalk::bench
