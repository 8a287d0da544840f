// An mmu between a core that does what a test says and a memory, every socket watched.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/access_meter.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/protocol_monitor.h"
#include "support/test_memory.h"
#include "support/two_stage_tables.h"

namespace nestwalk::test {

using mmu::side;
using paging::access_mode;
using paging::fault_kind;
using protocol::control_register;

/// Sends single accesses, and remembers which DMI ranges were taken back.
class test_core : public sc_core::sc_module, private protocol::control_bw_if {
 public:
  struct port : protocol::blocking_initiator {
    explicit port(const char* name) : socket(name) { socket.bind(*this); }
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
      taken_back.emplace_back(first, last);
    }
    protocol::memory_initiator_socket socket;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_back;
  };

  port fetch{"fetch"};
  port data{"data"};
  protocol::control_initiator_socket control{"control"};
  sc_core::sc_time delay;  ///< of the last call
  paging::fault fault;     ///< of the last access
  protocol::memory_level served_by = protocol::memory_level::none;

  explicit test_core(const sc_core::sc_module_name& name) : sc_module(name) { control.bind(*this); }

  port& on(side s) { return s == side::fetch ? fetch : data; }

  bool read(std::uint64_t at, void* bytes, unsigned length, access_mode mode = access_mode::user, side s = side::data,
            bool modify = false) {
    payload_.access().modify = modify;
    return send(payload_.read(at, bytes, length), mode, s);
  }
  bool write(std::uint64_t at, const void* bytes, unsigned length, access_mode mode = access_mode::user) {
    payload_.access().modify = false;
    return send(payload_.write(at, bytes, length), mode, side::data);
  }
  /// Whether 8 bytes can be read, written or fetched.
  bool load(std::uint64_t at, access_mode mode = access_mode::user) { return read(at, &value, 8, mode); }
  bool store(std::uint64_t at, std::uint64_t v, access_mode mode = access_mode::user) { return write(at, &v, 8, mode); }
  bool run(std::uint64_t at, access_mode mode = access_mode::user) { return read(at, &value, 8, mode, side::fetch); }

  unsigned debug_read(std::uint64_t at, void* bytes, unsigned length) {
    return data.socket->transport_dbg(payload_.read(at, bytes, length));
  }
  unsigned debug_write(std::uint64_t at, const void* bytes, unsigned length) {
    return data.socket->transport_dbg(payload_.write(at, bytes, length));
  }
  bool dmi(std::uint64_t at, bool write, tlm::tlm_dmi& grant, access_mode mode = access_mode::user, bool keyed = false,
           side s = side::data) {
    auto& p = write ? payload_.write(at, &value, 8) : payload_.read(at, &value, 8);
    payload_.access().mode = mode;
    payload_.access().modify = false;
    payload_.access().keys_grants_by_context = keyed;
    return on(s).socket->get_direct_mem_ptr(p, grant);
  }

  /// As a read, where the accesses through the grant are to be metered.
  bool metered_dmi(std::uint64_t at, tlm::tlm_dmi& grant) {
    auto& p = payload_.read(at, &value, 8);
    protocol::meter_extension metered;
    p.set_extension(&metered);
    const bool granted = data.socket->get_direct_mem_ptr(p, grant);
    p.clear_extension(&metered);
    return granted;
  }

  bool write_register(control_register which, std::uint64_t v) {
    sc_core::sc_time spent;
    const bool done = control->write_register(which, v, spent);
    delay = spent;
    return done;
  }
  std::uint64_t read_register(control_register which) const { return control->read_register(which); }
  void invlpg(std::uint64_t at) { control->invlpg(paging::gva(at), delay); }

  std::uint64_t value = 0;

 private:
  bool send(tlm::tlm_generic_payload& p, access_mode mode, side s) {
    payload_.access().mode = mode;
    payload_.access().fault = paging::fault{};
    sc_core::sc_time spent;
    on(s).socket->b_transport(p, spent);
    delay = spent;
    fault = payload_.access().fault;
    served_by = payload_.access().served_by;
    return payload_.ok();
  }

  protocol::owned_payload payload_;
};

/// Small TLBs of all page sizes, no walk caches.
inline mmu::mmu_config small_mmu() {
  namespace pages = tlb::pages;
  mmu::mmu_config c;
  const unsigned all = pages::of_4k | pages::of_2m | pages::of_4m | pages::of_1g;
  c.l1i_tlb.base = {8, 4, all};
  c.l1d_tlb.base = {8, 4, all};
  c.l2_tlb.base = {64, 4, all};
  c.nested_tlb.base = {32, 4, all};
  return c;
}
inline mmu::mmu_config mmu_without_tlbs() {
  mmu::mmu_config c;
  c.l1i_tlb.base.entries = 0;
  c.l1d_tlb.base.entries = 0;
  c.l2_tlb.base.entries = 0;
  c.nested_tlb.base.entries = 0;
  return c;
}
inline two_stage_tables::config native() {
  two_stage_tables::config c;
  c.nested = false;
  return c;
}

struct mmu_machine {
  test_memory memory{"memory"};
  two_stage_tables tables;
  test_core core{"core"};
  protocol::protocol_monitor fetch_in{"fetch_in"}, data_in{"data_in"}, fetch_out{"fetch_out"}, data_out{"data_out"},
      guest_out{"guest_out"};
  std::unique_ptr<protocol::protocol_monitor> nested_out;
  mmu::mmu mmu;

  explicit mmu_machine(const two_stage_tables::config& t = {}, const mmu::mmu_config& c = small_mmu())
      : tables(tables_in(memory), t), mmu("mmu", c) {
    core.fetch.socket.bind(fetch_in.initiator_side);
    core.data.socket.bind(data_in.initiator_side);
    fetch_in.target_side.bind(mmu.fetch);
    data_in.target_side.bind(mmu.data);
    core.control.bind(mmu.control);
    mmu.fetch_memory.bind(fetch_out.initiator_side);
    mmu.data_memory.bind(data_out.initiator_side);
    mmu.guest_table_memory.bind(guest_out.initiator_side);
    for (auto* m : {&fetch_out, &data_out, &guest_out}) m->target_side.bind(memory.socket);
    if (c.nested) {
      nested_out = std::make_unique<protocol::protocol_monitor>("nested_out");
      mmu.nested_table_memory.bind(nested_out->initiator_side);
      nested_out->target_side.bind(memory.socket);
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    enter(tables.controls());
    boot(tables.guest_registers());
  }

  void enter(const protocol::translation_controls& controls, paging::tlb_control flush = paging::tlb_control::nothing) {
    sc_core::sc_time spent;
    core.control->load_controls(controls, spent);
    core.control->vm_entry(flush, spent);
  }
  /// Writes the registers in the order in which a kernel would.
  void boot(const paging::paging_registers& r) {
    core.write_register(control_register::cr4, r.cr4);
    core.write_register(control_register::efer, r.efer);
    core.write_register(control_register::cr3, r.cr3);
    core.write_register(control_register::cr0, r.cr0);
  }
  /// Where the byte of a guest-physical address lies in memory.
  std::uint64_t hpa(std::uint64_t gpa) const { return tables.hpa_of(gpa); }
  std::uint64_t walks() { return mmu.parts().first_stage_walker->counts().walks; }
  /// Whether a user's load of `at` is answered without a walk.
  bool hits(std::uint64_t at, access_mode mode = access_mode::user) {
    const std::uint64_t before = walks();
    return core.load(at, mode) && walks() == before;
  }
};

}  // namespace nestwalk::test
