#include "nestwalk/paging/vtd_domain.h"

#include <algorithm>

namespace nestwalk::paging::vtd {

namespace {

// Bits high..low, both included; none where high < low.
constexpr std::uint64_t bits(unsigned high, unsigned low) {
  return high < low ? 0 : (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
}

// R and W as in the entry; without SSEE whatever may be read may be executed.
rights_table second_stage_rights(bool execute_enable) {
  return rights_by(0, 7, 63, [=](unsigned low, bool) {
    const bool execute = (low & (execute_enable ? second_entry::x : second_entry::r)) != 0;
    return rights::guest_mask | ((low & second_entry::r) != 0 ? rights::nested_read : 0) |
           ((low & second_entry::w) != 0 ? rights::nested_write : 0) |
           (execute ? rights::nested_execute | rights::nested_execute_user : 0);
  });
}

// The types of the PASID entry's PAT, 4 bits each, as a PAT register of 8 bits each; write-back where the unit leaves
// memory types alone.
std::uint64_t pat_of(const entry& e, const unit_capabilities& unit) {
  std::uint64_t pat = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint64_t type =
        unit.has(ecap::mts) ? (e[1] >> (pasid_entry::pat + 4 * i)) & 7 : static_cast<std::uint64_t>(memory_type::wb);
    pat |= type << (8 * i);
  }
  return pat;
}

guest_stage first_stage(const assignment& a, const unit_capabilities& unit) {
  namespace p = pasid_entry;
  const entry& e = a.tells;
  paging_registers r;
  r.cr0 = cr0::pg | cr0::pe | ((e[2] & p::wpe) != 0 ? cr0::wp : 0) | ((e[1] & p::cd) != 0 ? cr0::cd : 0);
  r.cr3 = e[2] & ~std::uint64_t{0xfff};
  r.cr4 = cr4::pae | ((e[2] >> p::fspm & 3) == 1 ? cr4::la57 : 0) | ((e[2] & p::smep) != 0 ? cr4::smep : 0);
  // Units without execute requests ignore NXE, and XD of the entries.
  const bool has_xd = (e[2] & p::nxe) != 0 || !unit.has(ecap::ers);
  r.efer = efer::lme | efer::lma | (has_xd ? efer::nxe : 0);
  r.pat = pat_of(e, unit);
  capabilities host;
  host.physical_bits = unit.host_bits;
  host.gigabyte_pages = unit.can(cap::fs1gp);
  guest_stage s = decode_guest(r, host);
  s.root = gpa(r.cr3);
  if ((e[2] & p::eafe) != 0) s.format.accessed |= extended_accessed;
  s.flags_may_be_set = (e[1] & p::pwsnp) != 0;  // reserved, and 0, on units that do not snoop
  return s;
}

nested_stage second_stage(const assignment& a, const unit_capabilities& unit) {
  namespace p = pasid_entry;
  second_stage_controls c;
  c.levels = a.second_levels;
  c.execute_enable = a.scalable && (a.tells[0] & p::ssee) != 0;
  c.flags = a.scalable && (a.tells[0] & p::ssade) != 0;
  nested_stage s;
  s.kind = nested_kind::vtd;
  s.format = second_stage_format(c, unit);
  s.root = hpa(a.tells[0] & pointer_mask(unit));
  s.table_access_is_write = c.flags;  // reads of first-stage tables need write permission too (3.8.1)
  s.flags_may_be_set = (a.tells[1] & p::pwsnp) != 0;
  return s;
}

reason legacy_reason(const fault& f, const domain& d) {
  switch (f.cause) {
    case walk_cause::not_admitted: return reason::address_beyond_width;
    case walk_cause::malformed: return reason::paging_entry_reserved;
    case walk_cause::memory_error:
      return f.level == d.nested.format.levels ? reason::context_invalid : reason::paging_entry_unreadable;
    default: break;
  }
  return f.type == access_type::write ? reason::write_denied : reason::read_denied;
}

// The rights of either stage deny the request.
reason denied(access_type type) {
  switch (type) {
    case access_type::write: return reason::sm_write_denied;
    case access_type::fetch: return reason::sm_execute_denied;
    case access_type::read: break;
  }
  return reason::sm_read_denied;
}

reason first_stage_reason(const fault& f, const assignment& a, const domain& d) {
  switch (f.cause) {
    case walk_cause::not_admitted: return reason::sm_not_canonical;
    case walk_cause::not_present: return reason::sm_first_not_present;
    case walk_cause::malformed: return reason::sm_first_reserved;
    case walk_cause::flag_unsnooped: return reason::sm_first_flag_unsnooped;
    case walk_cause::memory_error:
      if (f.why == purpose::flag_update) return reason::sm_first_flag_failed;
      return f.level == d.guest.format.levels ? reason::sm_first_root_unreadable : reason::sm_first_unreadable;
    default: break;
  }
  if (!a.privileged && !f.granted.has(rights::user)) return reason::sm_user_denied;
  return denied(f.type);
}

reason second_stage_reason(const fault& f, const assignment& a, const domain& d) {
  switch (f.cause) {
    case walk_cause::not_admitted:
      return a.kind == translation_kind::nested ? reason::sm_first_beyond_width : reason::sm_second_beyond_width;
    case walk_cause::not_present: return reason::sm_second_not_present;
    case walk_cause::malformed: return reason::sm_second_reserved;
    case walk_cause::flag_unsnooped: return reason::sm_second_flag_unsnooped;
    case walk_cause::memory_error:
      if (f.why == purpose::flag_update) return reason::sm_second_flag_failed;
      return f.level == d.nested.format.levels ? reason::sm_second_root_unreadable : reason::sm_second_unreadable;
    default: break;
  }
  if ((f.granted.bits & (rights::nested_read | rights::nested_write)) == 0) return reason::sm_second_not_present;
  if (f.why == purpose::flag_update) return reason::sm_first_flag_denied;
  if (f.why == purpose::data_page) return denied(f.type);
  return f.table_level == d.guest.format.levels ? reason::sm_first_root_read_denied : reason::sm_first_read_denied;
}

selector of_domain(std::uint16_t id) {
  selector s;
  s.linear = s.combined = s.guest_physical = true;
  s.match_space = s.match_second = true;
  s.tags.space = id;
  s.tags.second = id;
  return s;
}

void within(selector& s, const descriptor& d) {
  s.by_address = true;
  s.first = d.address;
  s.last = d.size_log2 >= 64 ? ~std::uint64_t{0} : d.address + ((std::uint64_t{1} << d.size_log2) - 1);
  s.walk_caches = !d.hint;
}

}  // namespace

format second_stage_format(const second_stage_controls& c, const unit_capabilities& unit) {
  namespace e = second_entry;
  format f;
  f.levels = static_cast<std::uint8_t>(c.levels);
  f.input_bits = static_cast<std::uint8_t>(std::min(second_stage_bits(c.levels), unit.guest_bits()));
  f.present = e::r | e::w | (c.execute_enable ? e::x : 0);
  f.accessed = c.flags ? e::a : 0;
  f.dirty = c.flags ? e::d : 0;
  f.address = pointer_mask(unit);
  f.gives = second_stage_rights(c.execute_enable);
  const std::uint64_t beyond = bits(51, unit.host_bits);
  const std::uint64_t in_tables = beyond | e::snp | e::tm;
  const std::uint64_t in_leaves = beyond | (unit.has(ecap::sc) ? 0 : e::snp) | (unit.has(ecap::dt) ? 0 : e::tm);
  for (unsigned n = 1; n <= most_levels; ++n) {
    level_format& l = f.level[n];
    l.shift = static_cast<std::uint8_t>(12 + 9 * (n - 1));
    l.index_mask = 511;
    const bool large = (n == 2 && unit.can(cap::sslps_2m)) || (n == 3 && unit.can(cap::sslps_1g));
    if (large) l.leaf_bits = page_size_bit;
    l.always_leaf = n == 1;
    l.reserved_table = in_tables | (large || n == 1 ? 0 : page_size_bit);
    l.reserved_leaf = in_leaves | bits(l.shift - 1u, 12);
  }
  return prepared(f);
}

domain domain_of(const assignment& a, const unit_capabilities& unit) {
  domain d;
  d.tags.space = a.domain;
  if (a.kind == translation_kind::first_stage || a.kind == translation_kind::nested) {
    d.guest = first_stage(a, unit);
    d.tags.process = a.pasid;
  }
  if (a.kind == translation_kind::second_stage || a.kind == translation_kind::nested) {
    d.nested = second_stage(a, unit);
    d.nested_on = true;
    d.tags.second = a.domain;
  }
  return d;
}

unsigned address_bits(const assignment& a, const unit_capabilities& unit) {
  if (a.kind == translation_kind::pass_through && a.scalable) return unit.host_bits;
  const unsigned tables = std::min(second_stage_bits(a.second_levels), unit.guest_bits());
  return a.kind == translation_kind::pass_through ? std::min(tables, unit.host_bits) : tables;
}

reason reason_of(const fault& f, const assignment& a, const domain& d) {
  if (!a.scalable) return legacy_reason(f, d);
  return f.stage == stage_kind::guest ? first_stage_reason(f, a, d) : second_stage_reason(f, a, d);
}

reason beyond_width(const request& r, const assignment& a) {
  if (!a.scalable) return reason::address_beyond_width;
  const bool guest_address = r.type == request_type::untranslated && a.kind == translation_kind::second_stage;
  return guest_address ? reason::sm_second_beyond_width : reason::sm_address_beyond_width;
}

reason to_interrupt_range(const assignment& a) {
  return a.scalable ? reason::sm_interrupt_address : reason::interrupt_address;
}

// A second stage's mappings are not tagged by PASID here, so that all of the domain go with any PASID of it.
static iotlb_selection selected_by_pasid(const descriptor& d) {
  iotlb_selection s;
  s.count = 1;
  s.of[0] = of_domain(d.domain);
  s.of[0].guest_physical = false;
  s.of[0].match_process = true;
  s.of[0].tags.process = d.pasid;
  if (d.how == granularity::selective) {
    within(s.of[0], d);
    return s;
  }
  s.count = 2;
  s.of[1] = of_domain(d.domain);
  s.of[1].linear = s.of[1].combined = s.of[1].walk_caches = false;
  return s;
}

iotlb_selection selected_by(const descriptor& d) {
  if (d.type == descriptor_type::pasid_iotlb) return selected_by_pasid(d);
  iotlb_selection s;
  s.count = 1;
  if (d.how == granularity::global) {
    s.of[0].linear = s.of[0].combined = s.of[0].guest_physical = true;
    return s;
  }
  s.of[0] = of_domain(d.domain);
  if (d.how == granularity::domain) return s;
  s.count = 2;
  s.of[0].linear = s.of[0].combined = false;
  within(s.of[0], d);
  s.of[1] = of_domain(d.domain);
  s.of[1].guest_physical = false;
  return s;
}

}  // namespace nestwalk::paging::vtd
