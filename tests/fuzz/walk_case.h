// One random translation: the processor, the registers, the access, and the tables in memory.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "fuzz_target.h"
#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::test {

/// The processors that inputs choose from.
inline constexpr std::array<paging::capabilities, 3> processors{{
    {paging::vendor::intel, 46, true, true},
    {paging::vendor::amd, 40, true, true},
    {paging::vendor::intel, 36, false, false},
}};

/// Memory of a few pages, each filled with one entry, so that few bytes of input make tables that lead deep, into
/// themselves and into each other; single qwords differ.
class small_memory {
 public:
  static constexpr unsigned pages = 8;
  static constexpr std::uint64_t page_bytes = 4096;
  static constexpr std::uint64_t bytes = pages * page_bytes;
  static constexpr std::uint64_t log_address = 2 * bytes;  ///< of the page-modification log

  std::array<std::uint64_t, pages> fill{};
  std::map<std::uint64_t, std::uint64_t> single;  ///< by address
  std::uint8_t failing = 0;                       ///< pages that answer an error
  std::uint8_t losing = 0;                        ///< exchanges that find the entry changed, before others are stored
  unsigned calls = 0;
  std::vector<std::uint64_t> records;      ///< of the page-modification log
  bool guest_flag_in_nested_page = false;  ///< a guest's flag was stored in one of the lower pages

  /// The qword at an aligned address; 0 beyond the pages.
  std::uint64_t at(std::uint64_t address) const;
  bool read(paging::hpa entry, unsigned size, std::uint64_t& value);
  bool log(paging::hpa slot, std::uint64_t record);
  paging::exchange_result exchange(paging::hpa entry, unsigned size, std::uint64_t expected, std::uint64_t desired);

 private:
  bool fails(std::uint64_t address) const { return address < bytes && ((failing >> (address / page_bytes)) & 1) != 0; }
};

struct walk_case {
  unsigned processor = 0;  ///< index of `processors`
  bool cached = false;     ///< the mmu to compare with has TLBs and walk caches
  paging::paging_registers guest;
  protocol::translation_controls controls;
  paging::gva address;
  paging::access access;
  small_memory memory;

  explicit walk_case(input_bytes in);

  bool ept() const { return controls.nested_paging && controls.format == paging::nested_kind::ept; }
  /// Its second stage logs to `log`, where the controls say so.
  paging::domain domain(paging::page_modification_log& log) const;
  /// Whether an mmu must come to the same: memory answers, nothing is lost, no walk begins at a PDPTE register.
  bool comparable() const;

 private:
  void draw_guest(input_bytes& in);
  void draw_second_stage(input_bytes& in);
  void draw_memory(input_bytes& in);
};

}  // namespace nestwalk::test
