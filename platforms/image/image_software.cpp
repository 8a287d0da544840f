#include "platforms/image/image_software.h"

#include <fmt/format.h>

#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/protocol/error.h"
#include "platforms/conform/guest_entry.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

/// The image's tables, looked at without effect.
struct looked_at {
  const image::memory_image& image;
  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) { return image.read(at, bytes, value); }
  paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
};

}  // namespace

image_software::image_software(const sc_core::sc_module_name& name, protocol::control_initiator_socket& mmu,
                               const image_state& state, const image::memory_image& image, bool ends)
    : sc_module(name), mmu_(mmu), state_(state), image_(image), ends_(ends) {
  exit.bind(*this);
}

void image_software::start(sc_core::sc_time& delay) {
  if (!state_.nested()) return;
  protocol::vm_controls controls;
  controls.virtualised = true;
  controls.translation = state_.controls;
  cpu->write_controls(controls, delay);
}

void image_software::boot() {
  enter_guest(*mmu_.operator->(), state_.controls, state_.guest);
}

cpu::fault_answer image_software::page_fault(const paging::fault& fault) {
  skip(fault, fault.linear);
  return cpu::fault_answer::skip;
}

cpu::fault_answer image_software::general_protection(const paging::fault& fault, paging::gva address) {
  skip(fault, address);
  return cpu::fault_answer::skip;
}

bool image_software::machine_check(const paging::fault& fault, paging::gva address) {
  skip(fault, address);
  return true;
}

void image_software::handle_exit(protocol::vm_exit& what, sc_core::sc_time&) {
  skip(what.fault, what.address);
  what.action = protocol::exit_action::skip;
}

void image_software::skip(const paging::fault& fault, paging::gva address) {
  const paging::hpa place = fault ? paging::hpa() : place_of(address);
  if (ends_)
    throw input_error(
        fmt::format("--end-on-fault: the access to {:#x}: {}", address.value,
                    fault ? described(fault) : fmt::format("memory error, the image lacks HPA {:#x}", place.value)));
  skipped_.add(fault, address, place);
}

/// Where the program's address goes by the tables as they are now.
paging::hpa image_software::place_of(paging::gva address) const {
  const paging::domain domain = domain_of(state_, image_);
  looked_at memory{image_};
  for (const auto type : {paging::access_type::read, paging::access_type::fetch}) {
    const paging::outcome came =
        paging::two_stage_walk<looked_at>(domain, memory).translate(address, {type, paging::access_mode::user});
    if (came.mapped()) return came.output;
  }
  return {};
}

}  // namespace nestwalk::platforms
