// What stands where a guest's kernel and a VMM would, over the tables of an image: nothing is repaired, only skipped.
#pragma once

#include <systemc>

#include "nestwalk/cpu/guest_software.h"
#include "nestwalk/cpu/host_instructions.h"
#include "nestwalk/image/memory_image.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/vm_exit.h"
#include "platforms/image/image_state.h"
#include "platforms/image/skipped_accesses.h"

namespace nestwalk::platforms {

/// Loads the state of the image's machine. The tables stay as they are but for accessed and dirty flags: an access that
/// faults, exits or meets memory that the image lacks is counted and skipped, or ends the run.
class image_software : public sc_core::sc_module, public cpu::guest_software_if, private protocol::exit_fw_if {
 public:
  protocol::exit_target_socket exit{"exit"};               ///< faces the core: its exits
  sc_core::sc_port<cpu::host_instructions_if> cpu{"cpu"};  ///< the core's, for the controls

  /// `mmu`: the core's control socket; it, the state and the image outlive this. `ends`: the first such access ends the
  /// run as an `input_error`.
  image_software(const sc_core::sc_module_name& name, protocol::control_initiator_socket& mmu, const image_state& state,
                 const image::memory_image& image, bool ends);

  skipped_accesses& skipped() { return skipped_; }

  void boot() override;
  cpu::fault_answer page_fault(const paging::fault& fault) override;
  cpu::fault_answer general_protection(const paging::fault& fault, paging::gva address) override;
  bool machine_check(const paging::fault& fault, paging::gva address) override;
  void system_call(const workload::operation&) override {}  // there is no kernel to hear it
  std::uint32_t current_process() const override { return 1; }

 private:
  void start(sc_core::sc_time& delay) override;
  void handle_exit(protocol::vm_exit& what, sc_core::sc_time& delay) override;
  void skip(const paging::fault& fault, paging::gva address);
  paging::hpa place_of(paging::gva address) const;

  protocol::control_initiator_socket& mmu_;
  const image_state& state_;
  const image::memory_image& image_;
  bool ends_;
  skipped_accesses skipped_;
};

}  // namespace nestwalk::platforms
