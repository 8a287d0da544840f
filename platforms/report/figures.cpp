#include "platforms/report/figures.h"

namespace nestwalk::platforms {

const nlohmann::ordered_json* figures::find(const std::string& path) const {
  const auto statistics = machine_.find("statistics");
  if (statistics == machine_.end()) return nullptr;
  const auto found = statistics->find(path);
  return found == statistics->end() ? nullptr : &(*found)["value"];
}

double figures::value(const std::string& path) const {
  const nlohmann::ordered_json* const found = find(path);
  if (found == nullptr) return 0;
  if (found->is_object()) return found->value("count", 0.0);
  return found->is_number() ? found->get<double>() : 0;
}

double figures::of_histogram(const std::string& path, const char* member) const {
  const nlohmann::ordered_json* const found = find(path);
  return found != nullptr && found->is_object() ? found->value(member, 0.0) : 0;
}

std::vector<std::string> figures::names_below(const std::string& prefix) const {
  std::vector<std::string> names;
  const auto statistics = machine_.find("statistics");
  if (statistics == machine_.end()) return names;
  for (const auto& [path, ignored] : statistics->items())
    if (path.compare(0, prefix.size(), prefix) == 0) names.push_back(path.substr(prefix.size()));
  return names;
}

}  // namespace nestwalk::platforms
