// Guest-physical memory as the running kernel reaches it: through the core, at its direct map.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "nestwalk/cpu/guest_instructions.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::guest {

/// Where the direct map begins (Linux: page_offset_base without randomisation).
constexpr paging::gva direct_map_base(unsigned levels) {
  return paging::gva(levels == 5 ? 0xff11000000000000 : 0xffff888000000000);
}

/// Loads and stores at CPL 0. All that the kernel does to memory after boot goes through here.
class core_memory {
 public:
  struct counters {
    statistics::counter entry_loads = 0;
    statistics::counter entry_stores = 0;
    statistics::counter bytes_cleared = 0;
    statistics::counter bytes_copied = 0;
  };

  /// `copy_bytes` is the size of one access when pages are cleared or copied.
  core_memory(sc_core::sc_port<cpu::guest_instructions_if>& cpu, unsigned levels, unsigned copy_bytes)
      : cpu_(cpu), base_(direct_map_base(levels)), copy_bytes_(copy_bytes) {}

  std::uint64_t load(paging::gpa entry) {
    ++counts_.entry_loads;
    std::uint64_t value = 0;
    cpu_->load(direct(entry), &value, sizeof value);
    return value;
  }
  void store(paging::gpa entry, std::uint64_t value) {
    ++counts_.entry_stores;
    cpu_->store(direct(entry), &value, sizeof value);
  }
  void clear(paging::gpa first, std::uint64_t bytes) {
    static constexpr std::array<unsigned char, 64> zeroes{};
    counts_.bytes_cleared += bytes;
    for (std::uint64_t at = 0; at < bytes; at += copy_bytes_)
      cpu_->store(direct(first + at), zeroes.data(), copy_bytes_);
  }
  void copy(paging::gpa from, paging::gpa to, std::uint64_t bytes) {
    std::array<unsigned char, 64> line{};
    counts_.bytes_copied += bytes;
    for (std::uint64_t at = 0; at < bytes; at += copy_bytes_) {
      cpu_->load(direct(from + at), line.data(), copy_bytes_);
      cpu_->store(direct(to + at), line.data(), copy_bytes_);
    }
  }

  void describe(statistics::group& into) {
    into.add("entry_loads", "accesses", "Loads of page-table entries.", counts_.entry_loads);
    into.add("entry_stores", "accesses", "Stores to page-table entries.", counts_.entry_stores);
    into.add("bytes_cleared", "bytes", "Memory zeroed, for new pages and tables.", counts_.bytes_cleared);
    into.add("bytes_copied", "bytes", "Memory copied.", counts_.bytes_copied);
  }

 private:
  paging::gva direct(paging::gpa address) const { return base_ + address.value; }

  sc_core::sc_port<cpu::guest_instructions_if>& cpu_;
  paging::gva base_;
  unsigned copy_bytes_;
  counters counts_;
};

}  // namespace nestwalk::guest
