// Where the bytes of physical memory stand in an image, and what else it says of the machine.
#pragma once

#include <cstdint>
#include <vector>

namespace nestwalk::image {

/// Bytes of the file that are the memory from the physical address `first` on.
struct segment {
  std::uint64_t first = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  ///< in the file

  std::uint64_t end() const { return first + bytes; }
};

/// The registers of one processor of the machine, as a note of the image has them.
struct cpu_registers {
  std::uint64_t cr0 = 0;
  std::uint64_t cr3 = 0;
  std::uint64_t cr4 = 0;
};

/// What a format's reader finds: the segments in the file's order, as the file has them.
struct layout {
  std::vector<segment> segments;
  std::vector<cpu_registers> cpus;  ///< in the order of the notes; empty where there are none
};

}  // namespace nestwalk::image
