#include "world.h"

#include <fmt/format.h>

#include "nestwalk/paging/format.h"
#include "nestwalk/paging/invalidation.h"

namespace nestwalk::test {

namespace x86 = paging::x86_entry;
namespace ept = paging::ept_entry;

namespace {

constexpr std::uint64_t elsewhere = 0x1'0000'0000;  // the other place of a guest-physical page in host memory
constexpr std::uint64_t gigabyte = std::uint64_t{1} << 30;
constexpr std::uint64_t two_megabytes = std::uint64_t{1} << 21;

std::uint64_t below(std::mt19937_64& draw, std::uint64_t n) {
  return draw() % n;
}
bool one_in(std::mt19937_64& draw, std::uint64_t n) {
  return below(draw, n) == 0;
}

// Where a nested root's tables stand, after the root itself.
std::uint64_t nested_pdpt(std::uint64_t root) {
  return world::nested_root(root) + 0x1000;
}
std::uint64_t nested_pd(std::uint64_t root, std::uint64_t of) {
  return world::nested_root(root) + 0x2000 + of * 0x1000;
}
std::uint64_t nested_pt(std::uint64_t root, std::uint64_t gib, std::uint64_t of) {
  return world::nested_root(root) + 0x8000 + (gib * 4 + of) * 0x1000;
}

constexpr std::uint64_t pages_used = 4;  // of each 2 MBytes of data

}  // namespace

std::string to_string(const operation& o) {
  switch (o.what) {
    case step::access: return fmt::format("access gva {:#x}, class {}", o.a, o.b);
    case step::edit: return fmt::format("entry at {:#x} = {:#x}", o.a, o.b);
    case step::invlpg: return fmt::format("invlpg {:#x}", o.a);
    case step::invpcid: return fmt::format("invpcid type {}, pcid {}, gva {:#x}", o.b, o.c, o.a);
    case step::invept: return fmt::format("invept type {}, eptp {}", o.b, o.c);
    case step::invvpid: return fmt::format("invvpid type {}, vpid {}, gva {:#x}", o.b, o.c, o.a);
    case step::mov_cr3: return fmt::format("mov cr3, root {}, pcid {}{}", o.a, o.c, o.b != 0 ? ", no flush" : "");
    case step::toggle_cr4: return fmt::format("toggle cr4 bits {:#x}", o.b);
    case step::toggle_cr0: return fmt::format("toggle cr0 bits {:#x}", o.b);
    case step::switch_vm: return fmt::format("switch to vpid {}, eptp {}", o.c, o.b);
  }
  return "?";
}

std::uint64_t world::eptp(std::uint64_t which) const {
  return nested_root(which) | 3 << 3 | 6 | (extras_.flags ? paging::eptp::accessed_dirty : 0);
}

// Per root: a PML4, a PDPT, two PDs and two PTs; two or three entries of each are used.
std::vector<world::slot> world::guest_slots() {
  std::vector<slot> slots;
  for (std::uint64_t root = 0; root < 2; ++root) {
    const std::uint64_t base = guest_root(root);
    slots.push_back({base, 4, true, 0, root});
    for (std::uint64_t i = 0; i < 2; ++i) slots.push_back({base + 0x1000 + 8 * i, 3, true, 0, root});
    for (std::uint64_t t = 0; t < 2; ++t) {
      for (std::uint64_t i = 0; i < 2; ++i) slots.push_back({base + 0x2000 + t * 0x1000 + 8 * i, 2, true, 0, root});
      for (std::uint64_t i = 0; i < 3; ++i) slots.push_back({base + 0x4000 + t * 0x1000 + 8 * i, 1, true, 0, root});
    }
  }
  return slots;
}

std::vector<world::slot> world::nested_slots() {
  std::vector<slot> slots;
  for (std::uint64_t root = 0; root < 2; ++root) {
    for (std::uint64_t gib = 0; gib < 3; ++gib) {
      const std::uint64_t first = gib * gigabyte;
      if (gib != 0) slots.push_back({nested_pdpt(root) + 8 * gib, 3, false, first, root});
      for (std::uint64_t mid = gib == 0 ? 1 : 0; mid < 3; ++mid) {
        slots.push_back({nested_pd(root, gib) + 8 * mid, 2, false, first + mid * two_megabytes, root});
        for (std::uint64_t page = 0; page < pages_used; ++page)
          slots.push_back(
              {nested_pt(root, gib, mid) + 8 * page, 1, false, first + mid * two_megabytes + (page << 12), root});
      }
    }
    // The pages that hold guest tables.
    for (std::uint64_t table = 0; table < 2; ++table)
      for (std::uint64_t page = 0; page < 6; ++page)
        slots.push_back({nested_pt(root, 0, 0) + ((guest_root(table) >> 12) + page) * 8, 1, false,
                         guest_root(table) + (page << 12), root});
  }
  return slots;
}

std::uint64_t world::nested_table(std::uint64_t to) const {
  if (format_ == paging::nested_kind::npt) return to | x86::p | x86::rw | x86::us | x86::a;
  return to | ept::r | ept::w | ept::x | (extras_.flags ? ept::a : 0);
}

// Bits of `draw` below 8 take rights away, so that most leaves have them all.
std::uint64_t world::nested_leaf(std::uint64_t to, unsigned level, std::uint64_t draw) const {
  const std::uint64_t size = level > 1 ? paging::page_size_bit : 0;
  const bool read_only = draw % 16 == 1;
  const bool no_execute = draw % 16 == 2;
  const bool supervisor = extras_.traps && draw % 16 >= 8;
  const bool flagged = draw % 8 < 6;
  if (format_ == paging::nested_kind::npt)
    return to | size | x86::p | (supervisor ? 0 : x86::us) | (read_only ? 0 : x86::rw) | (no_execute ? x86::xd : 0) |
           (flagged ? x86::a | x86::d : 0);
  return to | size | 6u << ept::type_shift | ept::r | (read_only ? 0 : ept::w) | (no_execute ? 0 : ept::x) |
         (extras_.flags && flagged ? ept::a | ept::d : 0);
}

std::uint64_t world::nested_value(const slot& s, std::mt19937_64& draw) const {
  const bool holds_tables = s.covers < two_megabytes;
  if (one_in(draw, holds_tables ? 30 : 12)) return 0;
  const std::uint64_t gib = s.covers / gigabyte;
  const std::uint64_t mid = s.covers % gigabyte / two_megabytes;
  if (s.level == 3 && !one_in(draw, 3)) return nested_table(nested_pd(s.root, gib));
  if (s.level == 2 && !one_in(draw, 3)) return nested_table(nested_pt(s.root, gib, mid));
  const bool moved = one_in(draw, holds_tables ? 20 : 2);
  return nested_leaf(s.covers + (moved ? elsewhere * (s.level == 3 ? 4 : 1) : 0), s.level, draw());
}

bool world::maps(std::uint64_t entry, std::uint64_t gpa) {
  static const std::vector<slot> slots = nested_slots();
  for (const slot& s : slots)
    if (s.address == entry) return gpa - s.covers < std::uint64_t{1} << (12 + 9 * (s.level - 1));
  return false;
}

std::uint64_t world::guest_value(const slot& s, std::mt19937_64& draw) const {
  if (one_in(draw, s.level == 4 ? 20 : 10)) return 0;
  std::uint64_t flags = x86::p | x86::rw | x86::us | x86::a;
  const std::uint64_t bits = draw();
  if ((bits & 7) == 0) flags &= ~x86::rw;
  if ((bits & 0x78) == 0) flags &= ~x86::us;
  if ((bits & 0x180) == 0) flags &= ~x86::a;
  if ((bits & 0xe00) == 0) flags |= x86::xd;
  const std::uint64_t base = guest_root(s.root);
  if (s.level == 4) return (base + 0x1000) | flags;
  if (s.level == 3 && extras_.pae)
    return (base + 0x2000 + below(draw, 2) * 0x1000) | x86::p | (one_in(draw, 20) ? x86::rw : 0);  // a reserved bit
  const bool leaf = s.level == 1 || one_in(draw, 3);
  if (!leaf) return (base + (s.level == 3 ? 0x2000 : 0x4000) + below(draw, 2) * 0x1000) | flags;
  if ((bits & 0x3000) != 0) flags |= x86::d;
  if ((bits & 0xc000) == 0) flags |= x86::g;
  if (s.level > 1) flags |= x86::ps;
  if (s.level == 3) return (1 + below(draw, 2)) * gigabyte | flags;
  const std::uint64_t mid = (1 + below(draw, 2)) * two_megabytes + below(draw, 3) * gigabyte;
  if (s.level == 2) return mid | flags;
  return (mid + (below(draw, pages_used) << 12)) | flags;
}

std::vector<operation> world::beginning() const {
  std::vector<operation> edits;
  std::mt19937_64 draw(1);
  for (const slot& s : guest_slots()) {
    std::uint64_t value = 0;
    while (value == 0) value = guest_value(s, draw);
    edits.push_back({step::edit, s.address, value, 0});
  }
  if (!nested_) return edits;
  for (std::uint64_t root = 0; root < 2; ++root) {
    edits.push_back({step::edit, nested_root(root), nested_table(nested_pdpt(root)), 0});
    edits.push_back({step::edit, nested_pdpt(root), nested_table(nested_pd(root, 0)), 0});
    edits.push_back({step::edit, nested_pd(root, 0), nested_table(nested_pt(root, 0, 0)), 0});
  }
  for (const slot& s : nested_slots()) edits.push_back({step::edit, s.address, nested_leaf(s.covers, s.level, 0), 0});
  return edits;
}

std::uint64_t world::random_gva(std::mt19937_64& draw) {
  return below(draw, 2) * gigabyte + below(draw, 2) * two_megabytes + (below(draw, 3) << 12) + 0x238;
}

std::uint64_t world::random_pcid(std::mt19937_64& draw) const {
  const std::uint64_t pcid = 1 + below(draw, 2);
  return extras_.pae ? 0 : pcid;
}

operation world::random_access(std::mt19937_64& draw) const {
  const std::uint64_t mode = one_in(draw, 3) ? 1 + below(draw, 2) : 0;  // mostly user-mode, so that most succeed
  return {step::access, random_gva(draw), below(draw, 3) * 3 + mode, 0};
}

operation world::random_guest_edit(std::mt19937_64& draw) const {
  const std::vector<slot> slots = guest_slots();
  const slot& s = slots[below(draw, slots.size())];
  return {step::edit, s.address + (nested_ && one_in(draw, 4) ? elsewhere : 0), guest_value(s, draw), 0};
}

operation world::random_nested_edit(std::mt19937_64& draw) const {
  const std::vector<slot> slots = nested_slots();
  const slot& s = slots[below(draw, slots.size())];
  return {step::edit, s.address, nested_value(s, draw), 0};
}

operation world::random_flush(std::mt19937_64& draw) const {
  const std::uint64_t gva = random_gva(draw);
  const bool npt = format_ == paging::nested_kind::npt;
  switch (below(draw, nested_ && !npt ? 5 : 3)) {
    case 0: return {step::invlpg, gva, 0, 0};
    case 1: return {step::invpcid, gva, below(draw, 4), random_pcid(draw)};
    case 2: return {step::invvpid, gva, below(draw, 4), 1 + below(draw, 2)};
    default: return {step::invept, 0, 1 + below(draw, 2), below(draw, 2)};
  }
}

operation world::random_switch(std::mt19937_64& draw) const {
  using namespace paging;
  constexpr std::uint64_t cr4_bits[] = {cr4::smep, cr4::smap, cr4::pge};
  switch (below(draw, 8)) {
    case 0: return {step::toggle_cr4, 0, cr4_bits[below(draw, 3)], 0};
    case 1: return {step::toggle_cr0, 0, cr0::wp, 0};
    case 2:
    case 3: return {step::switch_vm, 0, below(draw, 2), 1 + below(draw, 2)};
    default: break;
  }
  const bool no_flush = one_in(draw, 2) && !extras_.pae;
  return {step::mov_cr3, below(draw, 2), no_flush ? 1u : 0u, random_pcid(draw)};
}

operation world::random(std::mt19937_64& draw) const {
  const std::uint64_t choice = below(draw, 100);
  if (choice < 55) return random_access(draw);
  if (choice < 74) return random_guest_edit(draw);
  if (choice < 82) return nested_ ? random_nested_edit(draw) : random_guest_edit(draw);
  if (choice < 93) return random_flush(draw);
  return random_switch(draw);
}

}  // namespace nestwalk::test
