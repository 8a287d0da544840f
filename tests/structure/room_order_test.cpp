#include "structure/room_order.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using nestwalk::structure::read_room_order;
using nestwalk::structure::room_order_violations;
using nestwalk::structure::sources_below;

const fs::path source_dir = NESTWALK_SOURCE_DIR;

// A small tree of sources in a temporary folder, gone with the test.
class rooms : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(root_); }

  void plant(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::vector<std::string> violations() const { return room_order_violations(root_, order_); }

 private:
  const nestwalk::structure::room_order order_ = nestwalk::structure::read_room_order(source_dir / "docs/rooms.md");
  fs::path root_ = fs::temp_directory_path() / ("nestwalk_room_order." + std::to_string(::getpid()));
};

using lines = std::vector<std::string>;

TEST_F(rooms, is_kept_by_this_project) {
  ASSERT_FALSE(sources_below(source_dir / "models").empty()) << "no sources in " << source_dir;
  for (const std::string& line : room_order_violations(source_dir, read_room_order(source_dir / "docs/rooms.md")))
    ADD_FAILURE() << line;
}

TEST_F(rooms, lets_a_room_include_itself_what_is_below_it_and_statistics) {
  plant("models/nestwalk/walker/walker.cpp",
        "#include \"nestwalk/walker/walker.h\"\n#include <cstdint>\n#include <systemc>\n"
        "#include \"nestwalk/paging/walk.h\"\n#include \"nestwalk/protocol/translation.h\"\n#include "
        "\"nestwalk/statistics/group.h\"\n");
  plant("models/nestwalk/paging/walk.h", "#include \"nestwalk/statistics/counter.h\"\n");
  plant(
      "models/nestwalk/guest/kernel.h",
      "#include \"nestwalk/mmu/mmu.h\"\n#include \"nestwalk/workload/operation.h\"\n#include \"nestwalk/tlb/tlb.h\"\n");
  plant("platforms/machine.cpp",
        "#include \"machine.h\"\n#include \"nestwalk/vmm/vmm.h\"\n#include \"nestwalk/guest/kernel.h\"\n");
  EXPECT_EQ(violations(), lines{});
}

TEST_F(rooms, refuses_what_is_above) {
  plant("models/nestwalk/paging/walk.h", "#pragma once\n\n  #  include \"nestwalk/protocol/error.h\"\n");
  plant("models/nestwalk/workload/source.h", "#include \"nestwalk/cpu/core.h\"\n");
  EXPECT_EQ(violations(),
            (lines{"models/nestwalk/paging/walk.h:3: paging may not include protocol: nestwalk/protocol/error.h",
                   "models/nestwalk/workload/source.h:1: workload may not include cpu: nestwalk/cpu/core.h"}));
}

TEST_F(rooms, refuses_the_platforms_below_them) {
  plant("models/nestwalk/vmm/vmm.cpp", "#include \"platforms/machine.h\"\n");
  EXPECT_EQ(violations(), lines{"models/nestwalk/vmm/vmm.cpp:1: vmm may not include platforms: platforms/machine.h"});
}

TEST_F(rooms, refuses_a_peer) {
  plant("models/nestwalk/walker/walker.h", "#include \"nestwalk/tlb/tlb.h\"\n");
  plant("models/nestwalk/mmu/mmu.h", "#include \"nestwalk/workload/source.h\"\n");
  EXPECT_EQ(violations(),
            (lines{"models/nestwalk/mmu/mmu.h:1: mmu may not include workload: nestwalk/workload/source.h",
                   "models/nestwalk/walker/walker.h:1: walker may not include tlb: nestwalk/tlb/tlb.h"}));
}

TEST_F(rooms, keeps_the_guest_from_the_vmm_and_the_vmm_from_the_guest) {
  plant("models/nestwalk/vmm/shadow.cpp", "#include \"nestwalk/guest/kernel.h\"\n");
  plant("models/nestwalk/guest/kernel.cpp", "#include \"nestwalk/vmm/vmm.h\"\n");
  EXPECT_EQ(violations(),
            (lines{"models/nestwalk/guest/kernel.cpp:1: guest may not include vmm: nestwalk/vmm/vmm.h",
                   "models/nestwalk/vmm/shadow.cpp:1: vmm may not include guest: nestwalk/guest/kernel.h"}));
}

TEST_F(rooms, lets_statistics_include_no_other_room) {
  plant("models/nestwalk/statistics/group.h", "#include \"nestwalk/paging/address.h\"\n");
  EXPECT_EQ(
      violations(),
      lines{"models/nestwalk/statistics/group.h:1: statistics may not include paging: nestwalk/paging/address.h"});
}

TEST_F(rooms, keeps_systemc_out_of_paging_and_statistics) {
  plant("models/nestwalk/paging/a.h",
        "#include <systemc>\n#include <tlm>\n#include <tlm_utils/simple_target_socket.h>\n");
  plant("models/nestwalk/statistics/b.h", "#include <systemc.h>\n");
  EXPECT_EQ(violations(),
            (lines{"models/nestwalk/paging/a.h:1: paging knows no SystemC, but includes systemc",
                   "models/nestwalk/paging/a.h:2: paging knows no SystemC, but includes tlm",
                   "models/nestwalk/paging/a.h:3: paging knows no SystemC, but includes "
                   "tlm_utils/simple_target_socket.h",
                   "models/nestwalk/statistics/b.h:1: statistics knows no SystemC, but includes systemc.h"}));
}

TEST_F(rooms, sees_a_room_included_in_angle_brackets) {
  plant("models/nestwalk/tlb/tlb.h", "#include <nestwalk/mmu/mmu.h>\n");
  EXPECT_EQ(violations(), lines{"models/nestwalk/tlb/tlb.h:1: tlb may not include mmu: nestwalk/mmu/mmu.h"});
}

TEST_F(rooms, refuses_an_include_that_is_not_by_path_from_models) {
  plant("models/nestwalk/tlb/tlb.cpp", "#include \"tlb.h\"\n#include \"../mmu/mmu.h\"\n#include \"support/main.h\"\n");
  EXPECT_EQ(violations(),
            (lines{"models/nestwalk/tlb/tlb.cpp:1: tlb.h is not given by its path from models/",
                   "models/nestwalk/tlb/tlb.cpp:2: ../mmu/mmu.h is not given by its path from models/",
                   "models/nestwalk/tlb/tlb.cpp:3: support/main.h is not given by its path from models/"}));
}

TEST_F(rooms, refuses_an_include_without_the_prefix) {
  plant("models/nestwalk/tlb/tlb.h", "#include \"paging/address.h\"\n");
  EXPECT_EQ(violations(), lines{"models/nestwalk/tlb/tlb.h:1: paging/address.h is not given by its path from models/"});
}

TEST_F(rooms, of_the_library_all_stand_in_the_document) {
  const auto order = read_room_order(source_dir / "docs/rooms.md");
  for (const auto& entry : fs::directory_iterator(source_dir / "models/nestwalk"))
    if (entry.is_directory()) {
      EXPECT_EQ(order.count(entry.path().filename().string()), 1u) << entry.path();
    }
  EXPECT_FALSE(order.at("paging").knows_systemc);
  EXPECT_TRUE(order.at("statistics").serves_all);
  EXPECT_TRUE(order.at("configuration").serves_all);
  EXPECT_FALSE(order.at("configuration").knows_systemc);
}

TEST_F(rooms, refuses_a_room_that_it_does_not_know) {
  plant("models/nestwalk/cellar/wine.h", "");
  EXPECT_EQ(violations(), lines{"models/nestwalk/cellar/wine.h:1: cellar is no room in the order of rooms"});
}

}  // namespace
