// The remapping unit with one way to memory, and before devices and software that speak the base protocol's phases.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <gtest/gtest.h>

#include "iommu/remapping_machine.h"
#include "support/at_initiator.h"

namespace nestwalk::iommu {
namespace {

using test::remapping_machine;
using test::translation_shape;

constexpr std::uint16_t disk = 0x0113;
constexpr std::uint64_t address = 0x4020'1000;
constexpr std::uint64_t host_page = 0x5000;

struct lean_machine {
  remapping_machine m{remapping_machine::configuration({disk}), "machine", /*binds_memory_alone=*/true};

  lean_machine() {
    translation_shape s;
    s.pgtt = paging::vtd::pasid_entry::second_stage;
    s.domain = 1;
    s.second_root = m.tables.frame();
    m.put_context(disk);
    m.put_pasid(disk, 0, s);
    m.map_second(s, address, host_page);
    m.memory.write(host_page + 8, 0x1234);
  }
};

TEST(binding, tables_are_read_where_requests_go) {
  lean_machine l;
  l.m.memory.grants_dmi = true;
  l.m.enable(true);
  ASSERT_TRUE(l.m.read(disk, address + 8));
  EXPECT_EQ(l.m.data, 0x1234u);
  remapping_machine::asked a;
  a.address = address;
  ASSERT_TRUE(l.m.ask_grant(disk, a));
  l.m.memory.take_back(0, 0xffff);
  EXPECT_EQ(l.m.heard[disk].taken_back.size(), 1u);
}

TEST(binding, devices_and_software_may_speak_the_four_phases) {
  lean_machine l;
  test::at_initiator device("device"), software("software");
  device.socket.bind(l.m.unit.device(disk));
  software.socket.bind(l.m.unit.registers);
  l.m.enable(true);
  std::uint64_t word = 0, status = 0;
  auto& p = device.begin(tlm::TLM_READ_COMMAND, address + 8, &word);
  auto& q = software.begin(tlm::TLM_READ_COMMAND, 0x20, &status);
  sc_core::sc_start(10, sc_core::SC_US);
  EXPECT_TRUE(p.is_response_ok());
  EXPECT_EQ(word, 0x1234u);
  EXPECT_TRUE(q.is_response_ok());
  EXPECT_EQ(status, remapping_machine::root | 1u << 10);
  EXPECT_EQ(device.phases.size(), 2u);
  EXPECT_EQ(software.phases.size(), 2u);
  p.release();
  q.release();
}

}  // namespace
}  // namespace nestwalk::iommu
