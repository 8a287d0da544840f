// Performs conformance vectors on the RTL walker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/conform/executor.h"
#include "tb/rtl_model.h"

namespace nestwalk::tb {

/// Each vector once, alone, over memory as the vector has it.
class rtl_executor final : public platforms::vector_executor {
 public:
  rtl_executor();
  const char* name() const override { return "rtl"; }
  std::string why_not(const platforms::conformance_vector& v) const override;
  /// Throws input_error for a vector that is not for the walker.
  std::vector<platforms::vector_run> perform(const platforms::conformance_vector& v) override;

 private:
  std::unique_ptr<rtl_model> model_;
};

}  // namespace nestwalk::tb
