// The statistics of one machine as results hold them, read by path.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace nestwalk::platforms {

/// A view of one element of "machines" in the results, which outlives it.
class figures {
 public:
  explicit figures(const nlohmann::ordered_json& machine) : machine_(machine) {}

  /// "nested"; the workload's name.
  std::string mode() const { return machine_.value("mode", ""); }
  std::string workload() const { return machine_.value("workload", ""); }
  /// The value at `path`; 0 where it is of a part that the machine says is not built. Whatever else the machine has not
  /// got is a mistake of the report, here and below: std::logic_error.
  double value(const std::string& path) const;
  /// A member of the distribution at `path`: "median", "p99", "sum", "count".
  double of_histogram(const std::string& path, const char* member) const;
  /// The paths below `prefix`, which ends with a dot, in the order of the statistics.
  std::vector<std::string> names_below(const std::string& prefix) const;

 private:
  bool built(const std::string& path) const;
  [[noreturn]] void fail(const std::string& path) const;
  const nlohmann::ordered_json* find(const std::string& path) const;

  const nlohmann::ordered_json& machine_;
};

}  // namespace nestwalk::platforms
