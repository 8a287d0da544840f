#include "platforms/run/failure.h"

#include <new>

namespace nestwalk::platforms {

std::string described_failure(const std::exception& problem) {
  if (dynamic_cast<const std::bad_alloc*>(&problem) != nullptr)
    return "out of memory: the operating system gives no more; take a workload that touches less memory, or run the "
           "machines of compare one by one with run --mode";
  return std::string("this should not happen, please report it: ") + problem.what();
}

}  // namespace nestwalk::platforms
