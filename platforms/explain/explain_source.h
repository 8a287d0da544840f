// The few operations that `explain` has a program perform.
#pragma once

#include <vector>

#include "nestwalk/workload/source.h"

namespace nestwalk::platforms {

/// Yields the operations it was given, then ends.
class explain_source final : public workload::source {
 public:
  explicit explain_source(std::vector<workload::operation> operations) : operations_(std::move(operations)) {}

  std::size_t next(workload::operation* out, std::size_t capacity) override;
  const char* format() const override { return "explain"; }

 private:
  std::vector<workload::operation> operations_;
  std::size_t done_ = 0;
};

}  // namespace nestwalk::platforms
