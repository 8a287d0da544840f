// Single accesses on an image's machine, each told walk by walk.
#pragma once

#include <optional>

#include <systemc>

#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/owned_payload.h"
#include "platforms/hardware.h"
#include "platforms/image/image_state.h"
#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {

/// What one access came to.
struct probed_access {
  std::optional<walk_record> walk;  ///< none where no table was walked
  paging::fault fault;              ///< of translation; kind none where it succeeded
  bool missing = false;             ///< translated, but the image lacks the bytes at the address that it went to
};

/// The hardware of a configuration over the memory of an image, without a core: accesses are made here. It runs the
/// image's guest from the first access on; one such stands in a process.
class image_probe {
 public:
  /// `c`'s processor and memory are made those of the image; `image` outlives this.
  image_probe(configuration c, const image_state& state, image::memory_image& image);

  /// One byte at `at`, with every cache empty. What it sets in tables, and stores, does not reach the file.
  probed_access access(paging::gva at, const paging::access& a);

 private:
  /// Where a core would stand.
  class front : public sc_core::sc_module, private protocol::blocking_initiator, private protocol::control_bw_if {
   public:
    protocol::memory_initiator_socket fetch{"fetch"};
    protocol::memory_initiator_socket data{"data"};
    protocol::control_initiator_socket control{"control"};
    explicit front(const sc_core::sc_module_name& name) : sc_module(name) {
      fetch.bind(*this);
      data.bind(*this);
      control.bind(*this);
    }
  };

  void enter();
  protocol::control_fw_if& registers() { return *front_.control.operator->(); }

  configuration config_;
  image_state state_;
  wiring wires_;
  hardware hardware_;
  front front_{"probe"};
  protocol::owned_payload payload_;
  walk_recorder recorder_;
  std::optional<walk_record> told_;
  bool entered_ = false;
};

/// `c` with the processor that the state says and a memory that ends with the image's.
configuration with_image(configuration c, const image_state& state, const image::memory_image& image);

}  // namespace nestwalk::platforms
