// The kernel's first tables, in memory before the first instruction runs.
#pragma once

#include <array>
#include <cstdint>

#include "nestwalk/guest/frame_allocator.h"
#include "nestwalk/guest/kernel_config.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"

namespace nestwalk::guest {

/// Writes tables by debug transport, in no time, as a loader would have: the direct map of all memory (supervisor,
/// global, never executable, accessed and dirty from the start), and root tables that hold it in their kernel half.
class boot_image {
 public:
  /// `image` reaches guest-physical memory. Throws `input_error` where the direct map has no room for the memory.
  boot_image(protocol::memory_initiator_socket& image, frame_allocator& frames, const kernel_config& config);

  /// Makes the direct map. Once, before any root.
  void write_direct_map();
  /// A root table with an empty user half.
  paging::gpa write_root();

 private:
  using table = std::array<std::uint64_t, 512>;

  std::uint64_t table_at(unsigned level, std::uint64_t first);
  paging::gpa write_table(const table& entries);

  protocol::memory_initiator_socket& image_;
  frame_allocator& frames_;
  const kernel_config& config_;
  protocol::owned_payload payload_;
  table root_{};
};

}  // namespace nestwalk::guest
