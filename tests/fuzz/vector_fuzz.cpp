// Any bytes as a file of conformance vectors: each line is performed, untimed and by an mmu, or refused.
#include <memory>
#include <vector>

#include "fuzz_target.h"
#include "memory_file.h"
#include "nestwalk/protocol/error.h"
#include "platforms/conform/mmu_executor.h"
#include "platforms/conform/untimed_executor.h"
#include "platforms/conform/vector_file.h"

namespace {

using nestwalk::platforms::mmu_executor;

// The processors of the kept vectors; lines of others are performed untimed alone.
mmu_executor& on_mmu() {
  nestwalk::paging::capabilities intel;
  intel.physical_bits = 40;
  nestwalk::paging::capabilities amd = intel;
  amd.maker = nestwalk::paging::vendor::amd;
  static mmu_executor executor(mmu_executor::caching::on, {intel, amd});
  return executor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const nestwalk::test::memory_file file(data, size);
  nestwalk::platforms::untimed_executor untimed;
  try {
    nestwalk::platforms::vector_file vectors(file.path());
    nestwalk::platforms::conformance_vector v;
    while (vectors.next(v)) {
      for (const auto& run : untimed.perform(v)) nestwalk::platforms::complaint(v, run);
      for (const auto& run : on_mmu().perform(v)) nestwalk::platforms::complaint(v, run);
    }
  } catch (const nestwalk::input_error&) {
  }
  return 0;
}
