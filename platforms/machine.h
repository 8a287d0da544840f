// A whole machine: core, mmu, caches, memory, guest kernel and, unless native, a VMM.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "nestwalk/guest/kernel.h"
#include "nestwalk/vmm/vmm.h"
#include "platforms/bare_machine.h"
#include "platforms/run/memory_digest.h"

namespace nestwalk::platforms {

/// The machine of a mode, with a guest kernel and, unless native, a VMM.
class machine final : public bare_machine {
 public:
  /// Throws `input_error` where the configuration makes no machine.
  machine(const configuration& c, machine_mode mode);
  ~machine() override;

  guest::kernel& kernel() { return *kernel_; }
  /// The digest of guest-physical memory.
  std::string digest();

 private:
  void bind();
  std::optional<paging::gpa> next_page(paging::gpa from) const;
  void read_page(paging::gpa page, unsigned char* into);

  std::unique_ptr<guest::kernel> kernel_;
  std::unique_ptr<vmm::vmm> vmm_;  // null in native mode
};

}  // namespace nestwalk::platforms
