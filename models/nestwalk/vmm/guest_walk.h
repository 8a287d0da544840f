// How a VMM answers the steps of a walk through the guest's tables: from guest memory, on the exit's time.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/paging/drive.h"
#include "nestwalk/paging/walk.h"
#include "nestwalk/vmm/guest_memory_map.h"
#include "nestwalk/vmm/host.h"

namespace nestwalk::vmm {

/// The entries that a walk came by, as they stand after it, by level.
struct guest_path {
  struct step {
    paging::gpa at;  ///< of the entry
    std::uint64_t value = 0;
  };
  std::array<step, paging::most_levels + 1> steps{};

  /// The page of the table at `level`.
  paging::gpa table(unsigned level) const { return steps[level].at.base(paging::page_4k); }
};

/// A port for paging::drive: accessed and dirty flags are set in the guest's entries as the hardware would.
class guest_walk_port {
 public:
  guest_walk_port(host& host, guest_memory_map& memory, guest_path& path) : host_(host), memory_(memory), path_(path) {}

  bool read(paging::gpa entry, unsigned level, unsigned, std::uint64_t& value) {
    value = host_.read(memory_.provide(entry).at);
    path_.steps[level] = {entry, value};
    return true;
  }
  paging::exchange_result exchange(paging::gpa entry, unsigned level, unsigned, std::uint64_t expected,
                                   std::uint64_t desired) {
    if (!host_.exchange(memory_.provide(entry).at, expected, desired)) return paging::exchange_result::changed;
    path_.steps[level].value = desired;
    return paging::exchange_result::stored;
  }

 private:
  host& host_;
  guest_memory_map& memory_;
  guest_path& path_;
};

}  // namespace nestwalk::vmm
