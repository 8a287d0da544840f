// The JSON that --stats writes.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platforms/configuration/configuration.h"
#include "platforms/output/output_file.h"
#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// The values of all keys that `readers` read, by path.
nlohmann::ordered_json echo(const configuration& c, unsigned readers);

/// {"nestwalk": version, "partial": false, "configuration": {...}, "machines": [...]}. The configuration is that of the
/// jobs (one has the same as the others), with every setting of their workload, and what the command line said of the
/// run: run.workloads, run.warmup and run.limit (null: none).
nlohmann::ordered_json results(const std::vector<job>& jobs, unsigned readers, const std::vector<job_result>& done);

/// Writes the results to the file and closes it. Returns why that failed; empty where it did not.
std::string save(const nlohmann::ordered_json& results, output_file& file);

}  // namespace nestwalk::platforms
