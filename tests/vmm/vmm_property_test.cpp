// Whatever a correct kernel does to its tables, the guest on the VMM and the one on a machine of its own see the same:
// each access ends alike, and at the end all of guest memory is the same, accessed and dirty flags included. The TLB
// between them keeps everything that it has not been told to forget.
#include <cstdint>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "random_kernel.h"

namespace nestwalk::test {
namespace {

struct setting {
  vmm::paging_mode mode;
  vmm::shadow_policy policy;
  bool svm;
};

vmm::vmm_config configuration(const setting& s, std::uint64_t seed) {
  vmm::vmm_config c;
  c.mode = s.mode;
  c.format = s.svm ? paging::nested_kind::npt : paging::nested_kind::ept;
  c.backing_log2 = seed % 3 == 0 ? 12 : 21;
  c.guest_memory = 32 << 20;
  c.host_base = 1 << 30;
  c.host_size = 512 << 20;
  c.scatter_seed = seed;
  c.shadow.policy = s.policy;
  c.shadow.kept_roots = 2 + static_cast<unsigned>(seed % 5);
  c.shadow.leaf_stores_unused = seed % 2 == 0 ? 6 : 1024;
  if (seed % 4 < 2) c.reclaim = {1 + seed % 7, 3 + seed % 5, 64};
  return c;
}

class vmm_property : public testing::TestWithParam<std::tuple<setting, std::uint64_t>> {};

TEST_P(vmm_property, a_guest_cannot_tell_the_vmm_from_a_machine_of_its_own) {
  const auto& [s, seed] = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  guest_machine machine("machine", configuration(s, seed));
  random_kernel kernel(machine, {seed, seed % 2 == 1 && s.mode == vmm::paging_mode::shadow, 2, 4});
  for (unsigned i = 0; i < 4000 && !HasFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    kernel.step();
    if (i % 250 != 0) continue;
    ASSERT_FALSE(machine.first_difference()) << "guest page 0x" << std::hex << *machine.first_difference();
  }
  if (!HasFailure()) kernel.sweep();
  const auto difference = machine.first_difference();
  ASSERT_FALSE(difference) << "guest page 0x" << std::hex << *difference;
}

constexpr auto nested = vmm::paging_mode::nested;
constexpr auto shadow = vmm::paging_mode::shadow;
constexpr auto write_protect = vmm::shadow_policy::write_protect;
constexpr auto out_of_sync = vmm::shadow_policy::out_of_sync;

std::string name_of(const testing::TestParamInfo<std::tuple<setting, std::uint64_t>>& info) {
  const auto& [s, seed] = info.param;
  return std::string(s.svm ? "svm" : "vmx") + "_seed_" + std::to_string(seed);
}

auto seeds(std::uint64_t count) {
  return testing::Range<std::uint64_t>(1, count + 1);
}

INSTANTIATE_TEST_SUITE_P(shadow_write_protect, vmm_property,
                         testing::Combine(testing::Values(setting{shadow, write_protect, false}), seeds(24)), name_of);
INSTANTIATE_TEST_SUITE_P(shadow_out_of_sync, vmm_property,
                         testing::Combine(testing::Values(setting{shadow, out_of_sync, false}), seeds(24)), name_of);
INSTANTIATE_TEST_SUITE_P(shadow_svm, vmm_property,
                         testing::Combine(testing::Values(setting{shadow, out_of_sync, true}), seeds(4)), name_of);
INSTANTIATE_TEST_SUITE_P(nested_paging, vmm_property,
                         testing::Combine(testing::Values(setting{nested, write_protect, false},
                                                          setting{nested, write_protect, true}),
                                          seeds(4)),
                         name_of);

}  // namespace
}  // namespace nestwalk::test
