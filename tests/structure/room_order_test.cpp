#include "structure/room_order.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using nestwalk::structure::room_order_violations;
using nestwalk::structure::sources_below;

const fs::path source_dir = NESTWALK_SOURCE_DIR;

// A small tree of sources in a temporary folder, gone with the test.
class room_order : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(root_); }

  void plant(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::vector<std::string> violations() const { return room_order_violations(root_); }

 private:
  fs::path root_ = fs::temp_directory_path() / ("nestwalk_room_order." + std::to_string(::getpid()));
};

using lines = std::vector<std::string>;

TEST_F(room_order, is_kept_by_this_project) {
  ASSERT_FALSE(sources_below(source_dir / "models").empty()) << "no sources in " << source_dir;
  for (const std::string& line : room_order_violations(source_dir)) ADD_FAILURE() << line;
}

TEST_F(room_order, lets_a_room_include_itself_what_is_below_it_and_statistics) {
  plant("models/walker/walker.cpp",
        "#include \"walker/walker.h\"\n#include <cstdint>\n#include <systemc>\n"
        "#include \"paging/walk.h\"\n#include \"protocol/translation.h\"\n#include \"statistics/group.h\"\n");
  plant("models/paging/walk.h", "#include \"statistics/counter.h\"\n");
  plant("models/guest/kernel.h", "#include \"mmu/mmu.h\"\n#include \"workload/operation.h\"\n#include \"tlb/tlb.h\"\n");
  plant("platforms/machine.cpp", "#include \"machine.h\"\n#include \"vmm/vmm.h\"\n#include \"guest/kernel.h\"\n");
  EXPECT_EQ(violations(), lines{});
}

TEST_F(room_order, refuses_what_is_above) {
  plant("models/paging/walk.h", "#pragma once\n\n  #  include \"protocol/error.h\"\n");
  plant("models/workload/source.h", "#include \"cpu/core.h\"\n");
  EXPECT_EQ(violations(), (lines{"models/paging/walk.h:3: paging may not include protocol: protocol/error.h",
                                 "models/workload/source.h:1: workload may not include cpu: cpu/core.h"}));
}

TEST_F(room_order, refuses_the_platforms_below_them) {
  plant("models/vmm/vmm.cpp", "#include \"platforms/machine.h\"\n");
  EXPECT_EQ(violations(), lines{"models/vmm/vmm.cpp:1: vmm may not include platforms: platforms/machine.h"});
}

TEST_F(room_order, refuses_a_peer) {
  plant("models/walker/walker.h", "#include \"tlb/tlb.h\"\n");
  plant("models/mmu/mmu.h", "#include \"iommu/iommu.h\"\n");
  EXPECT_EQ(violations(), (lines{"models/mmu/mmu.h:1: mmu may not include iommu: iommu/iommu.h",
                                 "models/walker/walker.h:1: walker may not include tlb: tlb/tlb.h"}));
}

TEST_F(room_order, keeps_the_guest_from_the_vmm_and_the_vmm_from_the_guest) {
  plant("models/vmm/shadow.cpp", "#include \"guest/kernel.h\"\n");
  plant("models/guest/kernel.cpp", "#include \"vmm/vmm.h\"\n");
  EXPECT_EQ(violations(), (lines{"models/guest/kernel.cpp:1: guest may not include vmm: vmm/vmm.h",
                                 "models/vmm/shadow.cpp:1: vmm may not include guest: guest/kernel.h"}));
}

TEST_F(room_order, lets_statistics_include_no_other_room) {
  plant("models/statistics/group.h", "#include \"paging/address.h\"\n");
  EXPECT_EQ(violations(), lines{"models/statistics/group.h:1: statistics may not include paging: paging/address.h"});
}

TEST_F(room_order, keeps_systemc_out_of_paging_and_statistics) {
  plant("models/paging/a.h", "#include <systemc>\n#include <tlm>\n#include <tlm_utils/simple_target_socket.h>\n");
  plant("models/statistics/b.h", "#include <systemc.h>\n");
  EXPECT_EQ(violations(), (lines{"models/paging/a.h:1: paging knows no SystemC, but includes systemc",
                                 "models/paging/a.h:2: paging knows no SystemC, but includes tlm",
                                 "models/paging/a.h:3: paging knows no SystemC, but includes "
                                 "tlm_utils/simple_target_socket.h",
                                 "models/statistics/b.h:1: statistics knows no SystemC, but includes systemc.h"}));
}

TEST_F(room_order, sees_a_room_included_in_angle_brackets) {
  plant("models/tlb/tlb.h", "#include <mmu/mmu.h>\n");
  EXPECT_EQ(violations(), lines{"models/tlb/tlb.h:1: tlb may not include mmu: mmu/mmu.h"});
}

TEST_F(room_order, refuses_an_include_that_is_not_by_path_from_models) {
  plant("models/tlb/tlb.cpp", "#include \"tlb.h\"\n#include \"../mmu/mmu.h\"\n#include \"support/main.h\"\n");
  EXPECT_EQ(violations(), (lines{"models/tlb/tlb.cpp:1: tlb.h is not given by its path from models/",
                                 "models/tlb/tlb.cpp:2: ../mmu/mmu.h is not given by its path from models/",
                                 "models/tlb/tlb.cpp:3: support/main.h is not given by its path from models/"}));
}

TEST_F(room_order, refuses_a_room_that_it_does_not_know) {
  plant("models/cellar/wine.h", "");
  EXPECT_EQ(violations(), lines{"models/cellar/wine.h:1: cellar is no room in the order of rooms"});
}

}  // namespace
