// The command `conform`: vectors of independent implementations against this one.
#pragma once

#include <memory>
#include <ostream>
#include <vector>

#include "platforms/conform/executor.h"
#include "platforms/conform/vector_file.h"

namespace nestwalk::platforms {

/// The capabilities that the vectors of `files` ask for; a file that cannot be read says so when it is performed.
std::vector<paging::capabilities> capabilities_in(const std::vector<vector_source>& files);

/// The ways in which `conform` performs each vector: on an mmu with everything cached, with nothing cached, and
/// untimed.
std::vector<std::unique_ptr<vector_executor>> all_executors(const std::vector<paging::capabilities>& machines);

/// Performs every vector of `files` in each way of `executors`; prints `FILE: N passed, M failed` for each file and an
/// account of its first failures. A vector that an executor cannot perform is counted apart, by the reason. Returns 0,
/// or 1 where any failed or could not be read, or none was performed. A bad line ends its file; what came before it is
/// counted.
int conform(const std::vector<vector_source>& files, const std::vector<std::unique_ptr<vector_executor>>& executors,
            std::ostream& out);

}  // namespace nestwalk::platforms
