// The memory of a real machine, and what is known of it: images/linux-npt.* (see images/README.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nestwalk/image/memory_image.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::image::test {

/// What one page's row says.
struct page_truth {
  bool from_pagemaps = false;  ///< of the kernels' pagemaps; else of a walk of the tables
  std::uint64_t gva = 0;
  std::uint64_t gpa = 0;
  std::optional<std::uint64_t> hpa;  ///< none: the second stage maps nothing
  unsigned guest_log2 = 0;
  unsigned host_log2 = 0;
  bool guest_write = false;
  bool guest_user = false;
  bool guest_execute = false;
  std::optional<bool> host_write;  ///< the pagemap rows tell
  std::optional<bool> host_execute;
  std::optional<bool> global;  ///< the rows of the walk tell

  /// KVM's mark for device memory: a physical address of 52 bits.
  bool is_device() const { return hpa && (*hpa >> 51) != 0; }
  std::string name() const;
};

struct linux_npt {
  std::unique_ptr<memory_image> image;
  std::uint64_t cr3 = 0;
  std::uint64_t nested_root = 0;
  std::vector<page_truth> pages;

  /// Reads both files.
  linux_npt();
  paging::paging_registers guest_registers() const;
  paging::paging_registers host_registers() const;
  /// Both stages as the machine had them, at a physical width.
  paging::domain domain(unsigned physical_bits) const;
};

}  // namespace nestwalk::image::test
