// The keys that several generators have, each described once.
#pragma once

#include <cstdint>

#include "nestwalk/configuration/group.h"

namespace nestwalk::workload {

/// "footprint" in bytes and "length" in accesses.
void describe_size(const configuration::group& into, std::uint64_t& footprint, std::uint64_t& length);
/// "seed".
void describe_seed(const configuration::group& into, std::uint64_t& seed);
/// "stores", a share.
void describe_stores(const configuration::group& into, double& stores);

}  // namespace nestwalk::workload
