// An mmu set up by struct between an initiator and a memory that know nothing of it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "mmu_machine.h"
#include "nestwalk/protocol/error.h"
#include "support/foreign_initiator.h"

namespace nestwalk::test {

/// Somebody else's interconnect before the memory: it looks at each payload that passes.
class foreign_path : public sc_core::sc_module,
                     private protocol::blocking_target,
                     private protocol::blocking_initiator {
 public:
  protocol::memory_target_socket socket{"socket"};
  protocol::memory_initiator_socket memory{"memory"};
  bool refuses_exclusive = false;
  std::uint64_t calls = 0;
  std::uint64_t last_address = 0;
  unsigned last_width = 0;
  std::vector<unsigned> marks;  ///< the contexts of the marks that came by
  std::vector<tlm::tlm_gp_option> options;
  std::vector<std::pair<unsigned, unsigned>> debug_pieces;  ///< length and streaming width

  explicit foreign_path(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    memory.bind(*this);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) override {
    ++calls;
    last_address = p.get_address();
    last_width = p.get_streaming_width();
    options.push_back(p.get_gp_option());
    const auto* const mark = p.get_extension<foreign_mark>();
    if (mark != nullptr) marks.push_back(mark->context);
    if (mark != nullptr && mark->exclusive && refuses_exclusive)
      p.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    else
      memory->b_transport(p, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& p, tlm::tlm_dmi& grant) override {
    return memory->get_direct_mem_ptr(p, grant);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& p) override {
    debug_pieces.emplace_back(p.get_data_length(), p.get_streaming_width());
    return memory->transport_dbg(p);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    protocol::invalidate_all(socket, first, last);
  }
};

struct foreign_machine : private tlm::tlm_analysis_if<mmu::fault_report> {
  test_memory memory{"memory"};
  two_stage_tables tables{tables_in(memory), {}};
  foreign_initiator cpu{"cpu"};
  foreign_path below{"below"};
  foreign_initiator fetcher{"fetcher"};
  foreign_initiator other_cpu{"other_cpu"};  ///< shares the data socket with `cpu`
  mmu::mmu mmu{"mmu", small_mmu()};
  test_core control{"control"};
  std::vector<mmu::fault_report> told;

  foreign_machine() {
    cpu.socket.bind(mmu.data);
    fetcher.socket.bind(mmu.fetch);
    other_cpu.socket.bind(mmu.data);
    control.control.bind(mmu.control);
    control.fetch.socket.bind(mmu.fetch);
    control.data.socket.bind(mmu.data);
    mmu.data_memory.bind(below.socket);
    mmu.fetch_memory.bind(memory.socket);
    mmu.guest_table_memory.bind(memory.socket);
    mmu.nested_table_memory.bind(memory.socket);
    below.memory.bind(memory.socket);
    mmu.faults.bind(*this);
    memory.grants_dmi = true;
    mmu.configure(state());
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  mmu::processor_state state() const {
    mmu::processor_state s;
    static_cast<paging::paging_registers&>(s) = tables.guest_registers();
    s.eptp = tables.eptp();
    s.vpid = 1;
    return s;
  }
  std::uint64_t hpa(std::uint64_t gpa) const { return tables.hpa_of(gpa); }

 private:
  void write(const mmu::fault_report& report) override { told.push_back(report); }
};

}  // namespace nestwalk::test
