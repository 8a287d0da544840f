// The examples of the pages in docs/ print what the pages show.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/program_run.h"

namespace {

using namespace nestwalk::platform_tests;

struct example {
  std::string command;
  std::string output;
};

std::vector<example> examples_of(const std::string& page) {
  const std::string begin = "$ nestwalk ";
  std::vector<example> found;
  std::ifstream in(page);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(begin, 0) == 0) {
      found.push_back({line.substr(begin.size()), ""});
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      found.back().output += line + "\n";
    }
  }
  return found;
}

// As a shell does, of which the examples need blanks and double quotes, and behind them "| head -N" or "| tail -N".
std::vector<std::string> words(const std::string& command) {
  std::vector<std::string> all(1);
  bool quoted = false;
  for (const char c : command) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      all.emplace_back();
    else
      all.back() += c;
  }
  return all;
}

/// What `head -N` or `tail -N` lets through, N lines; all where `filter` is empty.
std::string filtered(const std::string& text, const std::vector<std::string>& filter) {
  if (filter.empty()) return text;
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line + '\n');
  const std::size_t wanted = std::min<std::size_t>(std::stoul(filter.at(1).substr(1)), lines.size());
  const auto first = filter.at(0) == "head" ? lines.begin() : lines.end() - static_cast<std::ptrdiff_t>(wanted);
  std::string some;
  std::for_each(first, first + static_cast<std::ptrdiff_t>(wanted), [&](const std::string& line) { some += line; });
  return some;
}

class page_examples : public testing::TestWithParam<const char*> {};

TEST_P(page_examples, print_what_is_shown) {
  std::filesystem::current_path(NESTWALK_SOURCE_DIR);
  const std::vector<example> examples = examples_of(GetParam());
  ASSERT_GT(examples.size(), 2u);
  for (const example& e : examples) {
    const std::size_t pipe = e.command.find(" | ");
    const outcome done = run_program(words(e.command.substr(0, pipe)));
    const std::vector<std::string> filter =
        pipe == std::string::npos ? std::vector<std::string>() : words(e.command.substr(pipe + 3));
    EXPECT_EQ(done.status, 0) << e.command << "\n" << done.err;
    EXPECT_EQ(filtered(done.out, filter), e.output) << e.command << "\ntools/examples writes the page anew";
  }
}

INSTANTIATE_TEST_SUITE_P(docs, page_examples, testing::Values("docs/walks.md", "docs/images.md", "docs/iommu.md"));

TEST(walks_page, has_an_example_of_each_kind_of_access_and_fault) {
  std::string outputs;
  for (const example& e : examples_of(NESTWALK_SOURCE_DIR "/docs/walks.md")) outputs += e.output;
  for (const char* const shown :
       {"write of", "fetch of", "supervisor mode", "exchange", "page not present", "page-protection violation",
        "reserved bit set", "fault: EPT violation", "fault: EPT misconfiguration", "fault: nested page fault"})
    EXPECT_NE(outputs.find(shown), std::string::npos) << shown;
}

}  // namespace
