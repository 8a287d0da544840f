// The registers and controls that translation hangs on, and the context that they decode to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "paging/fault.h"
#include "paging/invalidation.h"
#include "paging/registers.h"
#include "paging/stage.h"
#include "protocol/control.h"
#include "protocol/vm_controls.h"

namespace nestwalk::mmu {

/// CR0, CR3, CR4, EFER, PKRU, PKRS, PAT, the PDPTE registers and the controls of the second stage. Each change decodes
/// the context once; no walk reads a register. It knows neither time nor caches: it says what is to be flushed.
class register_file {
 public:
  /// Reads the four PDPTEs at an address of the guest; where that fails, the fault of the second stage or of memory.
  using pdpte_reader = std::function<paging::fault(paging::gpa at, std::array<std::uint64_t, 4>& pdptes)>;

  /// What came of a write.
  struct outcome {
    paging::fault refused;                 ///< kind none where the write was done; else nothing has changed
    std::optional<paging::selector> owed;  ///< the flush that the write owes
  };

  register_file(const paging::capabilities& machine, pdpte_reader read_pdptes);
  register_file(const register_file&) = delete;
  register_file& operator=(const register_file&) = delete;

  /// The decoded registers; the object stays, its content changes.
  const paging::context& context() const { return context_; }
  const paging::paging_registers& registers() const { return registers_; }
  /// Address bits that count: all, or 32 outside long mode.
  std::uint64_t linear_mask() const { return linear_mask_; }
  /// Changes whenever what linear addresses map to may have changed: with the tables, the tags, or the paging mode.
  std::uint64_t space() const { return space_; }

  std::uint64_t read(protocol::control_register which) const;
  /// MOV to CR, WRMSR, WRPKRU.
  outcome write(protocol::control_register which, std::uint64_t value);
  /// A load from the guest-state area. `owed` is what mappings of the old paging mode would be wrong under. Throws
  /// `input_error` for a value that VM entry would refuse, or that asks for what is not modelled.
  outcome load(protocol::control_register which, std::uint64_t value);

  /// The controls that hold from the next VM entry on. Throws `input_error` where VM entry would refuse them.
  void load_controls(const protocol::translation_controls& controls);
  /// Makes the loaded controls hold.
  void enter();
  const protocol::translation_controls& controls() const { return controls_; }
  /// The PML index as the walks have left it.
  std::uint16_t log_index() const { return log_.index; }

 private:
  bool refuses(protocol::control_register which, std::uint64_t value) const;
  void demand_loadable(protocol::control_register which, std::uint64_t value) const;
  paging::paging_registers with(protocol::control_register which, std::uint64_t value) const;
  paging::fault load_pdptes(paging::paging_registers& next) const;
  void adopt(const paging::paging_registers& next);
  bool traps_guest_mode_execution() const;
  void decode_first_stage();
  void decode_second_stage();
  void retag();

  paging::capabilities machine_;
  pdpte_reader read_pdptes_;
  paging::paging_registers registers_;
  protocol::translation_controls controls_;
  protocol::translation_controls loaded_;
  bool entered_ = true;                // `controls_` is what was loaded last
  paging::context context_;            // its second stage refers to `log_`
  paging::page_modification_log log_;  // of the controls that hold
  std::uint64_t linear_mask_ = 0xffffffff;
  std::uint64_t space_ = 0;
};

}  // namespace nestwalk::mmu
