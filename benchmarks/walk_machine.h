// The machine of the walk benchmarks: two walkers, no cache of any kind, over a memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "bare_walk.h"
#include "flat_memory.h"
#include "nestwalk/memory/bus.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/tlb/tlb.h"
#include "nestwalk/walker/guest_walker.h"
#include "nestwalk/walker/nested_walker.h"
#include "support/two_stage_tables.h"

namespace nestwalk::bench {

/// How a machine's walkers read tables.
enum class table_reads {
  by_dmi,          ///< in a memory of one latency, by DMI with that
  by_metered_dmi,  ///< in a DRAM, by DMI that reserves its banks
  by_transport,    ///< in a DRAM, through a bus
};

/// 16384 pages of 4 KBytes in both stages, all flags set.
class walk_machine : public sc_core::sc_module, private protocol::translation_bw_if<paging::gva> {
 public:
  static constexpr unsigned pages = 16384;

  walk_machine(const sc_core::sc_module_name& name, table_reads how)
      : sc_module(name), guest_("guest_walker", config(how)), nested_("nested_walker", config(how)) {
    cpu_.bind(static_cast<protocol::translation_bw_if<paging::gva>&>(*this));
    cpu_.bind(guest_.requests);
    hitting_.bind(static_cast<protocol::translation_bw_if<paging::gva>&>(*this));
    hitting_.bind(tlb_.requests);
    tlb_.next_level.bind(guest_.requests);
    guest_.second_stage.bind(nested_.requests);
    build_tables(build_memory(how));
  }

  /// The page of the `i`-th access; they come in an order that no prefetcher knows.
  std::uint64_t page(std::uint64_t i) const { return order_[i % pages]; }

  /// Translates a user-mode read by 24 reads of tables.
  std::uint64_t translate(std::uint64_t gva) {
    question_.address = paging::gva(gva);
    if (!cpu_->translate(question_, local_)) throw std::logic_error("a mapped page faulted");
    return question_.output().value;
  }

  /// Translates that read through a TLB of 64 pages in front of the walkers.
  std::uint64_t translate_by_tlb(std::uint64_t gva) {
    question_.address = paging::gva(gva);
    if (!hitting_->translate(question_, local_)) throw std::logic_error("a mapped page faulted");
    return question_.output().value;
  }

  const bare_tables& bare() const { return bare_; }
  sc_core::sc_time time() const { return local_; }
  std::uint64_t reads() const { return guest_.counts().reads() + nested_.counts().reads(); }
  std::uint64_t walks() const { return guest_.counts().walks; }

 private:
  static constexpr std::uint64_t first_page = 0x7f00'0000'0000;
  static constexpr std::uint64_t first_gpa = 0x1'0000'0000;

  static walker::walker_config config(table_reads how) {
    walker::walker_config c;
    c.use_dmi = how != table_reads::by_transport;
    return c;
  }

  memory::sparse_store& build_memory(table_reads how) {
    if (how == table_reads::by_dmi) {
      flat_ = std::make_unique<flat_memory>("flat_memory");
      bind_walkers(flat_->cpu_side);
      return flat_->store();
    }
    dram_ = std::make_unique<memory::dram>("dram", memory::dram_config{});
    if (how == table_reads::by_transport) {
      bus_ = std::make_unique<memory::bus>("bus", memory::bus_config{});
      bus_->memory_side[0].bind(dram_->cpu_side);
      bind_walkers(bus_->cpu_side);
    } else {
      bind_walkers(dram_->cpu_side);
    }
    return dram_->store();
  }
  void bind_walkers(protocol::memory_target_socket& to) {
    guest_.memory.bind(to);
    nested_.memory.bind(to);
  }

  void withdrawn(const paging::selector&) override {}

  void build_tables(memory::sparse_store& store) {
    const test::table_memory access{
        [&store](std::uint64_t at) {
          std::uint64_t value;
          std::memcpy(&value, store.at(at), sizeof value);
          return value;
        },
        [&store](std::uint64_t at, std::uint64_t value) { std::memcpy(store.at(at), &value, sizeof value); }};
    test::two_stage_tables::config c;
    c.backing = std::uint64_t{8} << 30;
    test::two_stage_tables tables(access, c);
    for (std::uint64_t i = 0; i < pages; ++i) {
      const std::uint64_t mixed = i * 0x9e37 % pages;  // an odd factor: each page once
      tables.map(first_page + (i << 12), first_gpa + (mixed << 12));
      order_.push_back(first_page + ((i * 0x6a09 + 0x3c6e) % pages << 12));
    }
    domain_ = tables.domain();
    question_.domain = &domain_;
    question_.question = {paging::access_type::read, paging::access_mode::user};
    const std::uint64_t guest_root = tables.guest.root();
    const std::uint64_t guest_chunk = tables.hpa_of(guest_root);
    bare_ = {store.at(guest_chunk) - guest_chunk, store.at(tables.nested.root()) - tables.nested.root(), guest_root,
             tables.nested.root()};
  }

  // As far as the machine has them.
  std::unique_ptr<flat_memory> flat_;
  std::unique_ptr<memory::dram> dram_;
  std::unique_ptr<memory::bus> bus_;
  walker::guest_walker guest_;
  walker::nested_walker nested_;
  tlb::tlb<paging::gva> tlb_{"tlb", tlb::tlb_config{}};
  protocol::translation_initiator_socket<paging::gva> cpu_{"cpu"};
  protocol::translation_initiator_socket<paging::gva> hitting_{"hitting"};
  paging::domain domain_;
  protocol::translation<paging::gva> question_;
  bare_tables bare_{};
  std::vector<std::uint64_t> order_;
  sc_core::sc_time local_;
};

}  // namespace nestwalk::bench
