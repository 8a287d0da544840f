// Which host memory backs the guest's, and what was taken back from it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "nestwalk/paging/address.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/vmm/host.h"
#include "nestwalk/vmm/host_allocator.h"

namespace nestwalk::vmm {

/// The guest's RAM, gpa 0 to `size`, backed on demand by blocks of the configured size; by 4 KiB where a block does not
/// fit into RAM or the pool, and where a page of it was taken back. The bytes of a page taken back are kept and come
/// back with it, into another frame.
class guest_memory_map {
 public:
  struct config {
    std::uint64_t size = 0;
    unsigned backing_log2 = paging::page_2m;
  };
  struct counters {
    statistics::counter backed_4k = 0;
    statistics::counter backed_2m = 0;
    statistics::counter backed_1g = 0;
    statistics::counter taken = 0;
    statistics::counter restored = 0;
  };
  /// The backing of an address.
  struct backing {
    paging::hpa at;           ///< where the address itself lies
    unsigned size_log2 = 12;  ///< of the contiguous, aligned block around it
  };

  guest_memory_map(const config& c, host_allocator& frames, host& host) : config_(c), frames_(frames), host_(host) {}

  std::uint64_t size() const { return config_.size; }
  bool holds(paging::gpa at) const { return at.value < config_.size; }

  /// Where `at` lies, if anywhere.
  std::optional<backing> find(paging::gpa at) const;
  /// Where `at` lies, backed first where it was not: zeros, or what was taken back, written on the exit's time. Throws
  /// `input_error` for an address beyond the guest's RAM.
  backing provide(paging::gpa at);

  /// Takes the 4-KByte page back, which is backed and mapped nowhere: reads it into the store on the exit's time and
  /// frees the frame. The block that held it becomes 4-KByte pages.
  void take(paging::gpa page);
  /// The first backed 4-KByte page at or after `from`; from 0 again at the end. Nothing where none is backed.
  std::optional<paging::gpa> next_backed(paging::gpa from) const;
  /// The first 4-KByte page at or after `from` that is backed or was taken back; nothing beyond the last.
  std::optional<paging::gpa> next_touched(paging::gpa from) const;
  /// 4-KByte pages backed now.
  std::uint64_t resident() const { return resident_; }

  /// Reads or writes `bytes` within a page, without time: what is not backed reads as zero, and is backed to be
  /// written.
  void look(paging::gpa at, void* data, unsigned bytes);
  void plant(paging::gpa at, const void* data, unsigned bytes);

  const counters& counts() const { return counts_; }
  counters& counts() { return counts_; }

 private:
  static constexpr unsigned pages = 512;  // of 4 KiB in a region
  static constexpr std::uint64_t page_bytes = std::uint64_t{1} << paging::page_4k;
  static constexpr std::uint64_t nowhere = ~std::uint64_t{0};
  using bytes_of_page = std::array<unsigned char, page_bytes>;

  // 2 MiB of guest-physical addresses: one run of host memory, or a frame for each page.
  struct region {
    unsigned size_log2 = paging::page_4k;  // of the block that it is, or is a part of
    std::uint64_t base = nowhere;          // its first byte, unless in pieces
    std::unique_ptr<std::array<std::uint64_t, pages>> pieces;
  };

  region& region_of(paging::gpa at);
  bool back_block(paging::gpa at, unsigned size_log2);
  std::uint64_t& piece(paging::gpa at);
  std::uint64_t back_page(paging::gpa page, bool timed);
  void break_up(paging::gpa at);
  backing provide(paging::gpa at, bool timed);

  config config_;
  host_allocator& frames_;
  host& host_;
  std::map<std::uint64_t, region> regions_;                        // by gpa >> 21
  std::map<std::uint64_t, std::unique_ptr<bytes_of_page>> taken_;  // by gpa >> 12
  std::uint64_t resident_ = 0;
  counters counts_;
};

}  // namespace nestwalk::vmm
