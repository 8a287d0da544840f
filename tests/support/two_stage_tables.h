// A guest's tables over a second stage's, for tests: gva -> gpa -> hpa at chosen page sizes.
#pragma once

#include <cstdint>

#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/protocol/vm_controls.h"
#include "support/table_builder.h"

namespace nestwalk::test {

/// Guest tables at guest-physical `guest_tables`, backed as they are made; nested tables at host-physical
/// `nested_tables`. Without a second stage the guest's tables stand where the guest thinks they do.
class two_stage_tables {
 public:
  struct config {
    bool nested = true;
    paging::nested_kind format = paging::nested_kind::ept;
    unsigned guest_levels = 4;
    unsigned nested_levels = 4;
    unsigned table_backing_log2 = paging::page_4k;  ///< nested page size under the guest's tables
    bool ept_accessed_dirty = false;                ///< EPTP bit 6
    std::uint64_t guest_tables = 0x4000'0000;
    std::uint64_t nested_tables = 0x8000'0000;
    std::uint64_t backing = 0x10'0000'0000;  ///< hpa less gpa
  };

  two_stage_tables(const table_memory& memory, const config& c)
      : config_(c),
        nested(memory, {c.nested_levels, c.nested_tables, nested_table_flags(c)}),
        guest(memory, {c.guest_levels, c.guest_tables, leaf::x86_clean | paging::x86_entry::a},
              [this](std::uint64_t at) { return backed(at); }) {
    backed(guest.root());
  }
  two_stage_tables(const two_stage_tables&) = delete;
  two_stage_tables& operator=(const two_stage_tables&) = delete;

 private:
  config config_;

 public:
  table_builder nested;  ///< gpa -> hpa
  table_builder guest;   ///< gva -> gpa

  /// Maps `gva` to `gpa` in the guest's tables and backs that page with nested pages of 2^`nested_log2` bytes.
  void map(std::uint64_t gva, std::uint64_t gpa, unsigned guest_log2 = paging::page_4k,
           unsigned nested_log2 = paging::page_4k, std::uint64_t flags = leaf::x86) {
    guest.map(gva, gpa, guest_log2, flags);
    const std::uint64_t step = std::uint64_t{1} << nested_log2;
    const std::uint64_t end = gpa + (std::uint64_t{1} << guest_log2);
    for (std::uint64_t at = gpa & ~(step - 1); at < end; at += step) back(at, nested_log2);
  }
  /// Backs the nested page that holds `gpa`.
  void back(std::uint64_t gpa, unsigned size_log2) { back(gpa, size_log2, nested_leaf()); }
  void back(std::uint64_t gpa, unsigned size_log2, std::uint64_t flags) {
    if (!config_.nested) return;
    const std::uint64_t page = gpa & ~((std::uint64_t{1} << size_log2) - 1);
    nested.map(page, page + config_.backing, size_log2, flags);
  }
  std::uint64_t hpa_of(std::uint64_t gpa) const { return config_.nested ? gpa + config_.backing : gpa; }
  std::uint64_t nested_leaf() const { return config_.format == paging::nested_kind::ept ? leaf::ept : leaf::x86; }

  /// The value of an EPTP for these tables.
  std::uint64_t eptp() const {
    return nested.root() | 6u | std::uint64_t{config_.nested_levels - 1} << 3 |
           (config_.ept_accessed_dirty ? paging::eptp::accessed_dirty : 0);
  }
  /// Registers of a 64-bit guest, or of the host under NPT, with tables at `root`.
  static paging::paging_registers registers(std::uint64_t root, unsigned levels) {
    paging::paging_registers r;
    r.cr0 = paging::cr0::pg | paging::cr0::pe | paging::cr0::wp;
    r.cr4 = paging::cr4::pae | paging::cr4::pge | (levels == 5 ? paging::cr4::la57 : 0);
    r.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
    r.cr3 = root;
    return r;
  }
  paging::paging_registers guest_registers() const { return registers(guest.root(), config_.guest_levels); }
  protocol::translation_controls controls(std::uint16_t vpid = 1) const {
    protocol::translation_controls c;
    c.nested_paging = config_.nested;
    c.format = config_.format;
    c.ept.eptp = eptp();
    c.host = registers(nested.root(), config_.nested_levels);
    c.vpid = vpid;
    return c;
  }
  /// The domain of an access, as an mmu would decode it.
  paging::domain domain(std::uint16_t vpid = 1, std::uint16_t pcid = 0,
                        const paging::capabilities& processor = {}) const {
    paging::domain c;
    c.guest = paging::decode_guest(guest_registers(), processor);
    c.nested_on = config_.nested;
    if (config_.nested)
      c.nested = config_.format == paging::nested_kind::ept
                     ? paging::decode_ept({eptp(), false, false}, processor)
                     : paging::decode_npt(registers(nested.root(), config_.nested_levels), processor);
    c.tags = {vpid, pcid, config_.nested ? nested.root() >> 12 : 0};
    return c;
  }

 private:
  static std::uint64_t nested_table_flags(const config& c) {
    return c.format == paging::nested_kind::ept ? leaf::ept_rwx | paging::ept_entry::a
                                                : leaf::x86_clean | paging::x86_entry::a;
  }
  std::uint64_t backed(std::uint64_t gpa) {
    const unsigned level = (config_.table_backing_log2 - paging::page_4k) / 9 + 1;
    if (config_.nested && nested.read_entry(gpa, level) == 0) back(gpa, config_.table_backing_log2);
    return hpa_of(gpa);
  }
};

}  // namespace nestwalk::test
