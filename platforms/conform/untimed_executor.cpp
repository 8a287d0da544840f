#include "platforms/conform/untimed_executor.h"

#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::platforms {

namespace {

struct map_memory {
  vector_memory& qwords;

  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) const {
    const auto found = qwords.find(at.value & ~std::uint64_t{7});
    value = found == qwords.end() ? 0 : found->second;
    if (bytes == 4) value = (value >> ((at.value & 4) * 8)) & 0xffffffff;
    return true;
  }
  paging::exchange_result exchange(paging::hpa at, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    std::uint64_t now = 0;
    read(at, bytes, now);
    if (now != expected) return paging::exchange_result::changed;
    std::uint64_t& qword = qwords[at.value & ~std::uint64_t{7}];
    const unsigned shift = bytes == 4 ? static_cast<unsigned>(at.value & 4) * 8 : 0;
    qword ^= (expected ^ desired) << shift;
    return paging::exchange_result::stored;
  }
};

}  // namespace

std::vector<vector_run> untimed_executor::perform(const conformance_vector& v) {
  vector_run run;
  run.after = v.before;
  map_memory memory{run.after};
  const paging::domain domain = v.domain();
  const paging::outcome came = paging::two_stage_walk<map_memory>(domain, memory).translate(v.address, v.access());
  run.result = result_of(came.failure);
  if (came.mapped()) run.result.hpa = came.output.value;
  return {run};
}

}  // namespace nestwalk::platforms
