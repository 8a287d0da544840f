#include "tb/table_world.h"

#include "nestwalk/paging/format.h"
#include "nestwalk/paging/registers.h"

namespace nestwalk::tb {

namespace {

namespace x86 = paging::x86_entry;
namespace ept = paging::ept_entry;
using paging::access_mode;
using paging::access_type;

// Where in host-physical memory entries of a format stand: bits 35:34 of the address.
constexpr unsigned region_shift = 34;
constexpr unsigned guest_region = 0;
constexpr unsigned ept_region = 1;
constexpr unsigned npt_region = 2;
// The level of the table of a page: bits 14:12 of its address, which every nested mapping of 4 KBytes keeps.
constexpr unsigned level_shift = 12;
constexpr unsigned level_mask = 7;
constexpr unsigned choice_shift = 15;  // which of the tables of a level
constexpr unsigned choices = 8;
constexpr std::uint64_t beyond_four_levels = std::uint64_t{1} << 50;

constexpr unsigned always = 10'000;

std::uint64_t flag(random_source& r, unsigned parts, std::uint64_t bit) {
  return r.chance(parts) ? bit : 0;
}

unsigned level_at(std::uint64_t address) {
  const unsigned tag = (address >> level_shift) & level_mask;
  return tag >= 1 && tag <= paging::most_levels ? tag : 1;
}

}  // namespace

table_world::table_world(std::uint64_t seed) : random_(seed) {
  renew();
}

bool table_world::is_guest_table(std::uint64_t address) {
  return ((address >> region_shift) & 3) == guest_region;
}

void table_world::renew() {
  constexpr unsigned widths[] = {37, 40, 46, 52};
  entries_.clear();
  recent_ = {};
  disturbed_.clear();
  content_seed_ = random_.next();
  processor_.physical_bits = widths[random_.below(4)];
  processor_.gigabyte_pages = random_.chance(8'000);
  processor_.execute_only = random_.chance(5'000);
  constexpr unsigned accessed[] = {always, 9'500, 7'000, 2'000};
  profile_.accessed = accessed[random_.below(4)];
  profile_.dirty = accessed[random_.below(4)];
  profile_.large = 500 + random_.below(4'000);
  profile_.fault = 5 + random_.below(random_.chance(3'000) ? 200 : 30);
  profile_.user = 9'700 + random_.below(300);
  domains_.clear();
  for (unsigned i = 0; i < domains; ++i) domains_.push_back(draw_domain());
}

paging::paging_registers table_world::draw_registers(unsigned levels) {
  namespace cr0 = paging::cr0;
  namespace cr4 = paging::cr4;
  namespace efer = paging::efer;
  paging::paging_registers r;
  r.cr0 = cr0::pe | cr0::pg | flag(random_, 7'000, cr0::wp) | flag(random_, 500, cr0::cd);
  r.cr4 = cr4::pae | flag(random_, 7'000, cr4::pge) | flag(random_, 3'000, cr4::smep) |
          flag(random_, 2'000, cr4::smap) | flag(random_, 4'000, cr4::pke) | (levels == 5 ? cr4::la57 : 0);
  r.efer = efer::lme | efer::lma | flag(random_, 8'000, efer::nxe);
  for (unsigned key = 0; key < 16; ++key)
    r.pkru |= static_cast<std::uint32_t>(flag(random_, 200, 1) | flag(random_, 400, 2)) << (2 * key);
  constexpr std::uint64_t types[] = {0, 1, 4, 5, 6, 7};
  r.pat = 0;
  for (unsigned i = 0; i < 8; ++i) r.pat |= types[random_.below(6)] << (8 * i);
  r.cr3 = (std::uint64_t{levels} << level_shift) | std::uint64_t{random_.below(choices)} << choice_shift;
  return r;
}

std::shared_ptr<const domain> table_world::draw_domain() {
  auto d = std::make_shared<domain>();
  const bool nested = random_.chance(8'500);
  const bool npt = random_.chance(5'000);
  paging::capabilities processor = processor_;
  processor.maker = npt ? paging::vendor::amd : paging::vendor::intel;
  paging::paging_registers guest = draw_registers(random_.chance(5'000) ? 5 : 4);
  if (random_.chance(300)) {
    guest.cr0 = paging::cr0::pe;  // paging off
    guest.efer = 0;
  }
  d->context.guest = paging::decode_guest(guest, processor);
  d->context.nested_on = nested;
  const unsigned levels = random_.chance(4'000) ? 5 : 4;
  if (nested && npt) {
    paging::paging_registers host = draw_registers(levels);
    host.cr3 |= std::uint64_t{npt_region} << region_shift;
    d->context.nested = paging::decode_npt(host, processor);
  } else if (nested) {
    paging::ept_controls c;
    c.eptp = (std::uint64_t{ept_region} << region_shift) | std::uint64_t{levels} << level_shift |
             std::uint64_t{random_.below(choices)} << choice_shift | 6u | std::uint64_t{levels - 1} << 3 |
             flag(random_, 6'000, paging::eptp::accessed_dirty);
    c.mode_based_execute = random_.chance(4'000);
    c.advanced_information = random_.chance(5'000);
    d->context.nested = paging::decode_ept(c, processor);
  }
  d->registers = rtl_context_of(d->context);
  return d;
}

paging::gva table_world::draw_address(const domain& d) {
  std::uint64_t address = random_.below(4096);
  for (unsigned shift = 12; shift < 57; shift += 9) address |= std::uint64_t{random_.below(3)} << shift;
  const unsigned top = d.registers.guest_five ? 56 : 47;
  if (random_.chance(9'900)) {
    const unsigned spare = 63 - top;
    if (random_.chance(5'000)) address |= std::uint64_t{1} << top;
    address = static_cast<std::uint64_t>(static_cast<std::int64_t>(address << spare) >> spare);
  } else {
    address ^= std::uint64_t{1} << (48 + random_.below(16));
  }
  return paging::gva(address);
}

paging::access table_world::draw_access() {
  const unsigned type = random_.below(20);
  const unsigned mode = random_.below(10);
  return {type < 9    ? access_type::read
          : type < 16 ? access_type::write
                      : access_type::fetch,
          mode < 6   ? access_mode::user
          : mode < 8 ? access_mode::supervisor
                     : access_mode::supervisor_ac};
}

std::uint64_t table_world::read(std::uint64_t address) {
  recent_[reads_++ % recent_.size()] = address;
  const auto found = entries_.find(address);
  if (found != entries_.end()) return found->second;
  const std::uint64_t entry = draw_entry(address);
  entries_.emplace(address, entry);
  return entry;
}

bool table_world::exchange(std::uint64_t address, std::uint64_t expected, std::uint64_t desired) {
  if (read(address) != expected) return false;
  entries_[address] = desired;
  return true;
}

void table_world::disturb(std::uint64_t address) {
  constexpr unsigned bits[] = {0, 1, 2, 5, 6, 8, 9, 11, 15, 16, 52, 57, 63};
  if (!disturbed_.empty() && is_guest_table(disturbed_.back()) == is_guest_table(address)) {
    entries_.erase(disturbed_.back());
    disturbed_.pop_back();
  }
  if (random_.chance(8'000)) disturbed_.push_back(address);
  const std::uint64_t entry = read(address);
  const bool gone = random_.chance(3'000);
  entries_[address] = gone ? 0 : entry ^ (std::uint64_t{1} << bits[random_.below(sizeof(bits) / sizeof(bits[0]))]);
}

bool table_world::allow_writes() {
  for (const std::uint64_t address : recent_) {
    const auto found = entries_.find(address);
    if (found == entries_.end() || !is_guest_table(address) || level_at(address) == 1) continue;
    if ((found->second & (x86::p | x86::rw)) != x86::p) continue;
    found->second |= x86::rw;
    return true;
  }
  return false;
}

std::uint64_t table_world::recent_entry() {
  return recent_[random_.below(static_cast<unsigned>(recent_.size()))];
}

std::uint64_t table_world::draw_entry(std::uint64_t address) {
  random_source r(random_source::scramble(content_seed_ ^ random_source::scramble(address)));
  const unsigned level = level_at(address);
  const unsigned region = static_cast<unsigned>(address >> region_shift) & 3;
  return region == ept_region ? draw_ept(r, level, address) : draw_x86(r, level, region == npt_region, address);
}

// Where an entry leads: to a table one level down, or to a page.
std::uint64_t table_world::draw_target(random_source& r, unsigned level, bool leaf, unsigned region, bool nested,
                                       std::uint64_t address) const {
  std::uint64_t target = 0;
  if (!nested)
    target |= std::uint64_t{r.below(2)} << 30 | std::uint64_t{r.below(2)} << 21 | flag(r, 20, beyond_four_levels);
  // Pages that lie where no table does meet entries of the second stage that no table's walk met.
  if (!nested && leaf && processor_.physical_bits > 40) target |= flag(r, 1'500, std::uint64_t{1} << 39);
  if (!nested && leaf && processor_.physical_bits > 49) target |= flag(r, 1'000, std::uint64_t{1} << 48);
  if (leaf && level > 1) {
    const unsigned shift = paging::page_4k + 9 * (level - 1);
    return (target & ~((std::uint64_t{1} << shift) - 1)) | std::uint64_t{r.below(2)} << (shift == 30 ? 31 : shift);
  }
  const std::uint64_t tag = !leaf ? level - 1 : nested ? (address >> 3) & level_mask : r.below(level_mask + 1);
  target |= tag << level_shift | std::uint64_t{r.below(choices)} << choice_shift;
  return target | std::uint64_t{leaf ? guest_region : region} << region_shift;
}

std::uint64_t table_world::draw_x86(random_source& r, unsigned level, bool nested, std::uint64_t address) const {
  const bool leaf = level == 1 || (level <= 3 && r.chance(profile_.large));
  const unsigned bad = nested ? profile_.fault : 2 * profile_.fault;
  std::uint64_t entry = flag(r, always - bad, x86::p) | flag(r, always - 2 * bad, x86::rw);
  entry |= flag(r, nested ? always - bad : profile_.user, x86::us) | flag(r, bad, x86::xd);
  entry |= flag(r, profile_.accessed, x86::a) | flag(r, profile_.dirty, x86::d);
  entry |= flag(r, 3'000, x86::pwt) | flag(r, 3'000, x86::pcd) | flag(r, level >= 4 ? bad / 2 : 2'000, x86::g);
  if (leaf && level > 1) entry |= x86::ps | flag(r, 3'000, x86::pat_large) | flag(r, bad, 1u << 13);
  if (leaf && level == 1) entry |= flag(r, 3'000, x86::pat_4k);
  if (level > 3) entry |= flag(r, bad / 2, x86::ps);
  entry |= r.next() & 0x7ff0000000000000;  // keys and ignored bits
  entry |= flag(r, bad / 2, std::uint64_t{1} << 51);
  return entry | draw_target(r, level, leaf, nested ? npt_region : guest_region, nested, address);
}

std::uint64_t table_world::draw_ept(random_source& r, unsigned level, std::uint64_t address) const {
  constexpr std::uint64_t types[] = {0, 1, 4, 5, 6, 6, 6, 6};
  const bool leaf = level == 1 || (level <= 3 && r.chance(profile_.large));
  const unsigned bad = profile_.fault;
  const bool present = r.chance(always - bad);
  std::uint64_t entry = !present ? 0 : flag(r, always - bad, ept::r) | flag(r, always - bad, ept::w);
  if (present) entry |= flag(r, always - bad, ept::x) | flag(r, always - 2 * bad, ept::xu);
  entry |= flag(r, profile_.accessed, ept::a) | flag(r, profile_.dirty, ept::d);
  if (leaf) {
    entry |=
        types[r.below(8)] << ept::type_shift | flag(r, 2'000, ept::ignore_pat) | flag(r, bad, 3u << ept::type_shift);
    if (level > 1) entry |= ept::large | flag(r, bad, 1u << 12);
  } else {
    entry |= flag(r, bad / 2, 1u << ept::type_shift) | (level > 3 ? flag(r, bad / 2, ept::large) : 0);
  }
  entry |= r.next() & 0xfff0000000000000;
  entry |= flag(r, bad / 2, std::uint64_t{1} << 51) | flag(r, 5'000, 1u << 11);
  return entry | draw_target(r, level, leaf, ept_region, true, address);
}

}  // namespace nestwalk::tb
