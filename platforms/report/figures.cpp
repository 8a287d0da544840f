#include "platforms/report/figures.h"

#include <stdexcept>

#include <fmt/format.h>

namespace nestwalk::platforms {

bool figures::built(const std::string& path) const {
  for (const auto& each : machine_.at("not_built")) {
    const std::string part = each.get<std::string>() + ".";
    if (path.compare(0, part.size(), part) == 0) return false;
  }
  return true;
}

void figures::fail(const std::string& path) const {
  throw std::logic_error(
      fmt::format("the report asks for {}, which is no statistic of the machine of mode {}", path, mode()));
}

const nlohmann::ordered_json* figures::find(const std::string& path) const {
  const nlohmann::ordered_json& statistics = machine_.at("statistics");
  if (const auto found = statistics.find(path); found != statistics.end()) return &found->at("value");
  if (built(path)) fail(path);
  return nullptr;
}

double figures::value(const std::string& path) const {
  const nlohmann::ordered_json* const found = find(path);
  if (found == nullptr) return 0;
  if (found->is_object()) return found->at("count").get<double>();
  return found->is_number() ? found->get<double>() : 0;  // null: not finite
}

double figures::of_histogram(const std::string& path, const char* member) const {
  const nlohmann::ordered_json* const found = find(path);
  if (found == nullptr) return 0;
  if (!found->is_object() || !found->contains(member)) fail(fmt::format("{} of {}", member, path));
  return found->at(member).get<double>();
}

std::vector<std::string> figures::names_below(const std::string& prefix) const {
  std::vector<std::string> names;
  for (const auto& [path, ignored] : machine_.at("statistics").items())
    if (path.compare(0, prefix.size(), prefix) == 0) names.push_back(path.substr(prefix.size()));
  if (names.empty() && built(prefix)) fail(prefix + "*");
  return names;
}

}  // namespace nestwalk::platforms
