// The few operations that `explain` runs.
#pragma once

#include <functional>
#include <vector>

#include "workload/source.h"

namespace nestwalk::platforms {

/// Yields loads one at a time. Before each it calls the function given with it, when all before it are done; after the
/// last one it ends.
class explain_source final : public workload::source {
 public:
  struct step {
    paging::gva address;
    std::function<void()> before;  ///< may be empty
  };

  explicit explain_source(std::vector<step> steps) : steps_(std::move(steps)) {}

  std::size_t next(workload::operation* out, std::size_t capacity) override;
  const char* format() const override { return "explain"; }

 private:
  std::vector<step> steps_;
  std::size_t done_ = 0;
};

}  // namespace nestwalk::platforms
