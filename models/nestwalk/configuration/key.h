// One key: a value of a configuration struct as users see and set it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nestwalk/configuration/value.h"

namespace nestwalk::configuration {

/// A key, tied to the member that holds its value. What the member holds in a struct that nobody has changed is the
/// key's default.
struct key {
  std::string path;   ///< "mmu.l2_tlb.entries": the groups that it stands in, then its name
  std::string unit;   ///< "entries", "bytes", "cycles", "ns"; empty for truths and names
  std::string about;  ///< one line
  domain allowed;     ///< the values that it takes
  /// The words for those that read it, where not every holder of the struct does: it is read by whoever is named by all
  /// of them (see `group::only_for`).
  std::vector<std::string> read_by;
  std::function<value()> get;
  std::function<void(const value&)> set;  ///< of a value that `allowed` admits
};

}  // namespace nestwalk::configuration
