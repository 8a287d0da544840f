// Who performs a vector's access: the untimed composition, or a machine of modules.
#pragma once

#include <string>
#include <vector>

#include "platforms/conform/vector.h"

namespace nestwalk::platforms {

/// What one access came to, and memory after it.
struct vector_run {
  vector_result result;
  vector_memory after;
};

/// Performs vectors one after the other; each begins from a machine with nothing cached and the vector's memory.
class vector_executor {
 public:
  virtual ~vector_executor() = default;
  /// A word or two for messages: "untimed".
  virtual const char* name() const = 0;
  /// Why `v` is none that this executor can perform; empty where it can.
  virtual std::string why_not(const conformance_vector&) const { return {}; }
  /// Performs the access, perhaps more than once: every run must come to what the vector expects.
  virtual std::vector<vector_run> perform(const conformance_vector& v) = 0;
};

/// What is wrong with a run, or an empty string.
std::string complaint(const conformance_vector& v, const vector_run& run);

}  // namespace nestwalk::platforms
