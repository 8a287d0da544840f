// Hands out host-physical frames of 4 KiB, 2 MiB and 1 GiB from one pool.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nestwalk/paging/address.h"

namespace nestwalk::vmm {

struct host_allocator_config {
  paging::hpa base;        ///< first byte of the pool
  std::uint64_t size = 0;  ///< bytes
  bool scatter = false;    ///< 4-KByte frames come in an order permuted by `seed`, within groups of 32 MiB
  std::uint64_t seed = 1;
};

/// Frames are aligned to their size. What was never handed out before reads as zero; a frame handed out again does not.
class host_allocator {
 public:
  struct frame {
    paging::hpa page;
    bool clean = true;  ///< never handed out before: reads as zero
  };

  explicit host_allocator(const host_allocator_config& config);

  /// A 4-KByte frame; those given back come first. Throws `input_error` where the pool is exhausted.
  frame take_page();
  /// A clean frame of 2^`size_log2` (21 or 30) bytes, or nothing where no such run is left.
  std::optional<paging::hpa> take_block(unsigned size_log2);
  /// Gives a 4-KByte frame back; it may be a part of a block.
  void give_back(paging::hpa page) { used_.push_back(page); }

 private:
  static constexpr unsigned group_chunks = 16;  // of 2 MiB, over which 4-KByte frames are permuted

  std::optional<paging::hpa> take_chunk();
  void refill();
  void shuffle();
  std::uint64_t random();

  host_allocator_config config_;
  std::uint64_t next_;  // first byte that no chunk was taken from
  std::uint64_t end_;
  std::uint64_t random_;
  std::vector<paging::hpa> skipped_;  // 2-MByte chunks passed over for the alignment of a 1-GByte one
  std::vector<paging::hpa> fresh_;    // 4-KByte frames never handed out, the next at the back
  std::vector<paging::hpa> used_;     // 4-KByte frames given back
};

}  // namespace nestwalk::vmm
