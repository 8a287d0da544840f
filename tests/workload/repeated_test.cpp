// A trace that is performed several times over.
#include "nestwalk/workload/repeated.h"

#include <array>
#include <atomic>

#include <gtest/gtest.h>

#include "nestwalk/workload/open_trace.h"
#include "trace_files.h"

namespace nestwalk::workload::test {
namespace {

const std::string two_lines = "I  00001000,4\n L 00002000,8\n";

repeated::opener opener_of(const temporary_file& file) {
  return [path = file.path()] { return open_trace(path, {true, nullptr}); };
}

TEST(repeated, is_the_trace_so_many_times_whatever_the_batch) {
  const temporary_file once(lackey_text(1000));
  std::vector<operation> expected;
  for (unsigned pass = 0; pass < 3; ++pass)
    for (const operation& each : all_of(*open_trace(once.path()))) expected.push_back(each);
  for (const std::size_t batch : {1U, 7U, 100U, 5000U}) {
    repeated thrice(opener_of(once), 3);
    EXPECT_TRUE(same(all_of(thrice, batch), expected)) << "batches of " << batch;
  }
}

TEST(repeated, stays_at_its_end) {
  const temporary_file file(two_lines);
  repeated twice(opener_of(file), 2);
  EXPECT_EQ(all_of(twice).size(), 4u);
  operation more;
  EXPECT_EQ(twice.next(&more, 1), 0u);
}

TEST(repeated, a_place_names_its_pass) {
  const temporary_file file(two_lines);
  repeated twice(opener_of(file), 2);
  std::array<operation, 2> batch;
  ASSERT_EQ(twice.next(batch.data(), 2), 2u);
  EXPECT_EQ(twice.place_of(batch.data(), 1), file.path() + ": line 2, pass 1 of 2");
  ASSERT_EQ(twice.next(batch.data(), 2), 2u);
  EXPECT_EQ(twice.place_of(batch.data(), 0), file.path() + ": line 1, pass 2 of 2");
}

TEST(repeated, progress_is_that_of_all_passes) {
  const temporary_file file(two_lines);
  repeated twice(opener_of(file), 2);
  std::array<operation, 2> batch;
  twice.next(batch.data(), 2);
  EXPECT_LE(twice.progress(), 0.5);
  EXPECT_GT(twice.progress(), 0);
  all_of(twice);
  EXPECT_EQ(twice.progress(), 1);
}

TEST(repeated, text_passed_over_is_counted_once) {
  const temporary_file file("hello\n" + two_lines);
  repeated twice(opener_of(file), 2);
  all_of(twice);
  EXPECT_EQ(twice.passed_over(), 1u);
  EXPECT_TRUE(has(twice.first_passed_over(), "hello"));
}

TEST(repeated, a_stop_begins_no_other_pass) {
  const temporary_file file(two_lines);
  std::atomic<bool> stop = false;
  repeated often(opener_of(file), 1000, &stop);
  std::array<operation, 2> batch;
  ASSERT_EQ(often.next(batch.data(), 2), 2u);
  stop = true;
  EXPECT_EQ(often.next(batch.data(), 2), 0u);
}

TEST(repeated, an_error_ends_it) {
  const temporary_file file(two_lines);
  unsigned opened = 0;
  repeated often(
      [&] {
        if (++opened == 2) throw input_error("gone");
        return open_trace(file.path());
      },
      1000);
  EXPECT_EQ(message_of([&] { all_of(often); }), "gone");
}

}  // namespace
}  // namespace nestwalk::workload::test
