// What a main memory is made of.
#pragma once

#include <cstdint>

#include <systemc>

namespace nestwalk::configuration {
class group;
}

namespace nestwalk::memory {

/// The defaults are two channels of DDR4-2666 19-19-19 (JEDEC JESD79-4, speed bin DDR4-2666V).
struct dram_timing_config {
  unsigned channels = 2;                           ///< each has its own data bus; any number from 1
  unsigned ranks = 1;                              ///< ranks of a channel, a power of two
  unsigned banks = 16;                             ///< banks of a rank, a power of two
  unsigned row_bytes = 8192;                       ///< bytes of a row over a channel's devices, a power of two
  unsigned burst_bytes = 64;                       ///< bytes of one burst, a power of two
  sc_core::sc_time t_rcd{14.25, sc_core::SC_NS};   ///< activate to column command
  sc_core::sc_time t_cl{14.25, sc_core::SC_NS};    ///< column command to the first data, of reads and of writes
  sc_core::sc_time t_rp{14.25, sc_core::SC_NS};    ///< precharge to activate
  sc_core::sc_time burst_time{3, sc_core::SC_NS};  ///< data bus time of one burst
  sc_core::sc_time controller{0, sc_core::SC_NS};  ///< time that the controller adds to each access
};

struct dram_config {
  std::uint64_t size = std::uint64_t{64} << 30;  ///< bytes, a multiple of 4 KiB up to 2^52
  dram_timing_config timing;
  bool huge_host_pages = false;  ///< ask the operating system for 2 MiB pages: faster, uses more memory
};

/// Its keys, those of its timing beside the rest.
void describe(const configuration::group& into, dram_config& c);

}  // namespace nestwalk::memory
