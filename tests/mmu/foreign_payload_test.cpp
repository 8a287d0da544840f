// Payloads as others send them: what is odd about them, who asks, and how they learn what failed.
#include <numeric>

#include <gtest/gtest.h>

#include "foreign_machine.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;

constexpr std::uint64_t page = 0x40'0000;
constexpr std::uint64_t frame = 0x12'3000;

struct foreign_payload : testing::Test {
  foreign_payload() {
    m.tables.map(page, frame);
    m.tables.map(page + 0x1000, frame + 0x9000);
  }
  foreign_machine m;
  foreign_initiator& cpu = m.cpu;
};

TEST_F(foreign_payload, a_streaming_width_of_0_is_served_as_the_length) {
  m.memory.write(m.hpa(frame) + 8, 0x1234);
  cpu.reading(page + 8).set_streaming_width(0);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(cpu.value, 0x1234u);
  EXPECT_EQ(cpu.payload.get_streaming_width(), 0u) << "as it was";
  EXPECT_EQ(m.below.last_width, 8u) << "memory sees what the standard asks for";
}

TEST_F(foreign_payload, a_streaming_width_of_0_is_served_across_a_page) {
  cpu.value = 0x8877665544332211;
  cpu.writing(page + 0xffd).set_streaming_width(0);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xffd, 3), 0x332211u);
  EXPECT_EQ(m.memory.read(m.hpa(frame + 0x9000), 5), 0x8877665544u);
}

TEST_F(foreign_payload, a_length_of_0_succeeds_without_effect) {
  for (const tlm::tlm_command command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND, tlm::TLM_IGNORE_COMMAND})
    for (const std::uint64_t at : {page, page + 0xfff, std::uint64_t{0x7000'0000}}) {
      cpu.make(command, at, nullptr, 0);
      EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
    }
  EXPECT_EQ(m.below.calls, 0u);
  EXPECT_EQ(m.mmu.data_counts().accesses, 0u);
}

TEST_F(foreign_payload, a_streaming_width_above_the_length_is_no_burst_error) {
  cpu.reading(page + 0xff8).set_streaming_width(64);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  cpu.reading(page + 0xffc).set_streaming_width(64);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(m.mmu.data_counts().page_crossings, 1u) << "the second alone crosses";
}

TEST_F(foreign_payload, what_streams_within_a_page_does_not_cross_it) {
  cpu.writing(page + 0xffc).set_streaming_width(4);  // 8 bytes, 4 at a time, to the same 4
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(m.mmu.data_counts().page_crossings, 0u);
  EXPECT_EQ(m.below.last_address, m.hpa(frame) + 0xffc);
  EXPECT_EQ(m.below.last_width, 4u);
}

TEST_F(foreign_payload, what_streams_across_a_page_is_a_burst_error) {
  cpu.writing(page + 0xffe).set_streaming_width(4);
  EXPECT_EQ(cpu.send(), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(foreign_payload, an_ignore_command_of_any_length_never_faults) {
  std::vector<unsigned char> bytes(0x3000);
  for (const std::uint64_t at : {page, page + 0x800, std::uint64_t{0x7000'0000}, std::uint64_t{1} << 63})
    for (const unsigned length : {0u, 1u, 8u, 0x3000u}) {
      cpu.make(tlm::TLM_IGNORE_COMMAND, at, bytes.data(), length);
      EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE) << at << ", " << length;
    }
  EXPECT_EQ(m.told.size(), 0u);
  EXPECT_EQ(m.mmu.parts().first_stage_walker->counts().walks, 0u);
}

TEST_F(foreign_payload, an_ignore_command_carries_its_marks_through) {
  foreign_mark mark;
  mark.context = 5;
  cpu.make(tlm::TLM_IGNORE_COMMAND, page + 0x20, &cpu.value, 8).set_extension(&mark);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(m.below.marks, std::vector<unsigned>{5});
  EXPECT_EQ(m.below.last_address, m.hpa(frame) + 0x20);
  cpu.payload.clear_extension(&mark);
}

TEST_F(foreign_payload, marks_travel_with_the_pieces_of_a_crossing_access) {
  foreign_mark mark;
  mark.context = 7;
  cpu.writing(page + 0xffc).set_extension(&mark);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(m.below.marks, (std::vector<unsigned>{7, 7}));
  EXPECT_EQ(cpu.payload.get_extension<foreign_mark>(), &mark);
  cpu.payload.clear_extension(&mark);
  cpu.writing(page + 0xffc);
  EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(m.below.marks.size(), 2u) << "no mark is left on the payloads of the pieces";
}

TEST_F(foreign_payload, an_exclusive_store_across_a_page_does_not_succeed_by_losing_its_mark) {
  m.below.refuses_exclusive = true;
  foreign_mark mark;
  mark.exclusive = true;
  cpu.value = ~std::uint64_t{0};
  cpu.writing(page + 0xffc).set_extension(&mark);
  EXPECT_EQ(cpu.send(), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xffc, 4), 0u);
  cpu.payload.clear_extension(&mark);
}

// Debug transport.

TEST_F(foreign_payload, each_piece_of_a_debug_access_carries_its_length_as_streaming_width) {
  std::vector<unsigned char> out(0x1800), in(0x1800);
  std::iota(out.begin(), out.end(), static_cast<unsigned char>(1));
  auto& write = cpu.make(tlm::TLM_WRITE_COMMAND, page + 0x800, out.data(), 0x1800);
  EXPECT_EQ(cpu.socket->transport_dbg(write), 0x1800u);
  EXPECT_EQ(m.below.debug_pieces, (std::vector<std::pair<unsigned, unsigned>>{{0x800, 0x800}, {0x1000, 0x1000}}));
  EXPECT_EQ(write.get_streaming_width(), 0x1800u);
  EXPECT_EQ(write.get_address(), page + 0x800);
  EXPECT_EQ(write.get_data_ptr(), out.data());
  cpu.socket->transport_dbg(cpu.make(tlm::TLM_READ_COMMAND, page + 0x800, in.data(), 0x1800));
  EXPECT_EQ(in, out);
}

TEST_F(foreign_payload, a_debug_access_says_whether_all_was_mapped) {
  std::vector<unsigned char> bytes(0x3000);
  auto& whole = cpu.make(tlm::TLM_READ_COMMAND, page, bytes.data(), 0x2000);
  EXPECT_EQ(cpu.socket->transport_dbg(whole), 0x2000u);
  EXPECT_EQ(whole.get_response_status(), tlm::TLM_OK_RESPONSE);
  auto& more = cpu.make(tlm::TLM_READ_COMMAND, page, bytes.data(), 0x3000);
  EXPECT_EQ(cpu.socket->transport_dbg(more), 0x2000u);
  EXPECT_EQ(more.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  auto& nothing = cpu.make(tlm::TLM_READ_COMMAND, 0x7000'0000, bytes.data(), 8);
  EXPECT_EQ(cpu.socket->transport_dbg(nothing), 0u);
  EXPECT_EQ(nothing.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(foreign_payload, the_option_of_a_debug_access_is_answered_as_the_standard_says) {
  EXPECT_EQ(cpu.socket->transport_dbg(cpu.reading(page)), 8u);
  EXPECT_EQ(cpu.payload.get_gp_option(), tlm::TLM_MIN_PAYLOAD);
  cpu.reading(page).set_gp_option(tlm::TLM_FULL_PAYLOAD);
  EXPECT_EQ(cpu.socket->transport_dbg(cpu.payload), 8u);
  EXPECT_EQ(cpu.payload.get_gp_option(), tlm::TLM_FULL_PAYLOAD_ACCEPTED);
}

TEST_F(foreign_payload, byte_enables_of_a_debug_access_hold_across_a_page) {
  unsigned char enables[3] = {TLM_BYTE_ENABLED, 0, 0};
  cpu.value = ~std::uint64_t{0};
  auto& write = cpu.writing(page + 0xffc);
  write.set_byte_enable_ptr(enables);
  write.set_byte_enable_length(3);
  write.set_gp_option(tlm::TLM_FULL_PAYLOAD);
  EXPECT_EQ(cpu.socket->transport_dbg(write), 8u);
  EXPECT_EQ(m.memory.read(m.hpa(frame) + 0xffc, 4), 0xff00'00ffu);
  EXPECT_EQ(m.memory.read(m.hpa(frame + 0x9000), 4), 0x00ff'0000u);
  EXPECT_EQ(write.get_byte_enable_ptr(), enables);
}

// The option of a transport call stays as the standard wants it (14.8 g), in the payloads of pieces too.
TEST_F(foreign_payload, the_option_of_an_access_is_left_alone) {
  EXPECT_TRUE(cpu.read(page + 0xffc));
  EXPECT_EQ(m.below.options, (std::vector<tlm::tlm_gp_option>{tlm::TLM_MIN_PAYLOAD, tlm::TLM_MIN_PAYLOAD}));
  EXPECT_EQ(cpu.payload.get_gp_option(), tlm::TLM_MIN_PAYLOAD);
}

// Who asks.

TEST_F(foreign_payload, a_hook_says_with_whose_rights_a_payload_comes) {
  m.tables.map(page, frame, 12, 12, leaf::x86 & ~paging::x86_entry::us);
  foreign_mark mark;
  EXPECT_TRUE(cpu.read(page)) << "without a hook everything counts as the supervisor's";
  m.mmu.ask_platform([](const tlm::tlm_generic_payload& p, mmu::asker& who) {
    if (const auto* const mark = p.get_extension<foreign_mark>(); mark != nullptr && mark->context != 0)
      who.mode = access_mode::user;
  });
  EXPECT_TRUE(cpu.read(page));
  mark.context = 1;
  cpu.reading(page).set_extension(&mark);
  EXPECT_EQ(cpu.send(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(cpu.socket->transport_dbg(cpu.reading(page)), 0u) << "of debug accesses too";
  tlm::tlm_dmi grant;
  EXPECT_FALSE(cpu.socket->get_direct_mem_ptr(cpu.reading(page), grant));
  cpu.payload.clear_extension(&mark);
  EXPECT_TRUE(cpu.socket->get_direct_mem_ptr(cpu.reading(page), grant));
}

TEST_F(foreign_payload, a_hook_says_in_which_domain_a_payload_is_translated) {
  two_stage_tables::config other_place;
  other_place.guest_tables = 0x5000'0000;
  other_place.nested_tables = 0x9000'0000;
  two_stage_tables others(tables_in(m.memory), other_place);
  others.map(page, 0x55'5000);
  m.memory.write(m.hpa(frame), 1);
  m.memory.write(others.hpa_of(0x55'5000), 2);
  mmu::processor_state state = m.state();
  state.cr3 = others.guest.root() | 9;
  state.eptp = others.eptp();
  const paging::shared_domain domain = m.mmu.domain_of(state);
  m.mmu.ask_platform([&](const tlm::tlm_generic_payload& p, mmu::asker& who) {
    if (p.get_extension<foreign_mark>() != nullptr) who.domain = &domain;
  });
  foreign_mark mark;
  for (int again = 0; again < 3; ++again) {
    EXPECT_TRUE(cpu.read(page));
    EXPECT_EQ(cpu.value, 1u);
    cpu.reading(page).set_extension(&mark);
    EXPECT_EQ(cpu.send(), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(cpu.value, 2u);
    tlm::tlm_dmi grant;
    EXPECT_FALSE(cpu.socket->get_direct_mem_ptr(cpu.payload, grant)) << "no register change would take it back";
    cpu.payload.clear_extension(&mark);
  }
}

// What failed.

TEST_F(foreign_payload, the_last_fault_of_a_socket_can_be_asked_for_and_is_told) {
  EXPECT_EQ(m.mmu.last_fault(side::data).kind, fault_kind::none);
  EXPECT_FALSE(cpu.read(0x7000'0ffc));
  const paging::fault& f = m.mmu.last_fault(side::data);
  EXPECT_EQ(f.kind, fault_kind::page_fault);
  EXPECT_EQ(f.linear.value, 0x7000'0ffcu);
  EXPECT_EQ(m.mmu.last_fault(side::fetch).kind, fault_kind::none);
  ASSERT_EQ(m.told.size(), 1u);
  EXPECT_EQ(m.told[0].socket, side::data);
  EXPECT_EQ(m.told[0].address.value, 0x7000'0ffcu);
  EXPECT_EQ(m.told[0].fault.kind, fault_kind::page_fault);
  EXPECT_EQ(m.told[0].payload, &cpu.payload);
  m.memory.fail(m.hpa(frame), m.hpa(frame) + 8);
  EXPECT_FALSE(cpu.read(page));
  EXPECT_EQ(m.told.size(), 1u) << "memory's own error is none of translation's";
}

// Set-up by struct.

TEST_F(foreign_payload, configure_during_simulation_flushes_what_was_cached) {
  m.memory.write(m.hpa(frame), 1);
  EXPECT_TRUE(cpu.read(page));
  tlm::tlm_dmi grant;
  EXPECT_TRUE(cpu.socket->get_direct_mem_ptr(cpu.reading(page), grant));
  m.tables.map(page, 0x77'7000);
  m.memory.write(m.hpa(0x77'7000), 2);
  m.mmu.configure(m.state());
  EXPECT_TRUE(cpu.read(page));
  EXPECT_EQ(cpu.value, 2u);
  EXPECT_EQ(cpu.taken_back.size(), 1u);
  mmu::processor_state off;
  m.mmu.configure(off);
  m.memory.write(0x5008, 77);
  EXPECT_TRUE(cpu.read(0x5008)) << "paging is off, and so is the second stage";
  EXPECT_EQ(cpu.value, 77u);
}

TEST_F(foreign_payload, configure_refuses_what_vm_entry_would) {
  mmu::processor_state wrong = m.state();
  wrong.cr0 = paging::cr0::pg;
  EXPECT_THROW(m.mmu.configure(wrong), input_error);
  wrong = m.state();
  wrong.eptp = 0;
  EXPECT_THROW(m.mmu.configure(wrong), input_error);
  EXPECT_TRUE(cpu.read(page)) << "nothing has changed";
}

}  // namespace
