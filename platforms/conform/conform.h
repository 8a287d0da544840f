// The command `conform`: vectors of independent implementations against this one.
#pragma once

#include <memory>
#include <ostream>
#include <vector>

#include "platforms/conform/executor.h"
#include "platforms/conform/script_bench.h"
#include "platforms/conform/vector_file.h"

namespace nestwalk::platforms {

/// The capabilities that the vectors of `files` ask for; a file that cannot be read says so when it is performed.
std::vector<paging::capabilities> capabilities_in(const std::vector<vector_source>& files);

/// The ways in which `conform` performs each vector: on an mmu with everything cached, with nothing cached, and
/// untimed.
std::vector<std::unique_ptr<vector_executor>> all_executors(const std::vector<paging::capabilities>& processors);

/// Whether a file holds scripts and not vectors, by its first line.
bool holds_scripts(const vector_source& file);

/// The units that the scripts of `files` ask for; null where none of the files holds scripts.
std::unique_ptr<script_bench> bench_for(const std::vector<vector_source>& files);

/// Performs every vector of `files` in each way of `executors`; prints `FILE: N passed, M failed` for each file and an
/// account of its first failures. A vector that an executor cannot perform is counted separately, by the reason.
/// Returns 0, or 1 where any failed or could not be read, or none was performed. A bad line ends its file; what came
/// before it is counted. Files of scripts are performed on `bench`; without one they are left out.
int conform(const std::vector<vector_source>& files, const std::vector<std::unique_ptr<vector_executor>>& executors,
            std::ostream& out, script_bench* bench = nullptr);

}  // namespace nestwalk::platforms
