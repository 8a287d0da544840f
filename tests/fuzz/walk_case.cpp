#include "walk_case.h"

#include "nestwalk/paging/register_flush.h"

namespace nestwalk::test {

namespace {

using namespace nestwalk::paging;  // NOLINT: a test's own file

constexpr std::uint64_t page_field = 0x7000;  // where an entry names one of the eight pages

}  // namespace

std::uint64_t small_memory::at(std::uint64_t address) const {
  const auto found = single.find(address);
  if (found != single.end()) return found->second;
  return address < bytes ? fill[address / page_bytes] : 0;
}

bool small_memory::read(hpa entry, unsigned size, std::uint64_t& value) {
  ++calls;
  if (entry.value % size != 0) finding("an entry that is not aligned");
  if (fails(entry.value)) return false;
  value = at(entry.value & ~std::uint64_t{7});
  if (size == 4) value = (value >> ((entry.value & 4) * 8)) & 0xffffffff;
  return true;
}

exchange_result small_memory::exchange(hpa entry, unsigned size, std::uint64_t expected, std::uint64_t desired) {
  std::uint64_t now = 0;
  if (!read(entry, size, now)) return exchange_result::failed;
  if ((expected & ~desired) != 0 || expected == desired) finding("an exchange that sets no flag, or takes one away");
  if (losing != 0) {
    --losing;
    return exchange_result::changed;
  }
  if (now != expected) return exchange_result::changed;
  const std::uint64_t qword = entry.value & ~std::uint64_t{7};
  const unsigned shift = size == 4 ? static_cast<unsigned>(entry.value & 4) * 8 : 0;
  single[qword] = at(qword) ^ (expected ^ desired) << shift;
  const bool guest_flag = ((expected ^ desired) & (x86_entry::a | x86_entry::d)) != 0;
  if (guest_flag && entry.value < bytes / 2) guest_flag_in_nested_page = true;
  return exchange_result::stored;
}

bool small_memory::log(hpa slot, std::uint64_t record) {
  if (slot.value < log_address || slot.value >= log_address + page_bytes) finding("a record beyond the log");
  if ((record & 0xfff) != 0) finding("a record that is no page");
  records.push_back(record);
  return true;
}

walk_case::walk_case(input_bytes in) {
  const std::uint8_t head = in.byte();
  processor = (head & 3) % processors.size();
  cached = (head & 4) != 0;
  const std::uint8_t asked = in.byte();
  access.type = static_cast<access_type>(asked % 3);
  access.mode = static_cast<access_mode>((asked >> 2) % 3);
  draw_guest(in);
  draw_second_stage(in);
  draw_memory(in);
  address = gva(in.qword());
  if ((head & 8) != 0) address = gva(address.value & 0x7fffffffffff);
  if (linear_bits(guest) == 32) address = gva(address.value & 0xffffffff);
}

void walk_case::draw_guest(input_bytes& in) {
  const std::uint8_t mode = in.byte();
  const std::uint8_t bits = in.byte();
  const auto when = [](bool yes, std::uint64_t value) { return yes ? value : 0; };
  guest.cr0 = cr0::pe | when((mode & 1) == 0, cr0::pg) | when((mode & 2) != 0, cr0::wp);
  guest.cr4 = when((mode & 4) != 0, cr4::pse) | when((mode & 8) == 0, cr4::pae) | when((mode & 16) != 0, cr4::la57) |
              when((bits & 1) != 0, cr4::smep) | when((bits & 2) != 0, cr4::smap) | when((bits & 4) != 0, cr4::pke) |
              when((bits & 8) != 0 && processors[processor].maker == vendor::intel, cr4::pks) |
              when((bits & 16) != 0, cr4::pge);
  const bool long_mode = (mode & 32) == 0;
  if (long_mode) guest.cr4 |= cr4::pae;
  guest.efer = when(long_mode, efer::lme) | when((mode & 64) == 0, efer::nxe);
  if (long_mode && (guest.cr0 & cr0::pg) != 0) guest.efer |= efer::lma;
  const std::uint64_t keys = in.qword();
  guest.pkru = static_cast<std::uint32_t>(keys);
  guest.pkrs = static_cast<std::uint32_t>(keys >> 32);
  guest.cr3 = in.byte() * 0x1000u & page_field;
  if (pae_paging(guest))
    for (std::uint64_t& pdpte : guest.pdpte) pdpte = in.byte() * 0x800u | 1;
}

void walk_case::draw_second_stage(input_bytes& in) {
  const std::uint8_t kind = in.byte();
  controls.nested_paging = (kind & 3) != 0;
  if (!controls.nested_paging) return;
  const std::uint64_t root = in.byte() * 0x1000u & page_field;
  if ((kind & 3) == 1) {
    controls.format = nested_kind::npt;
    controls.host.cr0 = cr0::pe | cr0::pg;
    controls.host.cr3 = root;
    controls.host.cr4 = cr4::pae | ((kind & 4) != 0 ? cr4::la57 : 0);
    controls.host.efer = efer::lme | efer::lma | ((kind & 8) != 0 ? efer::nxe : 0);
    controls.guest_mode_execute_trap = (kind & 16) != 0;
    return;
  }
  controls.format = nested_kind::ept;
  const std::uint64_t levels = (kind & 4) != 0 ? 5 : 4;
  controls.ept.eptp = (root & 0x3000) | (levels - 1) << 3 | 6 | ((kind & 8) != 0 ? eptp::accessed_dirty : 0);
  controls.ept.mode_based_execute = (kind & 16) != 0;
  controls.ept.advanced_information = (kind & 32) != 0;
  controls.ept.page_modification_logging = (kind & 64) != 0;
  controls.ept.log_address = small_memory::log_address;
  controls.ept.log_index = (kind & 128) != 0 ? 1 : 511;
}

// Entries keep their address bits where they are told to; else they name one of the pages. EPT's tables lie in the
// lower half, whatever names them, so that a guest's flags in them, which an EPT entry takes for something else, can be
// told.
void walk_case::draw_memory(input_bytes& in) {
  const std::uint8_t wild = in.byte();
  const auto tame = [&](std::uint64_t entry, bool as_it_is) {
    constexpr std::uint64_t address_bits = 0x000ffffffffff000;
    if (!as_it_is) entry &= ~address_bits | page_field;
    if (ept()) entry = (entry & 0x80) != 0 ? entry | 0x4000 : entry & ~std::uint64_t{0x4000};
    return entry;
  };
  for (unsigned page = 0; page < small_memory::pages; ++page)
    memory.fill[page] = tame(in.qword(), ((wild >> page) & 1) != 0);
  for (unsigned singles = in.byte() % 8; singles > 0; --singles) {
    const std::uint64_t where = (in.byte() | std::uint64_t{in.byte()} << 8) * 8 % small_memory::bytes;
    memory.single[where] = tame(in.qword(), false);
  }
  if ((in.byte() & 3) != 3) return;
  memory.failing = in.byte();
  memory.losing = in.byte();
}

paging::domain walk_case::domain(paging::page_modification_log& log) const {
  const capabilities& m = processors[processor];
  paging::domain c;
  c.nested_on = controls.nested_paging;
  if (c.nested_on)
    c.nested = ept() ? decode_ept(controls.ept, m) : decode_npt(controls.host, m, controls.guest_mode_execute_trap);
  c.guest = decode_guest(guest, m, c.nested_on ? &c.nested : nullptr);
  if (!c.nested_on) return c;
  log = {hpa(controls.ept.log_address), controls.ept.log_index};
  if (controls.ept.page_modification_logging) c.nested.log = &log;
  return c;
}

bool walk_case::comparable() const {
  paging::page_modification_log unused;
  return memory.failing == 0 && memory.losing == 0 && !domain(unused).guest.from_registers;
}

}  // namespace nestwalk::test
