// The page sizes by which TLBs look up and count.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/address.h"

namespace nestwalk::tlb {

/// Sizes of pages, smallest first: 4K, 2M, 4M, 1G.
inline constexpr unsigned page_size_count = 4;
inline constexpr std::array<unsigned, page_size_count> page_size_log2{paging::page_4k, paging::page_2m, paging::page_4m,
                                                                      paging::page_1g};
inline constexpr std::array<const char*, page_size_count> page_size_names{"4k", "2m", "4m", "1g"};

/// The index of the biggest size of at most 2^`log2` bytes; log2 is at least 12.
constexpr unsigned page_size_index(unsigned log2) {
  unsigned index = page_size_count - 1;
  while (page_size_log2[index] > log2) --index;
  return index;
}

/// Whether a page of a size, by its index, is less than one of 2^`log2` bytes.
constexpr bool is_fragment(unsigned index, unsigned log2) {
  return page_size_log2[index] < log2;
}

}  // namespace nestwalk::tlb
