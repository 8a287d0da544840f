// The RTL walker as a C++ object. What stands behind it is Verilated; nothing of Verilator shows here, so that it may
// stand beside SystemC.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tb/rtl_pins.h"

namespace nestwalk::tb {

/// Parameters that a built model has; rtl/page_walker.sv says what they mean.
struct model_shape {
  std::string name;  ///< by which it is asked for
  unsigned contexts = 16;
  unsigned nested_tlb_entries = 0;
  unsigned walk_cache_entries = 0;
  bool bypass = false;
};

/// One walker. A cycle is: set `in`, `cycle`, read `out`. What is set for a cycle may depend on `out` of the one
/// before.
class rtl_model {
 public:
  virtual ~rtl_model() = default;

  input_pins in;
  output_pins out;

  /// The rising edge that ends the cycle before and begins this one, with `in` on the pins.
  virtual void cycle() = 0;
  /// Holds reset for a few cycles.
  void reset();

  /// Records waves into an FST file from now on; false where it cannot be made.
  virtual bool open_waves(const std::string& path) = 0;
  virtual void close_waves() = 0;
  /// Writes line and branch coverage, where the model was built to collect it.
  virtual void write_coverage(const std::string& path) = 0;
  /// How often an assertion of the bound checker failed.
  virtual unsigned assertion_failures() const = 0;
};

/// The models that were built, the default first.
const std::vector<model_shape>& model_shapes();
/// Makes the model of that name; nullptr where none has it.
std::unique_ptr<rtl_model> make_model(const std::string& name);
/// The plain model (no caches, no bypass) with so many contexts; nullptr where none was built.
const model_shape* find_shape(unsigned contexts);

}  // namespace nestwalk::tb
