#include "nestwalk/paging/vtd_entries.h"

namespace nestwalk::paging::vtd {

namespace {

// Bits high..low, both included.
constexpr std::uint64_t bits(unsigned high, unsigned low) {
  return (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
}

constexpr std::uint64_t all = ~std::uint64_t{0};

// `field` is reserved where the unit does not have `supported`.
void needs(bool supported, std::uint64_t& reserved, std::uint64_t field) {
  if (!supported) reserved |= field;
}

entry_format root(const unit_capabilities& u) {
  entry_format f;
  f.bytes = 16;
  f.reserved[0] = bits(11, 1) | beyond_host(u);
  f.reserved[1] = all;
  f.unreadable = reason::root_unreadable;
  f.absent = reason::root_not_present;
  f.malformed = reason::root_reserved;
  return f;
}

// The table pointer is judged with the translation type: a pass-through entry has none.
entry_format context(const unit_capabilities& u) {
  entry_format f;
  f.bytes = 16;
  f.reserved[0] = bits(11, 4);
  f.reserved[1] = bits(7, 7) | bits(63, 8 + u.domain_bits());
  f.unreadable = reason::context_unreadable;
  f.absent = reason::context_not_present;
  f.malformed = reason::context_reserved;
  f.disables_faults = true;
  return f;
}

entry_format sm_root(const unit_capabilities& u) {
  entry_format f;
  f.reserved[0] = bits(11, 1) | beyond_host(u);
  f.unreadable = reason::sm_root_unreadable;
  f.absent = reason::sm_root_not_present;
  f.malformed = reason::sm_root_reserved;
  return f;
}

entry_format sm_context(const unit_capabilities& u) {
  entry_format f;
  f.bytes = 32;
  f.reserved[0] = bits(8, 5) | beyond_host(u);
  needs(u.has(ecap::dt), f.reserved[0], sm_context_entry::dte);
  needs(u.has(ecap::pasid), f.reserved[0], sm_context_entry::paside);
  needs(u.has(ecap::prs), f.reserved[0], sm_context_entry::pre);
  f.reserved[1] = bits(63, 21);
  needs(u.has(ecap::rps), f.reserved[1], sm_context_entry::rid_pasid);
  needs(u.has(ecap::rprivs), f.reserved[1], sm_context_entry::rid_priv);
  f.reserved[2] = f.reserved[3] = all;
  f.unreadable = reason::sm_context_unreadable;
  f.absent = reason::sm_context_not_present;
  f.malformed = reason::sm_context_reserved;
  f.disables_faults = true;
  return f;
}

entry_format pasid_directory(const unit_capabilities& u) {
  entry_format f;
  f.reserved[0] = bits(11, 2) | beyond_host(u);
  f.unreadable = reason::sm_directory_unreadable;
  f.absent = reason::sm_directory_not_present;
  f.malformed = reason::sm_directory_reserved;
  f.disables_faults = true;
  return f;
}

entry_format pasid_table(const unit_capabilities& u) {
  namespace e = pasid_entry;
  entry_format f;
  f.bytes = 64;
  f.reserved[0] = bits(11, 10) | beyond_host(u);
  needs(u.has(ecap::ssts), f.reserved[0], bits(63, 12) | e::ssade | bits(4, 2));
  needs(u.has(ecap::ers), f.reserved[0], e::ssee);
  needs(u.has(ecap::ssads), f.reserved[0], e::ssade);
  f.reserved[1] = bits(31, 27) | bits(22, u.domain_bits());
  needs(u.has(ecap::smpwcs), f.reserved[1], e::pwsnp);
  needs(u.has(ecap::sc), f.reserved[1], e::pgsnp);
  needs(u.has(ecap::mts), f.reserved[1], bits(63, 25));
  f.reserved[2] = bits(11, 8) | beyond_host(u);
  needs(u.has(ecap::srs), f.reserved[2], e::sre);
  needs(u.has(ecap::ers), f.reserved[2], e::ere);
  needs(u.has(ecap::eafs), f.reserved[2], e::eafe);
  needs(u.has(ecap::fsts), f.reserved[2], bits(63, 12) | e::wpe | bits(3, 2));
  for (unsigned i = 3; i < f.reserved.size(); ++i) f.reserved[i] = all;
  f.unreadable = reason::sm_pasid_entry_unreadable;
  f.absent = reason::sm_pasid_entry_not_present;
  f.malformed = reason::sm_pasid_entry_reserved;
  f.disables_faults = true;
  return f;
}

}  // namespace

entry_formats formats_of(const unit_capabilities& unit) {
  return {root(unit), context(unit), sm_root(unit), sm_context(unit), pasid_directory(unit), pasid_table(unit)};
}

}  // namespace nestwalk::paging::vtd
