// The command `conform`: vectors of independent implementations against this one.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "platforms/conform/executor.h"

namespace nestwalk::platforms {

/// The ways in which `conform` performs each vector.
std::vector<std::unique_ptr<vector_executor>> all_executors();

/// Performs every vector of `files` in each way of `executors`; prints `FILE: N passed, M failed` for each file and an
/// account of its first failures. Returns 0, or 1 where any failed or could not be read. A bad line ends its file; what
/// came before it is counted.
int conform(const std::vector<std::string>& files, const std::vector<std::unique_ptr<vector_executor>>& executors,
            std::ostream& out);

}  // namespace nestwalk::platforms
