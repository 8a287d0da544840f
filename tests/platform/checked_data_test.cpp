// The guest's memory and every load's value are the same on the three machines, whatever the settings.
#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

using options = std::vector<std::string>;

const std::vector<options> workloads = {
    {"--workload", "fork", "--set", "workload.length=40000", "--set", "workload.footprint=512KiB"},
    {"--workload", "switch", "--set", "workload.length=30000", "--set", "workload.interval=500"},
    {"--workload", "zipf", "--set", "workload.length=30000", "--set", "workload.footprint=8MiB"},
};

struct variant {
  std::string name;
  options settings;
};
void PrintTo(const variant& v, std::ostream* out) {
  *out << v.name;
}

class checked_data : public testing::TestWithParam<variant> {};

TEST_P(checked_data, agree_in_all_modes) {
  for (const options& workload : workloads) {
    const workplace files;
    options all = {"compare", "--quiet", "--check", "--stats", files.path("out.json")};
    all.insert(all.end(), workload.begin(), workload.end());
    all.insert(all.end(), {"--set", "checks.protocol_monitors=true"});
    for (const std::string& setting : GetParam().settings) all.insert(all.end(), {"--set", setting});
    const outcome done = run_program(all);
    ASSERT_EQ(done.status, 0) << workload[1] << ": " << done.err;
    const nlohmann::json machines = files.json("out.json").at("machines");
    for (const nlohmann::json& machine : machines) {
      EXPECT_EQ(machine.at("check").at("mismatches"), 0);
      EXPECT_GT(machine.at("check").at("loads"), 0);
      EXPECT_EQ(machine.at("check").at("digest"), machines[0].at("check").at("digest"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    settings, checked_data,
    testing::Values(variant{"defaults", {}}, variant{"out_of_sync", {"vmm.shadow.policy=out-of-sync"}},
                    variant{"reclaim", {"vmm.reclaim.pages=8", "vmm.reclaim.exits=4"}},
                    variant{"reclaim_out_of_sync_from_4k",
                            {"vmm.reclaim.pages=8", "vmm.reclaim.exits=4", "vmm.shadow.policy=out-of-sync",
                             "vmm.backing=4k", "vmm.shadow.kept_roots=2"}},
                    variant{"guest_2m_over_1g", {"guest.pages=2m", "vmm.backing=1g"}},
                    variant{"npt_by_4k", {"mmu.vendor=amd", "vmm.backing=4k"}},
                    variant{"tiny_tlbs",
                            {"mmu.l1d_tlb.entries=4", "mmu.l2_tlb.entries=8", "mmu.l2_tlb.ways=0",
                             "mmu.l2_tlb.replacement=random", "mmu.l1d_tlb.replacement=fifo"}},
                    variant{"walk_caches_of_host_addresses",
                            {"mmu.guest_walker.holds=hpa", "mmu.l2_tlb.replacement=tree-plru", "mmu.l2_tlb.ways=8",
                             "mmu.nested_tlb.entries=0"}},
                    variant{"no_tlbs_and_no_walk_caches",
                            {"mmu.l1i_tlb.entries=0", "mmu.l1d_tlb.entries=0", "mmu.l2_tlb.entries=0",
                             "mmu.guest_walker.pde.entries=0", "mmu.guest_walker.pdpte.entries=0",
                             "mmu.guest_walker.pml4e.entries=0"}},
                    variant{"no_caches",
                            {"caches.l1d.size=0", "caches.l2.size=0", "caches.llc.size=0", "caches.l1i.size=0"}},
                    variant{"five_levels_without_pcid", {"guest.levels=5", "vmm.nested_levels=5", "guest.pcid=false"}}),
    [](const testing::TestParamInfo<variant>& info) { return info.param.name; });

// Two settings of one workload end with the same memory too.
TEST(checked_data_across, settings_do_not_change_what_the_guest_sees) {
  std::vector<std::string> digests;
  for (const char* const setting : {"mmu.l2_tlb.entries=1536", "mmu.l2_tlb.entries=12", "caches.l2.size=0",
                                    "mmu.l2_tlb.replacement=fifo", "mmu.guest_walker.pde.entries=0"}) {
    const workplace files;
    ASSERT_EQ(run_program({"run", "--mode", "nested", "--quiet", "--check", "--workload", "fork", "--set",
                           "workload.length=30000", "--set", "workload.footprint=512KiB", "--set", setting, "--stats",
                           files.path("out.json")})
                  .status,
              0);
    digests.push_back(files.json("out.json")["machines"][0]["check"]["digest"]);
    EXPECT_EQ(digests.back(), digests.front()) << setting;
  }
}

}  // namespace
