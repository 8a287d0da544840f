#include "platforms/run/data_checker.h"

#include <gtest/gtest.h>

namespace {

using nestwalk::cpu::retired_access;
using nestwalk::paging::gva;
using nestwalk::platforms::data_checker;
using nestwalk::workload::operation;
using nestwalk::workload::operation_kind;
using nestwalk::workload::system_call;

constexpr gva place{0x12345ff8};
const unsigned char zeros[8] = {};
const unsigned char first[8] = {1, 2, 3, 4, 5, 6, 7, 8};
const unsigned char second[8] = {9, 9, 9, 9, 9, 9, 9, 9};

retired_access at(std::uint32_t process, const unsigned char* data) {
  return {process, place, 8, data};
}

operation call(system_call which, std::uint32_t argument) {
  operation made;
  made.kind = operation_kind::system_call;
  made.call = which;
  made.argument = argument;
  return made;
}

TEST(data_checker, untouched_memory_is_zero) {
  data_checker checker;
  checker.loaded(at(1, zeros));
  EXPECT_EQ(checker.mismatches(), 0u);
  checker.loaded(at(1, first));
  EXPECT_EQ(checker.mismatches(), 1u);
}

TEST(data_checker, a_load_sees_the_last_store) {
  data_checker checker;
  checker.stored(at(1, first));
  checker.stored(at(1, second));
  checker.loaded(at(1, second));
  EXPECT_EQ(checker.mismatches(), 0u);
  checker.loaded(at(1, first));
  EXPECT_EQ(checker.mismatches(), 1u);
  EXPECT_NE(checker.first_mismatch().find("0x12345ff8"), std::string::npos);
}

TEST(data_checker, an_access_may_cross_a_page) {
  data_checker checker;
  const retired_access crossing{1, place + 4, 8, first};
  checker.stored(crossing);
  checker.loaded(crossing);
  EXPECT_EQ(checker.loads(), 1u);
  EXPECT_EQ(checker.mismatches(), 0u);
  checker.loaded({1, place + 8, 4, first + 4});
  EXPECT_EQ(checker.mismatches(), 0u);
  checker.loaded({1, place + 8, 4, first});
  EXPECT_EQ(checker.mismatches(), 1u);
}

TEST(data_checker, a_fork_copies_what_was_and_nothing_after) {
  data_checker checker;
  checker.stored(at(1, first));
  checker.called(1, call(system_call::fork, 2));
  checker.stored(at(1, second));
  checker.loaded(at(2, first));
  checker.loaded(at(1, second));
  EXPECT_EQ(checker.mismatches(), 0u);
}

TEST(data_checker, an_exit_frees_the_name) {
  data_checker checker;
  checker.called(1, call(system_call::switch_to, 2));
  checker.stored(at(2, first));
  checker.called(2, call(system_call::exit, 1));
  checker.loaded(at(2, zeros));
  EXPECT_EQ(checker.mismatches(), 0u);
}

TEST(data_checker, an_unmapped_page_comes_back_as_zeros) {
  data_checker checker;
  checker.stored(at(1, first));
  operation unmap = call(system_call::unmap, 0);
  unmap.address = place.base(12);
  unmap.length = 4096;
  checker.called(1, unmap);
  checker.loaded(at(1, zeros));
  EXPECT_EQ(checker.mismatches(), 0u);
}

TEST(data_checker, a_protected_page_keeps_its_contents) {
  data_checker checker;
  checker.stored(at(1, first));
  operation protect = call(system_call::protect, 0);
  protect.address = place.base(12);
  protect.length = 4096;
  checker.called(1, protect);
  checker.loaded(at(1, first));
  EXPECT_EQ(checker.mismatches(), 0u);
}

}  // namespace
