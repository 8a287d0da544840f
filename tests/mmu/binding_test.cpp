// The mmu among modules that bind as they will: one socket up and one down, and both forms of transport.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <string>

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "mmu_machine.h"
#include "nestwalk/protocol/access_extension.h"
#include "support/at_initiator.h"
#include "support/foreign_initiator.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;

constexpr std::uint64_t page = 0x40'0000;
constexpr std::uint64_t frame = 0x12'3000;

/// Somebody else's memory: a socket of 64 bits for one initiator.
class lone_memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<lone_memory, 64> socket{"socket"};
  test_memory bytes{"bytes"};

  explicit lone_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_b_transport(this, &lone_memory::transport);
    socket.register_get_direct_mem_ptr(this, &lone_memory::direct);
    socket.register_transport_dbg(this, &lone_memory::debug);
    to_bytes_.bind(bytes.socket);
  }
  void take_back() { socket->invalidate_direct_mem_ptr(0, ~std::uint64_t{0}); }

 private:
  void transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) { to_bytes_->b_transport(p, delay); }
  bool direct(tlm::tlm_generic_payload& p, tlm::tlm_dmi& grant) { return to_bytes_->get_direct_mem_ptr(p, grant); }
  unsigned debug(tlm::tlm_generic_payload& p) { return to_bytes_->transport_dbg(p); }
  tlm_utils::simple_initiator_socket<lone_memory> to_bytes_{"to_bytes"};
};

/// Binds `data_memory` alone, and no control socket.
struct lean_machine {
  lone_memory memory{"memory"};
  two_stage_tables tables{tables_in(memory.bytes), {}};
  mmu::mmu mmu{"mmu", small_mmu()};

  lean_machine() { mmu.data_memory.bind(memory.socket); }
  void start() {
    mmu::processor_state s;
    static_cast<paging::paging_registers&>(s) = tables.guest_registers();
    s.eptp = tables.eptp();
    mmu.configure(s);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  std::uint64_t hpa(std::uint64_t gpa) const { return tables.hpa_of(gpa); }
};

TEST(binding, a_processor_and_a_memory_of_one_socket_each_are_served) {
  lean_machine m;
  foreign_initiator cpu("cpu");
  cpu.socket.bind(m.mmu.data);
  m.tables.map(page, frame);
  m.tables.map(page + 0x1000, frame + 0x1000, paging::page_4k, paging::page_4k, leaf::x86 | paging::x86_entry::xd);
  m.start();
  m.memory.bytes.write(m.hpa(frame) + 8, 0x1234);
  EXPECT_TRUE(cpu.read(page + 8));
  EXPECT_EQ(cpu.value, 0x1234u);
  EXPECT_TRUE(cpu.read(page + 0x1000));

  protocol::access_extension fetches;
  fetches.fetch = true;
  cpu.payload.set_extension(&fetches);
  EXPECT_TRUE(cpu.read(page + 8));
  EXPECT_FALSE(cpu.read(page + 0x1000)) << "it holds no instructions";
  cpu.payload.clear_extension(&fetches);
}

TEST(binding, fetches_go_where_data_go) {
  lean_machine m;
  foreign_initiator cpu("cpu");
  cpu.socket.bind(m.mmu.fetch);
  m.tables.map(page, frame);
  m.start();
  m.memory.bytes.write(m.hpa(frame), 0x90);
  EXPECT_TRUE(cpu.read(page));
  EXPECT_EQ(cpu.value, 0x90u);
}

TEST(binding, what_memory_takes_back_is_told_to_all_that_share_the_way_to_it) {
  lean_machine m;
  foreign_initiator cpu("cpu"), fetcher("fetcher");
  cpu.socket.bind(m.mmu.data);
  fetcher.socket.bind(m.mmu.fetch);
  m.memory.bytes.grants_dmi = true;
  for (unsigned i = 0; i < 8; ++i) m.tables.map(page + i * 0x1000, frame + i * 0x1000);
  m.start();
  tlm::tlm_dmi grant;
  ASSERT_TRUE(cpu.read(page));
  ASSERT_TRUE(cpu.socket->get_direct_mem_ptr(cpu.reading(page), grant));
  ASSERT_TRUE(fetcher.read(page));
  ASSERT_TRUE(fetcher.socket->get_direct_mem_ptr(fetcher.reading(page), grant));
  ASSERT_TRUE(cpu.read(page + 0x1000));
  const std::uint64_t asked = m.memory.bytes.grants_asked;
  ASSERT_TRUE(cpu.read(page + 0x2000));
  EXPECT_EQ(m.memory.bytes.grants_asked, asked) << "the walkers have grants of all tables";
  m.memory.take_back();
  EXPECT_EQ(cpu.taken_back.size(), 1u);
  EXPECT_EQ(fetcher.taken_back.size(), 1u);
  ASSERT_TRUE(cpu.read(page + 0x3000));
  EXPECT_GT(m.memory.bytes.grants_asked, asked) << "the walkers have none any more";
}

TEST(binding, what_must_be_bound_says_so_by_its_own_name) {
  mmu::mmu mmu("mmu", small_mmu());
  try {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    FAIL() << "nothing is bound";
  } catch (const sc_core::sc_report& r) {
    EXPECT_NE(std::string(r.what()).find("'mmu.data_memory'"), std::string::npos) << r.what();
  }
}

TEST(binding, non_blocking_calls_are_served_and_each_initiator_hears_its_own_response) {
  lean_machine m;
  at_initiator cpu("cpu"), other("other");
  foreign_initiator blocking("blocking");
  cpu.socket.bind(m.mmu.data);
  blocking.socket.bind(m.mmu.data);
  other.socket.bind(m.mmu.data);
  m.tables.map(page, frame);
  m.start();
  m.memory.bytes.write(m.hpa(frame), 11);
  m.memory.bytes.write(m.hpa(frame) + 8, 22);
  std::uint64_t a = 0, b = 0, c = 0;
  auto& p = cpu.begin(tlm::TLM_READ_COMMAND, page, &a);
  auto& q = other.begin(tlm::TLM_READ_COMMAND, page + 8, &b);
  auto& r = other.begin(tlm::TLM_READ_COMMAND, 0x7000'0000, &c);
  sc_core::sc_start(10, sc_core::SC_US);
  EXPECT_EQ(a, 11u);
  EXPECT_EQ(b, 22u);
  EXPECT_EQ(p.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(q.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(r.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(m.mmu.last_fault(side::data).kind, fault_kind::page_fault);
  EXPECT_EQ(cpu.phases.size(), 2u);
  EXPECT_EQ(other.phases.size(), 4u);
  for (auto* const each : {&p, &q, &r}) each->release();
}

}  // namespace
