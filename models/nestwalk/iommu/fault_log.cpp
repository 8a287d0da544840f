#include "nestwalk/iommu/fault_log.h"

namespace nestwalk::iommu {

namespace {

constexpr unsigned reason_shift = 32;
constexpr unsigned pasid_shift = 40;
constexpr std::uint64_t privileged = std::uint64_t{1} << 29;
constexpr std::uint64_t execute = std::uint64_t{1} << 30;
constexpr std::uint64_t pasid_present = std::uint64_t{1} << 31;
constexpr std::uint64_t translated = std::uint64_t{2} << 60;
constexpr std::uint64_t read = std::uint64_t{1} << 62;

// Fields of what the unit cannot do are reserved.
std::uint64_t upper_half(const blocked_request& fault, const paging::vtd::unit_capabilities& unit) {
  const paging::vtd::request& r = fault.asked;
  const bool has_pasid = r.has_pasid && unit.has(paging::vtd::ecap::pasid);
  std::uint64_t half = fault_record::f | r.source | std::uint64_t{static_cast<std::uint8_t>(fault.why)} << reason_shift;
  if (has_pasid) half |= pasid_present | std::uint64_t{r.pasid} << pasid_shift;
  if (has_pasid && r.privileged) half |= privileged;
  if (has_pasid && r.access == paging::access_type::fetch) half |= execute;
  if (r.type == paging::vtd::request_type::translated && unit.has(paging::vtd::ecap::dt)) half |= translated;
  if (r.access != paging::access_type::write) half |= read;
  return half;
}

}  // namespace

bool fault_log::pending(unsigned record) const {
  return (registers_.at(record_register(record, 1)) & fault_record::f) != 0;
}

bool fault_log::source_is_pending(std::uint16_t source) const {
  for (unsigned n = 0; n < unit_.fault_records(); ++n)
    if (pending(n) && (registers_.at(record_register(n, 1)) & 0xffff) == source) return true;
  return false;
}

void fault_log::record(const blocked_request& fault) {
  if ((registers_[unit_register::fsts] & fsts::pfo) != 0) {
    ++counts_.overflowed;
  } else if (source_is_pending(fault.asked.source)) {
    ++counts_.collapsed;
  } else if (pending(next_)) {
    ++counts_.overflowed;
    set_status(fsts::pfo);
  } else {
    store(fault);
  }
}

void fault_log::store(const blocked_request& fault) {
  ++counts_.recorded;
  const std::uint64_t reach = std::uint64_t{1} << unit_.widest_address();
  registers_.set(record_register(next_, 0), fault.address & (reach - 1) & ~std::uint64_t{0xfff});
  registers_.set(record_register(next_, 1), upper_half(fault, unit_));
  const std::uint64_t status = registers_[unit_register::fsts];
  if ((status & fsts::ppf) == 0) {
    registers_.set_bits(unit_register::fsts, fsts::fri_mask, false);
    registers_.set_bits(unit_register::fsts, std::uint64_t{next_} << fsts::fri, true);
  }
  next_ = (next_ + 1) % unit_.fault_records();
  set_status(fsts::ppf);
}

void fault_log::set_status(std::uint32_t bit) {
  const bool quiet = (registers_[unit_register::fsts] & fsts::events) == 0;
  registers_.set_bits(unit_register::fsts, bit, true);
  if (quiet) event_.raise();
}

void fault_log::written() {
  bool any = false;
  for (unsigned n = 0; n < unit_.fault_records(); ++n) any = any || pending(n);
  registers_.set_bits(unit_register::fsts, fsts::ppf, any);
  if (!any) registers_.set_bits(unit_register::fsts, fsts::fri_mask, false);
  if ((registers_[unit_register::fsts] & fsts::events) == 0) event_.withdraw();
}

void fault_log::describe(statistics::group& into) {
  into.add("recorded", "faults", "Faults that went into a record.", counts_.recorded);
  into.add("collapsed", "faults", "Faults of a source that had a pending record; they were dropped.",
           counts_.collapsed);
  into.add("overflowed", "faults", "Faults that found no free record, or came after one that did not.",
           counts_.overflowed);
}

}  // namespace nestwalk::iommu
