// What is said of an exception that no input is to blame for.
#pragma once

#include <exception>
#include <string>

namespace nestwalk::platforms {

/// "out of memory: ..." for what the host did not give, else a request to report it.
std::string described_failure(const std::exception& problem);

}  // namespace nestwalk::platforms
