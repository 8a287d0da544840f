#include "mmu/mmu.h"

#include "paging/register_flush.h"
#include "paging/stage_rules.h"
#include "protocol/error.h"

namespace nestwalk::mmu {

using paging::fault;
using paging::fault_kind;
using paging::gpa;
using paging::gva;

mmu::mmu(const sc_core::sc_module_name& name, const mmu_config& c)
    : sc_module(name),
      register_write_time_(c.cycle * c.register_write_cycles),
      invalidation_time_(c.cycle * c.invalidation_cycles),
      registers_(c.machine, [this](gpa at, auto& pdptes) { return read_pdptes(at, pdptes); }),
      grants_([this](side on, std::uint64_t first, std::uint64_t last) { revoke(on, first, last); }),
      fetch_port_(surroundings_of(side::fetch, fetch_memory)),
      data_port_(surroundings_of(side::data, data_memory)),
      stack_(c, {walks, guest_table_memory, nested_table_memory}) {
  fetch.bind(static_cast<protocol::memory_forward&>(fetch_port_));
  data.bind(static_cast<protocol::memory_forward&>(data_port_));
  control.bind(*this);
  stack_.bind_fetch(fetch_port_.translations);
  stack_.bind_data(data_port_.translations);
  second_stage_.bind(static_cast<protocol::translation_bw_if<gpa>&>(*this));
  stack_.bind_second_stage(second_stage_);
  fetch_port_.look_up_in(stack_.l1i_tlb.get());
  data_port_.look_up_in(stack_.l1d_tlb.get());
}

access_port::surroundings mmu::surroundings_of(side which, protocol::memory_initiator_socket& memory) {
  const auto faulted = [this](const fault& f, gva at, sc_core::sc_time& delay) { drop_after(f, at, delay); };
  return {which,   registers_, grants_,
          faulted, memory,     which == side::fetch ? "fetch_translations" : "data_translations"};
}

void mmu::end_of_elaboration() {
  fetch_port_.elaborated();
  data_port_.elaborated();
}

bool mmu::write_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) {
  using protocol::control_register;
  const bool is_cr3 = which == control_register::cr3;
  if (is_cr3 || which == control_register::cr0 || which == control_register::cr4 || which == control_register::efer)
    delay += register_write_time_;
  const std::uint64_t space = registers_.space();
  pdpte_delay_ = &delay;
  const register_file::outcome written = registers_.write(which, value);
  refused_ = written.refused;
  if (refused_) {
    ++counts_.refused_writes;
    return false;
  }
  if (is_cr3) ++(written.owed ? counts_.cr3_loads : counts_.cr3_loads_without_flush);
  if (written.owed && !is_cr3) ++counts_.register_flushes;
  if (written.owed) apply(*written.owed, delay);
  context_changed(space);
  return true;
}

void mmu::load_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) {
  const std::uint64_t space = registers_.space();
  pdpte_delay_ = &delay;
  const register_file::outcome loaded = registers_.load(which, value);
  if (loaded.refused) throw input_error("VM entry refuses the guest's registers: CR3 leads to no valid PDPTEs");
  if (loaded.owed) apply(*loaded.owed, delay);
  context_changed(space);
}

void mmu::invlpg(gva address, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  ++counts_.invlpg;
  const gva linear(address.value & registers_.linear_mask());
  if (paging::stage_rules<gva>::admits(context().guest, linear)) apply(paging::invlpg(linear, context().tags), delay);
}

bool mmu::invpcid(paging::invpcid_type type, std::uint16_t pcid, gva address, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  if (paging::refuses_invpcid(registers_.registers(), context().guest, type, pcid, address)) return false;
  ++counts_.invpcid;
  apply(paging::invpcid(type, pcid, address, context().tags), delay);
  return true;
}

void mmu::invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  ++counts_.invept;
  apply(paging::invept(type, eptp), delay);
}

void mmu::invvpid(paging::invvpid_type type, std::uint16_t vpid, gva address, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  ++counts_.invvpid;
  apply(paging::invvpid(type, vpid, address), delay);
}

void mmu::invlpga(gva address, std::uint16_t asid, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  ++counts_.invlpga;
  apply(paging::invlpga(address, asid), delay);
}

void mmu::load_controls(const protocol::translation_controls& controls, sc_core::sc_time&) {
  if (controls.nested_paging && stack_.guest_walker && !stack_.nested_walker)
    throw input_error(std::string(name()) + ": nested paging is on, but no second stage is built (mmu.nested is off)");
  registers_.load_controls(controls);
}

void mmu::vm_entry(paging::tlb_control control, sc_core::sc_time& delay) {
  ++counts_.vm_entries;
  const std::uint64_t space = registers_.space();
  registers_.enter();
  if (!registers_.controls().vpid_on) {
    ++counts_.transition_flushes;
    apply(paging::vm_transition_without_vpid(), delay);
  }
  if (control != paging::tlb_control::nothing) {
    ++counts_.transition_flushes;
    apply(paging::vmrun(control, context().tags.vpid), delay);
  }
  context_changed(space);
}

void mmu::vm_exit(sc_core::sc_time& delay) {
  ++counts_.vm_exits;
  if (registers_.controls().vpid_on) return;
  ++counts_.transition_flushes;
  apply(paging::vm_transition_without_vpid(), delay);
}

// Both L1 TLBs drop; one of them passes down for both.
void mmu::apply(const selector& s, sc_core::sc_time& delay) {
  if (stack_.l1i_tlb) stack_.l1i_tlb->drop(s);
  data_port_.translations->invalidate(s, delay);
  if (!grants_.empty()) grants_.take_back(s);
}

void mmu::drop_after(const fault& f, gva at, sc_core::sc_time& delay) {
  const paging::translation_tags& now = context().tags;
  if (f.kind == fault_kind::page_fault) {
    ++counts_.fault_drops;
    apply(paging::page_fault(at, now), delay);
  } else if (f.kind == fault_kind::ept_violation || f.kind == fault_kind::nested_page_fault) {
    ++counts_.fault_drops;
    apply(paging::ept_violation_guest_physical(f.guest_physical, now), delay);
    apply(paging::ept_violation_combined(at, now), delay);
  }
}

void mmu::context_changed(std::uint64_t space_before) {
  if (!grants_.any_unkeyed()) return;
  if (registers_.space() != space_before)
    grants_.leave_space();
  else
    grants_.judge(context().guest);
}

void mmu::revoke(side on, std::uint64_t first, std::uint64_t last) {
  protocol::invalidate_all(on == side::fetch ? fetch : data, first, last);
}

// The PDPTEs are read as data through the second stage, at no linear address (SDM vol. 3, 4.4.1 and 28.3.3.2).
fault mmu::read_pdptes(gpa at, std::array<std::uint64_t, 4>& pdptes) {
  sc_core::sc_time& delay = *pdpte_delay_;
  paging::hpa from(at.value);
  if (context().nested_on) {
    if (second_stage_.size() == 0) throw input_error(std::string(name()) + ": PAE paging under an external walker");
    protocol::translation<gpa> t;
    t.address = at;
    t.question.linear_valid = false;
    t.context = &context();
    if (!second_stage_->translate(t, delay)) {
      if (t.fault.kind != fault_kind::memory_error && t.fault.kind != fault_kind::page_modification_log_full)
        apply(paging::ept_violation_guest_physical(at, context().tags), delay);
      return t.fault;
    }
    from = t.output();
  }
  if (guest_table_memory.size() == 0) throw input_error(std::string(name()) + ": PAE paging under an external walker");
  guest_table_memory->b_transport(pdpte_read_.read(from.value, pdptes.data(), sizeof pdptes), delay);
  fault failed;
  if (pdpte_read_.ok()) return failed;
  failed.kind = fault_kind::memory_error;
  failed.level = 3;
  failed.entry = from;
  return failed;
}

double mmu::translation_time() const {
  const auto of = [](const access_counters& c, const tlb::tlb<gva>* first) {
    const auto step = first != nullptr ? first->latency().value() : 0;
    return c.miss_time + (c.accesses + c.further_pages) * step;
  };
  const statistics::counter steps =
      of(fetch_port_.counts(), stack_.l1i_tlb.get()) + of(data_port_.counts(), stack_.l1d_tlb.get());
  return static_cast<double>(steps) * sc_core::sc_get_time_resolution().to_seconds() * 1e12;
}

void mmu::describe(statistics::group& into) {
  into.add("translation_time", "ps", "Time that translation added to accesses.", [this] { return translation_time(); });
  fetch_port_.describe(into.child("fetch"));
  data_port_.describe(into.child("data"));
  counts_.describe(into.child("control"));
  stack_.describe(into);
}

}  // namespace nestwalk::mmu
