// What the guest kernel may do: instructions of the core, in guest context, any of which may exit to a VMM.
#pragma once

#include <cstdint>

#include <systemc>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/invalidation.h"
#include "nestwalk/protocol/control.h"

namespace nestwalk::cpu {

/// Offered by the core to the guest kernel. Each takes the core's time and may exit; faults of the kernel's own
/// accesses go to the kernel like any other.
class guest_instructions_if : public virtual sc_core::sc_interface {
 public:
  /// `count` instructions that touch no memory worth modelling.
  virtual void execute(std::uint64_t count) = 0;
  /// One access of 1 to 64 bytes at CPL 0 within a page.
  virtual void load(paging::gva address, void* data, unsigned size) = 0;
  virtual void store(paging::gva address, const void* data, unsigned size) = 0;
  /// MOV to CR, WRMSR. A refused write throws `input_error`: a kernel's bug.
  virtual void write_register(protocol::control_register which, std::uint64_t value) = 0;
  virtual void invlpg(paging::gva address) = 0;
  virtual void invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva address) = 0;
  /// STAC and CLAC: RFLAGS.AC, which lets CPL 0 reach user pages under SMAP. Clear in every handler until set.
  virtual void write_alignment_check(bool set) = 0;
};

}  // namespace nestwalk::cpu
