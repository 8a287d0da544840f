// The registers and controls that translation hangs on, and the domain that they decode to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/paging/registers.h"
#include "nestwalk/paging/shared_domain.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/vm_controls.h"

namespace nestwalk::mmu {

/// Bits of a linear address that count in a domain: all, or 32 outside long mode.
inline std::uint64_t linear_mask_of(const paging::domain& d) {
  return d.guest.linear_bits == 32 ? 0xffffffff : ~std::uint64_t{0};
}

/// CR0, CR3, CR4, EFER, PKRU, PKRS, PAT, the PDPTE registers and the controls of the second stage. Each change decodes
/// them to a domain once; no walk reads a register. It knows neither time nor caches: it says what is to be flushed.
class register_file {
 public:
  /// Reads the four PDPTEs at an address of the guest; where that fails, the fault of the second stage or of memory.
  /// Memory may wait, and registers be written meanwhile.
  using pdpte_reader = std::function<paging::fault(paging::gpa at, std::array<std::uint64_t, 4>& pdptes)>;

  /// What came of a write.
  struct outcome {
    paging::fault refused;                  ///< kind none where the write was done; else nothing has changed
    std::optional<paging::selector> flush;  ///< what the write flushes, if anything
  };

  explicit register_file(const paging::capabilities& processor);
  register_file(const register_file&) = delete;
  register_file& operator=(const register_file&) = delete;

  /// What the registers decode to. Whoever needs it for longer than until the next write shares it.
  const paging::domain& domain() const { return *domain_; }
  const paging::shared_domain& shared() const { return domain_; }
  const paging::paging_registers& registers() const { return registers_; }
  const paging::capabilities& processor() const { return processor_; }
  /// Address bits that count: all, or 32 outside long mode.
  std::uint64_t linear_mask() const { return linear_mask_; }
  /// Changes whenever what linear addresses map to may have changed: with the tables, the tags, or the paging mode.
  std::uint64_t space() const { return space_; }

  std::uint64_t read(protocol::control_register which) const;
  /// MOV to CR, WRMSR, WRPKRU.
  outcome write(protocol::control_register which, std::uint64_t value, const pdpte_reader& read_pdptes);
  /// A load from the guest-state area, and its flush: what mappings of the old paging mode would be wrong under.
  /// Throws `input_error` for a value that VM entry would refuse, or that asks for what is not modelled.
  std::optional<paging::selector> load(protocol::control_register which, std::uint64_t value);
  /// As `load`, of all registers at once; the caller flushes everything.
  void load(const paging::paging_registers& all);

  /// The controls that hold from the next VM entry on. Throws `input_error` where VM entry would refuse them.
  void load_controls(const protocol::translation_controls& controls);
  /// VM entry: the loaded controls hold, and the PDPTE registers are loaded where the guest-state area's CR3 or paging
  /// mode asks for it. The fault, where that fails.
  paging::fault enter(const pdpte_reader& read_pdptes);
  const protocol::translation_controls& controls() const { return controls_; }
  /// The PML index as the walks have left it.
  std::uint16_t log_index() const { return log_->index; }

 private:
  bool refuses(protocol::control_register which, std::uint64_t value) const;
  void demand_loadable(protocol::control_register which, std::uint64_t value) const;
  paging::paging_registers with(protocol::control_register which, std::uint64_t value) const;
  paging::fault load_pdptes(const paging::paging_registers& next, const pdpte_reader& read_pdptes,
                            std::array<std::uint64_t, 4>& pdptes) const;
  void adopt(const paging::paging_registers& next);
  bool keeps_pdptes() const;  // in registers, that is
  void decode_first_stage();
  void decode_second_stage();
  void retag();

  paging::capabilities processor_;
  paging::paging_registers registers_;
  protocol::translation_controls controls_;
  protocol::translation_controls loaded_;
  bool entered_ = true;      // `controls_` is what was loaded last
  bool pdptes_due_ = false;  // at the next VM entry, in PAE paging
  std::shared_ptr<paging::page_modification_log> log_ =
      std::make_shared<paging::page_modification_log>();  // loaded last
  paging::shared_domain domain_;
  std::uint64_t linear_mask_ = 0xffffffff;
  std::uint64_t space_ = 0;
};

}  // namespace nestwalk::mmu
