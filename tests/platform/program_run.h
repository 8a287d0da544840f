// Runs the program as a user would, in a folder of the test's own.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

#include <nlohmann/json.hpp>

namespace nestwalk::platform_tests {

/// What a run of the program left.
struct outcome {
  int status = -1;  ///< exit status; 128 + signal where a signal ended it
  std::string out;
  std::string err;
};

/// A folder for one test's files, gone with it.
class workplace {
 public:
  workplace();
  ~workplace();
  workplace(const workplace&) = delete;
  workplace& operator=(const workplace&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;
  nlohmann::json json(const std::string& name) const { return nlohmann::json::parse(read(name)); }

 private:
  std::filesystem::path folder_;
};

/// The program under way.
class program_run {
 public:
  /// `input`: a file for standard input; empty: none. `output`: one for standard output; empty: what it holds is in the
  /// outcome.
  explicit program_run(const std::vector<std::string>& arguments, const std::string& input = "",
                       const std::string& output = "");
  pid_t process() const { return process_; }
  /// Waits for its end.
  outcome finish();

 private:
  workplace files_;
  pid_t process_;
};

/// Runs it to its end.
outcome run_program(const std::vector<std::string>& arguments, const std::string& input = "");

/// A lackey trace of `records` fetches, loads, stores and modifications over `pages` pages.
std::string lackey_trace(unsigned records, unsigned pages);

/// The value of a statistic of the `index`-th machine of results.
double statistic(const nlohmann::json& results, std::size_t index, const std::string& path);

}  // namespace nestwalk::platform_tests
