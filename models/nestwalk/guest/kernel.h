// The guest kernel: what runs on the core when a process faults or asks for something.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <systemc>

#include "nestwalk/cpu/guest_instructions.h"
#include "nestwalk/cpu/guest_software.h"
#include "nestwalk/guest/boot_image.h"
#include "nestwalk/guest/frame_allocator.h"
#include "nestwalk/guest/kernel_config.h"
#include "nestwalk/guest/memory_manager.h"
#include "nestwalk/guest/mmu_context.h"
#include "nestwalk/guest/process.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::guest {

/// A small kernel in the manner of Linux on x86-64. Its first tables come with the boot image; everything after that it
/// does by instructions of the core: it edits tables by stores at its direct map, where a VMM may trap them, zeroes and
/// copies pages by loads and stores, and flushes what it restricts. Its code is not fetched and its stack not touched:
/// a handler's instructions are counted and take their time. It reaches user memory only by the direct map, so SMAP
/// never stands in its way.
///
/// What it decides depends only on the operations and on its own stores, never on time, on accessed and dirty flags, or
/// on what a VMM does: the same in native, shadow and nested mode.
class kernel : public sc_core::sc_module, public cpu::guest_software_if, private protocol::blocking_initiator {
 public:
  sc_core::sc_port<cpu::guest_instructions_if> cpu{"cpu"};  ///< the core's instructions
  /// Faces guest-physical memory, by debug transport and only at boot: the VMM's socket of that name, or the dram.
  protocol::memory_initiator_socket guest_memory{"guest_memory"};

  /// The process that boot begins with.
  static constexpr std::uint32_t first_process = 1;

  /// Throws `input_error` for a configuration that makes no guest.
  kernel(const sc_core::sc_module_name& name, const kernel_config& config);

  // Called by the core.
  void boot() override;
  cpu::fault_answer page_fault(const paging::fault& fault) override;
  cpu::fault_answer general_protection(const paging::fault& fault, paging::gva address) override;
  void system_call(const workload::operation& call) override;
  std::uint32_t current_process() const override { return current_->name; }

  /// Where the kernel put the byte at `address` of a process, by its own record: no access, no time. Nothing where no
  /// page is mapped.
  std::optional<paging::gpa> software_translate(std::uint32_t process, paging::gva address) const;
  /// The processes that live, by rising name.
  std::vector<std::uint32_t> processes() const;
  /// Bytes of guest-physical memory, from address 0 up.
  std::uint64_t memory_bytes() const { return config_.memory; }
  /// Bytes of it that are in use: the boot image, tables and pages.
  std::uint64_t memory_in_use() const { return frames_.bytes_in_use(); }

  void describe(statistics::group& into);

 private:
  process& create(std::uint32_t name, paging::gpa root, const region_map& regions);
  process& named(std::uint32_t name);
  void run(process& next);
  void fork(std::uint32_t child);
  void exit(std::uint32_t next);
  cpu::fault_answer bad_access(const std::string& what);

  kernel_config config_;
  frame_allocator frames_;
  boot_image boot_image_;
  mmu_context context_;
  memory_manager memory_;
  paging::gpa kernel_root_;
  std::map<std::uint32_t, process> processes_;
  process* current_ = nullptr;
  std::uint64_t contexts_ = 0;
};

}  // namespace nestwalk::guest
