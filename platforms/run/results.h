// The JSON that --stats writes.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "platforms/configuration/configuration.h"
#include "platforms/run/job.h"

namespace nestwalk::platforms {

/// The values of all keys that `readers` read, by path.
nlohmann::ordered_json echo(const configuration& c, unsigned readers);

/// {"nestwalk": version, "partial": false, "configuration": {...}, "machines": [...]}.
nlohmann::ordered_json results(const configuration& c, unsigned readers, const std::vector<job_result>& jobs);

}  // namespace nestwalk::platforms
