#include "platform/program_run.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace nestwalk::platform_tests {

namespace fs = std::filesystem;

namespace {

// AddressSanitizer does not know the stacks of SystemC's threads, and says so in three lines when an exception passes
// on one of them.
std::string without_stack_warnings(const std::string& text) {
  std::istringstream lines(text);
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    const bool warning = line.find("__asan_handle_no_return") != std::string::npos ||
                         line.rfind("False positive error reports may follow", 0) == 0 ||
                         line.find("google/sanitizers/issues/189") != std::string::npos;
    if (!warning) kept += line + "\n";
  }
  return kept;
}

}  // namespace

workplace::workplace() {
  std::string name = (fs::temp_directory_path() / "nestwalk_test.XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = name;
}

workplace::~workplace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string workplace::write(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

std::string workplace::read(const std::string& name) const {
  std::ifstream input(path(name), std::ios::binary);
  std::ostringstream content;
  content << input.rdbuf();
  return content.str();
}

program_run::program_run(const std::vector<std::string>& arguments, const std::string& input,
                         const std::string& output) {
  std::vector<std::string> words = {NESTWALK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = output.empty() ? files_.path("out") : output;
  const std::string err = files_.path("err");
  const std::string in = input.empty() ? "/dev/null" : input;
  process_ = fork();
  if (process_ != 0) return;
  const int opened[3] = {open(in.c_str(), O_RDONLY), open(out.c_str(), O_CREAT | O_WRONLY, 0600),
                         open(err.c_str(), O_CREAT | O_WRONLY, 0600)};
  for (int i = 0; i < 3; ++i) dup2(opened[i], i);
  execv(argv[0], argv.data());
  _exit(127);
}

outcome program_run::finish() {
  int status = 0;
  waitpid(process_, &status, 0);
  outcome result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = files_.read("out");
  result.err = without_stack_warnings(files_.read("err"));
  return result;
}

outcome run_program(const std::vector<std::string>& arguments, const std::string& input) {
  return program_run(arguments, input).finish();
}

std::string lackey_trace(unsigned records, unsigned pages) {
  std::string text;
  char line[64];
  for (unsigned i = 0; i < records; ++i) {
    const unsigned long long data = 0x1000000ull + 4096ull * (i * 7 % pages) + 8ull * (i % 500);
    switch (i % 4) {
      case 0: std::snprintf(line, sizeof line, "I  %08llx,4\n", 0x400000ull + 4 * (i % 512)); break;
      case 1: std::snprintf(line, sizeof line, " S %08llx,8\n", data); break;
      case 2: std::snprintf(line, sizeof line, " L %08llx,8\n", data); break;
      default: std::snprintf(line, sizeof line, " M %08llx,4\n", data); break;
    }
    text += line;
  }
  return text;
}

double statistic(const nlohmann::json& results, std::size_t index, const std::string& path) {
  return results.at("machines").at(index).at("statistics").at(path).at("value").get<double>();
}

}  // namespace nestwalk::platform_tests
