#include "nestwalk/mmu/register_file.h"

#include <string>
#include <utility>

#include "nestwalk/paging/register_flush.h"
#include "nestwalk/paging/register_write.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::mmu {

using paging::fault;
using paging::fault_kind;
using paging::paging_registers;
using protocol::control_register;

namespace {

constexpr std::uint64_t page_number_bits = 0x000f'ffff'ffff'f000;

fault general_protection() {
  fault f;
  f.kind = fault_kind::general_protection;
  return f;
}

}  // namespace

register_file::register_file(const paging::capabilities& processor) : processor_(processor) {
  controls_.vpid_on = false;  // until a VMM says otherwise there is none: VPID 0
  loaded_ = controls_;
  adopt(registers_);
}

std::uint64_t register_file::read(control_register which) const {
  switch (which) {
    case control_register::cr0: return registers_.cr0;
    case control_register::cr3: return registers_.cr3;
    case control_register::cr4: return registers_.cr4;
    case control_register::efer: return registers_.efer;
    case control_register::pkru: return registers_.pkru;
    case control_register::pkrs: return registers_.pkrs;
    case control_register::pat: break;
  }
  return registers_.pat;
}

bool register_file::refuses(control_register which, std::uint64_t value) const {
  switch (which) {
    case control_register::cr0: return paging::refuses_cr0(registers_, value);
    case control_register::cr3: return paging::refuses_cr3(registers_, value, processor_);
    case control_register::cr4: return paging::refuses_cr4(registers_, value, processor_);
    case control_register::efer: return paging::refuses_efer(registers_, value);
    case control_register::pkru: return paging::refuses_pkru(value);
    case control_register::pkrs: return paging::refuses_pkrs(value, processor_);
    case control_register::pat: break;
  }
  return paging::refuses_pat(value);
}

paging_registers register_file::with(control_register which, std::uint64_t value) const {
  paging_registers next = registers_;
  switch (which) {
    case control_register::cr0: next.cr0 = value; break;
    case control_register::cr3: next.cr3 = value & ~paging::cr3::no_flush; break;
    case control_register::cr4: next.cr4 = value; break;
    case control_register::efer: next.efer = value; break;
    case control_register::pkru: next.pkru = static_cast<std::uint32_t>(value); break;
    case control_register::pkrs: next.pkrs = static_cast<std::uint32_t>(value); break;
    case control_register::pat: next.pat = value; break;
  }
  next.efer = paging::efer_with_lma(next.efer, next.cr0);
  return next;
}

fault register_file::load_pdptes(const paging_registers& next, const pdpte_reader& read_pdptes,
                                 std::array<std::uint64_t, 4>& pdptes) const {
  const fault failed = read_pdptes(paging::pdptes_at(next), pdptes);
  if (failed) return failed;
  for (const std::uint64_t pdpte : pdptes)
    if (paging::refuses_pdpte(pdpte, processor_)) return general_protection();
  return {};
}

register_file::outcome register_file::write(control_register which, std::uint64_t value,
                                            const pdpte_reader& read_pdptes) {
  outcome result;
  if (refuses(which, value)) {
    result.refused = general_protection();
    return result;
  }
  paging_registers next = with(which, value);
  const bool is_cr3 = which == control_register::cr3;
  if (keeps_pdptes() && (is_cr3 ? paging::pae_paging(next) : paging::loads_pdptes(registers_, next))) {
    std::array<std::uint64_t, 4> pdptes = registers_.pdpte;
    result.refused = load_pdptes(next, read_pdptes, pdptes);
    if (result.refused) return result;
    next = with(which, value);  // another thread may have written others while memory waited
    next.pdpte = pdptes;
  }
  result.flush = is_cr3 ? paging::flush_by_cr3(registers_, value, domain_->tags)
                        : paging::flush_by_change(registers_, next, domain_->tags);
  adopt(next);
  return result;
}

void register_file::demand_loadable(control_register which, std::uint64_t value) const {
  const auto refuse = [](const std::string& why) {
    throw input_error("VM entry refuses the guest's registers: " + why);
  };
  switch (which) {
    case control_register::cr0:
      if ((value >> 32) != 0 || (value & (paging::cr0::pg | paging::cr0::pe)) == paging::cr0::pg)
        refuse("CR0 has bits 63:32 set, or PG without PE");
      break;
    case control_register::cr3:
      if ((value >> processor_.physical_bits) != 0)
        refuse("CR3 has bits set beyond the physical-address width (LAM is not modelled)");
      break;
    case control_register::cr4:
      if (paging::not_modelled_in_cr4(value, processor_) != 0)
        refuse(
            "CR4 has bits set that are reserved or not modelled (CET, LASS, LAM, UINTR, FRED; on AMD's processors "
            "VMXE, "
            "SMXE, PKS; LA57 where there are no 5 levels)");
      break;
    case control_register::efer:
      if (paging::not_modelled_in_efer(value) != 0)
        refuse("EFER has bits set that are reserved or not modelled (LMSLE, TCE)");
      break;
    case control_register::pat:
      if (paging::refuses_pat(value)) refuse("PAT has a memory type that does not exist");
      break;
    case control_register::pkru:
    case control_register::pkrs: break;
  }
}

std::optional<paging::selector> register_file::load(control_register which, std::uint64_t value) {
  demand_loadable(which, value);
  std::optional<paging::selector> flush;
  paging_registers next = with(which, value);
  const bool is_cr3 = which == control_register::cr3;
  if (is_cr3 || !paging::pae_paging(registers_)) pdptes_due_ = true;
  if (!is_cr3) flush = paging::flush_by_change(registers_, next, domain_->tags);
  adopt(next);
  return flush;
}

void register_file::load(const paging_registers& all) {
  demand_loadable(control_register::cr0, all.cr0);
  demand_loadable(control_register::cr3, all.cr3);
  demand_loadable(control_register::cr4, all.cr4);
  demand_loadable(control_register::efer, all.efer);
  demand_loadable(control_register::pat, all.pat);
  paging_registers next = all;
  next.efer = paging::efer_with_lma(all.efer, all.cr0);
  pdptes_due_ = true;
  adopt(next);
}

void register_file::adopt(const paging_registers& next) {
  const auto changed = [&](std::uint64_t paging_registers::*which, std::uint64_t bits) {
    return ((registers_.*which ^ next.*which) & bits) != 0;
  };
  const bool elsewhere =
      changed(&paging_registers::cr0, paging::cr0::pg) || changed(&paging_registers::cr3, ~std::uint64_t{0}) ||
      changed(&paging_registers::cr4, paging::cr4::pae | paging::cr4::pse | paging::cr4::la57 | paging::cr4::pcide) ||
      changed(&paging_registers::efer, paging::efer::lma) || registers_.pdpte != next.pdpte;
  if (elsewhere) ++space_;
  registers_ = next;
  decode_first_stage();
  linear_mask_ = linear_mask_of(*domain_);
  retag();
}

void register_file::load_controls(const protocol::translation_controls& c) {
  const auto refuse = [](const std::string& why) { throw input_error("VM entry refuses the controls: " + why); };
  if (c.vpid_on && c.vpid == 0) refuse("VPID or ASID 0 is the host's; take one above 0");
  if (c.nested_paging && c.format == paging::nested_kind::ept)
    if (const char* const wrong = paging::why_invalid_eptp(c.ept.eptp, processor_))
      refuse(std::string("EPTP: ") + wrong);
  if (c.ept.page_modification_logging) {
    if (!c.nested_paging || c.format != paging::nested_kind::ept) refuse("page-modification logging needs EPT");
    if (const char* const wrong = paging::why_invalid_log(c.ept.log_address, processor_))
      refuse(std::string("PML address: ") + wrong);
  }
  if (c.guest_mode_execute_trap && (!c.nested_paging || c.format != paging::nested_kind::npt))
    refuse("the guest mode execute trap needs nested paging in NPT format");
  if (c.nested_paging && c.format == paging::nested_kind::npt)
    if (const char* const wrong = paging::why_invalid_host(c.host, processor_)) refuse(wrong);
  loaded_ = c;
  entered_ = false;
}

fault register_file::enter(const pdpte_reader& read_pdptes) {
  const bool due = std::exchange(pdptes_due_, false) || !keeps_pdptes();
  if (!entered_) {
    entered_ = true;
    controls_ = loaded_;
    decode_second_stage();
    retag();
  }
  if (!due || !keeps_pdptes() || !paging::pae_paging(registers_)) return {};
  std::array<std::uint64_t, 4> pdptes = registers_.pdpte;
  const fault failed = load_pdptes(registers_, read_pdptes, pdptes);
  if (failed) return failed;
  paging_registers next = registers_;
  next.pdpte = pdptes;
  adopt(next);
  return {};
}

bool register_file::keeps_pdptes() const {
  return !domain_->nested_on || !domain_->nested.walks_pdptes();
}

void register_file::decode_first_stage() {
  paging::domain& d = domain_.edit();
  d.guest = paging::decode_guest(registers_, processor_, d.nested_on ? &d.nested : nullptr);
}

void register_file::decode_second_stage() {
  paging::domain& d = domain_.edit();
  const bool trapped = d.nested_on && d.nested.guest_mode_execute_trap;
  const bool kept_pdptes = keeps_pdptes();
  const bool was_on = d.nested_on;
  const paging::hpa root = d.nested.root;
  d.nested_on = controls_.nested_paging;
  if (controls_.nested_paging)
    d.nested = controls_.format == paging::nested_kind::ept
                   ? paging::decode_ept(controls_.ept, processor_)
                   : paging::decode_npt(controls_.host, processor_, controls_.guest_mode_execute_trap);
  if (controls_.nested_paging && controls_.ept.page_modification_logging) {
    // A walk that waits under the controls before keeps the log that it began with.
    log_ = std::make_shared<paging::page_modification_log>(
        paging::page_modification_log{paging::hpa(controls_.ept.log_address), controls_.ept.log_index});
    d.nested.log = log_.get();
  }
  d.log = log_;
  const bool traps = d.nested_on && d.nested.guest_mode_execute_trap;
  if (trapped != traps || kept_pdptes != keeps_pdptes()) {
    decode_first_stage();
    ++space_;
  }
  if (was_on != d.nested_on || (was_on && root != d.nested.root)) ++space_;
}

void register_file::retag() {
  paging::translation_tags tags;
  tags.space = controls_.vpid_on ? controls_.vpid : std::uint16_t{0};
  tags.process = paging::pcid_of(registers_);
  const bool ept = controls_.format == paging::nested_kind::ept;
  if (controls_.nested_paging)
    tags.second = ((ept ? controls_.ept.eptp : controls_.host.cr3) & page_number_bits) >> paging::page_4k;
  if (!(tags == domain_->tags)) ++space_;
  domain_.edit().tags = tags;
}

}  // namespace nestwalk::mmu
