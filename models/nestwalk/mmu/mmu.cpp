#include "nestwalk/mmu/mmu.h"

#include "nestwalk/paging/invalidation_check.h"
#include "nestwalk/paging/register_flush.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::mmu {

using paging::fault;
using paging::fault_kind;
using paging::gpa;
using paging::gva;

mmu::mmu(const sc_core::sc_module_name& name, const mmu_config& c)
    : sc_module(name),
      register_write_time_(c.cycle * c.register_write_cycles),
      invalidation_time_(c.cycle * c.invalidation_cycles),
      registers_(c.processor),
      grants_([this](unsigned port, std::uint64_t first, std::uint64_t last) { revoke(port, first, last); }),
      fetch_front_(side::fetch, "fetch_translations", registers_, grants_, dropping(), telling()),
      data_front_(side::data, "data_translations", registers_, grants_, dropping(), telling()),
      fetch_port_(fetch_front_, grants_, static_cast<unsigned>(side::fetch), fetch_memory),
      data_port_(data_front_, grants_, static_cast<unsigned>(side::data), data_memory),
      stack_(plan_of(c)) {
  fetch_memory.bind(static_cast<protocol::memory_backward&>(fetch_port_));
  fetch.bind(static_cast<protocol::memory_forward&>(fetch_port_));
  data.bind(static_cast<protocol::memory_forward&>(data_port_));
  control.bind(*this);
  close_unused_sockets();
  stack_.let_in(fetch_front_.translations(), static_cast<unsigned>(side::fetch));
  stack_.let_in(data_front_.translations(), static_cast<unsigned>(side::data));
  if (stack_.second_stage_walker) stack_.let_in(pdptes_.emplace("second_stage", grants_));
}

translation::stack_plan mmu::plan_of(const mmu_config& c) {
  using tlb_part = translation::stack_plan::tlb_part;
  using walker_part = translation::stack_plan::walker_part;
  translation::stack_plan plan;
  plan.first = {{"l1i_tlb", c.l1i_tlb}, {"l1d_tlb", c.l1d_tlb}};
  plan.shared = tlb_part{"l2_tlb", c.l2_tlb};
  if (c.walker == walker_choice::external) {
    plan.external_walker = &external_walker;
    return plan;
  }
  plan.first_stage = walker_part{"guest_walker", c.guest_walker, &guest_table_memory};
  if (!c.nested) return plan;
  plan.second_tlb = tlb_part{"nested_tlb", c.nested_tlb};
  plan.second_stage = walker_part{"nested_walker", c.nested_walker, &nested_table_memory};
  return plan;
}

void mmu::close_unused_sockets() {
  auto& no_memory = static_cast<protocol::memory_backward&>(nobody_);
  if (stack_.first_stage_walker)
    external_walker.bind(static_cast<protocol::translation_bw_if<gva>&>(nobody_));
  else
    guest_table_memory.bind(no_memory);
  if (!stack_.second_stage_walker) nested_table_memory.bind(no_memory);
}

processor_front::fault_handler mmu::dropping() {
  return [this](const fault& f, gva at, const paging::translation_tags& tags, sc_core::sc_time& delay) {
    drop_after(f, at, tags, delay);
  };
}

processor_front::fault_listener mmu::telling() {
  return [this](const fault_report& report) { faults.write(report); };
}

void mmu::ask_platform(const who_asks& hook) {
  fetch_front_.ask_platform(hook);
  data_front_.ask_platform(hook);
}

void mmu::before_end_of_elaboration() {
  for (protocol::memory_initiator_socket* const each : {&fetch_memory, &guest_table_memory, &nested_table_memory})
    way_.serve(*each);
}

void mmu::end_of_elaboration() {
  fetch_port_.elaborated();
  data_port_.elaborated();
  elaborated_ = true;
}

bool mmu::write_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) {
  using protocol::control_register;
  const bool is_cr3 = which == control_register::cr3;
  if (is_cr3 || which == control_register::cr0 || which == control_register::cr4 || which == control_register::efer)
    delay += register_write_time_;
  const std::uint64_t space = registers_.space();
  const register_file::outcome written = registers_.write(which, value, reading_pdptes(delay));
  refused_ = written.refused;
  if (refused_) {
    ++counts_.refused_writes;
    return false;
  }
  if (is_cr3) ++(written.flush ? counts_.cr3_loads : counts_.cr3_loads_without_flush);
  if (written.flush && !is_cr3) ++counts_.register_flushes;
  if (written.flush) apply(*written.flush, delay);
  context_changed(space);
  return true;
}

void mmu::load_guest_register(protocol::control_register which, std::uint64_t value, sc_core::sc_time& delay) {
  const std::uint64_t space = registers_.space();
  if (const auto flush = registers_.load(which, value)) apply(*flush, delay);
  context_changed(space);
}

void mmu::invlpg(gva address, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  ++counts_.invlpg;
  const gva linear(address.value & registers_.linear_mask());
  if (!paging::ignores_invlpg(linear, registers_.processor())) apply(paging::invlpg(linear, domain().tags), delay);
}

bool mmu::invpcid(paging::invpcid_type type, std::uint16_t pcid, gva address, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  if (paging::refuses_invpcid(registers_.registers(), registers_.processor(), type, pcid, address)) return false;
  ++counts_.invpcid;
  apply(paging::invpcid(type, pcid, address, domain().tags), delay);
  return true;
}

bool mmu::invept(paging::invept_type type, std::uint64_t eptp, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  if (paging::refuses_invept(type, eptp, registers_.processor())) return false;
  ++counts_.invept;
  apply(paging::invept(type, eptp), delay);
  return true;
}

bool mmu::invvpid(paging::invvpid_type type, std::uint16_t vpid, gva address, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  if (paging::refuses_invvpid(type, vpid, address, registers_.processor())) return false;
  ++counts_.invvpid;
  apply(paging::invvpid(type, vpid, address), delay);
  return true;
}

void mmu::invlpga(gva address, std::uint16_t asid, sc_core::sc_time& delay) {
  delay += invalidation_time_;
  ++counts_.invlpga;
  apply(paging::invlpga(address, asid), delay);
}

void mmu::load_controls(const protocol::translation_controls& controls, sc_core::sc_time&) {
  if (controls.nested_paging && stack_.first_stage_walker && !stack_.second_stage_walker)
    throw input_error(std::string(name()) + ": nested paging is on, but no second stage is built (mmu.nested is off)");
  registers_.load_controls(controls);
}

void mmu::vm_entry(paging::tlb_control control, sc_core::sc_time& delay) {
  ++counts_.vm_entries;
  const std::uint64_t space = registers_.space();
  if (registers_.enter(reading_pdptes(delay)))
    throw input_error("VM entry refuses the guest's registers: CR3 leads to no valid PDPTEs");
  if (!registers_.controls().vpid_on) {
    ++counts_.transition_flushes;
    apply(paging::vm_transition_without_vpid(), delay);
  }
  if (control != paging::tlb_control::nothing) {
    ++counts_.transition_flushes;
    apply(paging::vmrun(control, domain().tags.space), delay);
  }
  context_changed(space);
}

void mmu::vm_exit(sc_core::sc_time& delay) {
  ++counts_.vm_exits;
  if (registers_.controls().vpid_on) return;
  ++counts_.transition_flushes;
  apply(paging::vm_transition_without_vpid(), delay);
}

void mmu::configure(const processor_state& state) {
  sc_core::sc_time no_time;
  load_controls(controls_of(state), no_time);
  const std::uint64_t space = registers_.space();
  registers_.load(state);
  apply(paging::everything(), no_time);
  if (registers_.enter(reading_pdptes(no_time)))
    throw input_error(std::string(name()) + ": CR3 leads to no valid PDPTEs");
  context_changed(space);
}

paging::shared_domain mmu::domain_of(const processor_state& state) const {
  register_file file(registers_.processor());
  file.load_controls(controls_of(state));
  file.load(state);
  file.enter([this](gpa, auto&) -> fault {
    throw input_error(std::string(name()) +
                      ": a domain of PAE paging depends on the PDPTE registers, which only the mmu itself has");
  });
  return file.shared();
}

// Both L1 TLBs drop; one of them passes down for both.
void mmu::apply(const selector& s, sc_core::sc_time& delay) {
  if (!elaborated_) return;  // nothing is cached yet
  if (const auto& l1i = stack_.first_tlbs[static_cast<unsigned>(side::fetch)]) l1i->drop(s);
  data_front_.translations().invalidate(s, delay);
  if (!grants_.empty()) grants_.take_back(s);
}

void mmu::drop_after(const fault& f, gva at, const paging::translation_tags& now, sc_core::sc_time& delay) {
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
    grants_.judge(domain().guest);
}

void mmu::revoke(unsigned port, std::uint64_t first, std::uint64_t last) {
  protocol::invalidate_all(port == static_cast<unsigned>(side::fetch) ? fetch : data, first, last);
}

register_file::pdpte_reader mmu::reading_pdptes(sc_core::sc_time& delay) {
  return [this, &delay](gpa at, auto& pdptes) { return read_pdptes(at, pdptes, delay); };
}

// The PDPTEs are read as data through the second stage, at no linear address (SDM vol. 3, 4.4.1 and 28.3.3.2).
fault mmu::read_pdptes(gpa at, std::array<std::uint64_t, 4>& pdptes, sc_core::sc_time& delay) {
  if (!elaborated_)
    throw input_error(std::string(name()) + ": PAE paging cannot be turned on before the end of elaboration");
  const paging::shared_domain held = registers_.shared();  // memory may wait, and a register be written meanwhile
  paging::hpa from(at.value);
  if (held->nested_on) {
    if (!pdptes_) throw input_error(std::string(name()) + ": PAE paging is not modelled with an external walker");
    protocol::translation<gpa> t;
    t.address = at;
    t.question.linear_valid = false;
    t.domain = &*held;
    if (!pdptes_->translate(t, delay)) {
      if (t.fault.kind != fault_kind::memory_error && t.fault.kind != fault_kind::page_modification_log_full)
        apply(paging::ept_violation_guest_physical(at, held->tags), delay);
      return t.fault;
    }
    from = t.output();
  }
  protocol::owned_payload payload;
  guest_table_memory->b_transport(payload.read(from.value, pdptes.data(), sizeof pdptes), delay);
  if (payload.ok()) return {};
  return paging::memory_error(paging::stage_kind::guest, 3, from);
}

double mmu::translation_time() const {
  const auto of = [this](const translation::access_counters& c, side which) {
    const auto& first = stack_.first_tlbs[static_cast<unsigned>(which)];
    return c.miss_time + (first != nullptr ? first->look_ups() * first->latency().value() : 0);
  };
  const statistics::counter steps = of(fetch_port_.counts(), side::fetch) + of(data_port_.counts(), side::data);
  return static_cast<double>(steps) * sc_core::sc_get_time_resolution().to_seconds() * 1e12;
}

mmu::~mmu() = default;

void mmu::describe(statistics::group& into) {
  into.add("translation_time", "ps", "Time that translation added to accesses.", [this] { return translation_time(); });
  fetch_port_.describe(into.child("fetch"));
  data_port_.describe(into.child("data"));
  counts_.describe(into.child("control"));
  into.describe("l1i_tlb", stack_.first_tlbs[static_cast<unsigned>(side::fetch)]);
  into.describe("l1d_tlb", stack_.first_tlbs[static_cast<unsigned>(side::data)]);
  into.describe("l2_tlb", stack_.shared_tlb);
  into.describe("guest_walker", stack_.first_stage_walker);
  into.describe("nested_tlb", stack_.second_stage_tlb);
  into.describe("nested_walker", stack_.second_stage_walker);
}

}  // namespace nestwalk::mmu
