// Random programs of several processes against a model of what memory should hold.
#include <map>
#include <random>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

#include <gtest/gtest.h>

#include "guest/plain_machine.h"

namespace nestwalk::guest::testing {
namespace {

/// What a process should see: its words by address, and its rights by page.
struct expected_process {
  std::map<std::uint64_t, std::uint64_t> words;
  std::map<std::uint64_t, bool> writable;  // of mapped pages
};

class random_program {
 public:
  random_program(plain_machine& machine, unsigned seed) : machine_(machine), random_(seed) {}

  void run(unsigned steps) {
    for (unsigned i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
      SCOPED_TRACE(i);
      step();
    }
  }
  void end_all() {
    while (processes_.size() > 1)
      end(processes_.begin()->first == current_ ? processes_.rbegin()->first : processes_.begin()->first);
    machine_.unmap(base, pages * 0x1000);
    now().words.clear();
  }

 private:
  static constexpr std::uint64_t base = 0x40000000 - 0x180000;  // a range across tables of all levels but the top
  static constexpr std::uint64_t pages = 1024;

  expected_process& now() { return processes_[current_]; }
  std::uint64_t some_address() { return base + (random_() % pages) * 0x1000 + 8 * (random_() % 2); }

  void step() {
    const auto kind = static_cast<unsigned>(random_() % 100);
    if (kind < 45) return store();
    if (kind < 80) return load();
    if (kind < 95) return edit(kind);
    if (kind < 97 && processes_.size() < 12) return fork();
    if (kind < 99) return change();
    if (processes_.size() > 1) end(other());
  }
  void store() {
    const std::uint64_t address = some_address();
    const auto page = now().writable.find(address >> 12);
    const bool permitted = page != now().writable.end() && page->second;
    ++ordinal_;
    ASSERT_EQ(machine_.write(address, ordinal_), permitted);
    if (permitted) now().words[address] = ordinal_;
  }
  void load() {
    const std::uint64_t address = some_address();
    std::uint64_t value = 0;
    const bool permitted = now().writable.count(address >> 12) != 0;
    ASSERT_EQ(machine_.read(address, value), permitted);
    if (!permitted) return;
    const auto word = now().words.find(address);
    ASSERT_EQ(value, word == now().words.end() ? 0 : word->second);
    const auto software = machine_.kernel().software_translate(current_, paging::gva(address));
    ASSERT_TRUE(software);
    ASSERT_EQ(software->value, machine_.look(address).output.value);
  }
  void edit(unsigned kind) {
    const std::uint64_t first = random_() % pages;
    const std::uint64_t count = 1 + random_() % (random_() % 2 == 0 ? pages - first : 3);
    const std::uint64_t address = base + first * 0x1000;
    if (kind < 88)
      machine_.map(address, count * 0x1000);
    else if (kind < 90)
      machine_.unmap(address, count * 0x1000);
    else
      machine_.protect(address, count * 0x1000, kind < 93);
    for (std::uint64_t page = address >> 12; page < (address >> 12) + count; ++page) {
      if (kind < 88) {
        now().writable[page] = true;
      } else if (kind < 90) {
        now().writable.erase(page);
        now().words.erase(now().words.lower_bound(page << 12), now().words.lower_bound((page + 1) << 12));
      } else if (now().writable.count(page) != 0) {
        now().writable[page] = kind < 93;
      }
    }
  }
  void fork() {
    const std::uint32_t child = ++names_;
    machine_.fork(child);
    processes_[child] = now();
  }
  void change() {
    current_ = other();
    machine_.switch_to(current_);
  }
  void end(std::uint32_t next) {
    machine_.exit(next);
    processes_.erase(current_);
    current_ = next;
  }
  std::uint32_t other() {
    auto at = std::next(processes_.begin(), static_cast<long>(random_() % processes_.size()));
    if (at->first == current_ && processes_.size() > 1 && ++at == processes_.end()) at = processes_.begin();
    return at->first;
  }

  plain_machine& machine_;
  std::mt19937 random_;
  std::map<std::uint32_t, expected_process> processes_{{1, {}}};
  std::uint32_t current_ = 1;
  std::uint32_t names_ = 1;
  std::uint64_t ordinal_ = 0;
};

class random_programs : public ::testing::TestWithParam<std::tuple<page_policy, bool, unsigned>> {};

TEST_P(random_programs, see_their_own_memory_and_leave_none_behind) {
  const auto [pages, preset, seed] = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  kernel_config config = small_config();
  config.memory = 128 * mebibyte;
  config.pages = pages;
  config.preset_flags = preset;
  config.pcids = 3;
  config.flush_pages = 8;
  plain_machine machine(config);
  const std::uint64_t before = machine.kernel().memory_in_use();
  random_program program(machine, seed);
  program.run(4000);
  program.end_all();
  EXPECT_EQ(machine.kernel().memory_in_use(), before);
}

INSTANTIATE_TEST_SUITE_P(guest, random_programs,
                         ::testing::Combine(::testing::Values(page_policy::pages_4k, page_policy::pages_2m),
                                            ::testing::Bool(), ::testing::Values(1u, 2u, 3u)));

TEST(determinism, the_same_program_leaves_the_same_memory) {
  // SystemC elaborates once a process, so the second run is a child's; its memory's digest comes back as exit status.
  const auto digest = [] {
    plain_machine machine(small_config());
    random_program(machine, 5).run(1500);
    std::uint64_t sum = machine.stores;
    for (const auto& [page, words] : machine.pages())
      for (std::size_t i = 0; i < words.size(); ++i) sum = (sum ^ words[i] ^ (page * 512 + i)) * 0x100000001b3;
    return ::testing::Test::HasFailure() ? 255 : static_cast<int>(sum % 251);
  };
  // The child runs first: the parent has not elaborated yet.
  int expected = -1;
  for (int run = 0; run < 2; ++run) {
    const pid_t child = fork();
    if (child == 0) _exit(digest());
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (run == 0) expected = WEXITSTATUS(status);
    EXPECT_NE(WEXITSTATUS(status), 255);
    EXPECT_EQ(WEXITSTATUS(status), expected);
  }
}

}  // namespace
}  // namespace nestwalk::guest::testing
