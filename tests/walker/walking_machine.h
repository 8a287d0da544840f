// Two walkers over one memory, and who asks them: the machine of the walkers' tests.
#pragma once

#include <cstdint>
#include <memory>

#include <systemc>
#include <tlm>

#include "nestwalk/tlb/tlb.h"
#include "nestwalk/walker/guest_walker.h"
#include "nestwalk/walker/nested_walker.h"
#include "support/test_memory.h"
#include "support/two_stage_tables.h"

namespace nestwalk::test {

/// Asks translations, and counts what is withdrawn.
template <class In>
class asker : public sc_core::sc_module, private protocol::translation_bw_if<In> {
 public:
  protocol::translation_initiator_socket<In> socket{"socket"};
  unsigned withdrawals = 0;

  explicit asker(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  void withdrawn(const paging::selector&) override { ++withdrawals; }
};

/// What one translation came to.
struct asked {
  bool mapped = false;
  protocol::translation<paging::gva> answer;
  sc_core::sc_time took;
  std::uint64_t reads = 0;  ///< at the memory socket; exchanges and writes apart
};

struct machine_config {
  two_stage_tables::config tables;
  walker::walker_config guest;
  walker::walker_config nested;
  bool nested_tlb = false;  ///< of 64 pages of 4 KBytes, between the walkers
};

/// Without DMI unless a test switches it on: every read is counted at the memory socket.
class walking_machine : public sc_core::sc_module {
 public:
  explicit walking_machine(const machine_config& c = plain(), const sc_core::sc_module_name& name = "machine")
      : sc_module(name),
        tables(tables_in(memory), c.tables),
        guest("guest_walker", c.guest),
        nested("nested_walker", c.nested) {
    cpu.socket.bind(guest.requests);
    vmm.socket.bind(nested.requests);
    if (c.nested_tlb) {
      nested_tlb = std::make_unique<tlb::tlb<paging::gpa>>("nested_tlb", tlb::tlb_config{});
      guest.second_stage.bind(nested_tlb->requests);
      nested_tlb->next_level.bind(nested.requests);
    } else {
      guest.second_stage.bind(nested.requests);
    }
    guest.memory.bind(memory.socket);
    nested.memory.bind(memory.socket);
  }

  static machine_config plain() {
    machine_config c;
    c.guest.use_dmi = c.nested.use_dmi = false;
    return c;
  }

  test_memory memory{"memory"};
  two_stage_tables tables;
  walker::guest_walker guest;
  walker::nested_walker nested;
  std::unique_ptr<tlb::tlb<paging::gpa>> nested_tlb;
  asker<paging::gva> cpu{"cpu"};
  asker<paging::gpa> vmm{"vmm"};

  /// Translates `gva` for a user-mode access of the type.
  asked translate(std::uint64_t gva, paging::access_type type = paging::access_type::read, bool uncached = false) {
    return translate(tables.domain(), gva, type, uncached);
  }
  asked translate(const paging::domain& c, std::uint64_t gva, paging::access_type type = paging::access_type::read,
                  bool uncached = false) {
    elaborate();
    asked a;
    a.answer = question(c, gva, type);
    a.answer.uncached = uncached;
    const std::uint64_t before = reads();
    a.mapped = cpu.socket->translate(a.answer, a.took);
    a.answer.domain = nullptr;
    a.reads = reads() - before;
    return a;
  }
  /// As `translate`, from the tables without effect.
  asked look(std::uint64_t gva, paging::access_type type = paging::access_type::read) {
    elaborate();
    const paging::domain c = tables.domain();
    asked a;
    a.answer = question(c, gva, type);
    a.mapped = cpu.socket->look(a.answer);
    a.answer.domain = nullptr;
    return a;
  }
  void invalidate(const paging::selector& s) {
    elaborate();
    sc_core::sc_time delay;
    cpu.socket->invalidate(s, delay);
  }
  /// Memory reads so far.
  std::uint64_t reads() {
    std::uint64_t writes = 0;
    for (const test_memory::transfer& t : memory.transfers) writes += t.command == tlm::TLM_WRITE_COMMAND ? 1 : 0;
    return memory.calls - memory.exchanges - writes;
  }

  /// Ends elaboration, once a process; modules may be added and bound before.
  void elaborate() {
    memory.keeps_transfers = true;
    if (!sc_core::sc_start_of_simulation_invoked()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

 private:
  static protocol::translation<paging::gva> question(const paging::domain& c, std::uint64_t gva,
                                                     paging::access_type type) {
    protocol::translation<paging::gva> t;
    t.address = paging::gva(gva);
    t.question = {type, paging::access_mode::user};
    t.domain = &c;
    return t;
  }
};

/// A page of each test: 4K mapped at both stages, its tables read by 24 reads.
inline constexpr std::uint64_t page_gva = 0x7f12'3456'7000;
inline constexpr std::uint64_t page_gpa = 0x1'2345'6000;

}  // namespace nestwalk::test
