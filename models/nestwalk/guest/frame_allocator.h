// Which guest-physical memory is free: frames of 4 KBytes, 2 MBytes and 1 GByte.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "nestwalk/paging/address.h"

namespace nestwalk::guest {

/// Deals out aligned frames, the lowest that is free, from the smallest block already cut. A block whose parts are all
/// free again is whole again. Sizes are `page_4k`, `page_2m` and `page_1g`.
class frame_allocator {
 public:
  /// `bytes` of memory from address 0; a multiple of 2 MBytes, else `input_error`.
  explicit frame_allocator(std::uint64_t bytes);

  /// A frame of 2^`size_log2` bytes, or nothing where none is free.
  std::optional<paging::gpa> try_allocate(unsigned size_log2);
  /// A frame; throws `input_error` where none is free.
  paging::gpa allocate(unsigned size_log2);
  void release(paging::gpa frame, unsigned size_log2);
  /// From now on an allocated frame of 2 MBytes or 1 GByte is 512 frames of the next smaller size, all allocated.
  void split(paging::gpa frame, unsigned size_log2);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t bytes_in_use() const { return in_use_; }

 private:
  static constexpr unsigned children = 512;
  /// A block cut into 512 parts.
  struct cut_block {
    std::array<std::uint64_t, children / 64> free{};
    unsigned free_parts = 0;
  };
  /// The cut blocks of one size, by address, and those of them with a free part.
  struct tier {
    std::map<std::uint64_t, cut_block> blocks;
    std::set<std::uint64_t> with_free;
  };

  static tier& of(std::array<tier, 2>& tiers, unsigned part_log2) {
    return tiers[part_log2 == paging::page_2m ? 0 : 1];
  }
  std::optional<std::uint64_t> take(unsigned size_log2);
  void give_back(std::uint64_t frame, unsigned size_log2);
  static std::uint64_t take_part(tier& from, unsigned part_log2);

  std::uint64_t bytes_;
  std::uint64_t in_use_ = 0;
  std::set<std::uint64_t> whole_;  // free blocks of 1 GByte
  std::array<tier, 2> tiers_;      // blocks of 1 GByte cut by 2 MBytes, and of 2 MBytes cut by 4 KBytes
};

}  // namespace nestwalk::guest
