// Performs vectors by the untimed composition of both walks.
#pragma once

#include "platforms/conform/executor.h"

namespace nestwalk::platforms {

class untimed_executor : public vector_executor {
 public:
  const char* name() const override { return "untimed"; }
  std::vector<vector_run> perform(const conformance_vector& v) override;
};

}  // namespace nestwalk::platforms
