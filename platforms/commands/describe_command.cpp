// The keys of the configuration, as `run --describe` lists them.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platforms/commands/commands.h"
#include "platforms/commands/job_maker.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/workload_defaults.h"
#include "workload/make_generator.h"

namespace nestwalk::platforms {

namespace {

std::string with_unit(const value& v, const std::string& unit) {
  return written(v, unit) + (unit.empty() ? "" : " " + unit);
}

// What a key holds; where that depends on the workload, "64MiB bytes (gups, chase), 48MiB bytes (stream)".
std::string held(const key& k, const configuration& c) {
  if (const value v = k.get(c); !std::holds_alternative<std::monostate>(v)) return with_unit(v, k.unit);
  std::vector<std::pair<std::string, std::string>> defaults;  // and the workloads that have it
  for (const workload::generator_description& each : workload::generators()) {
    const value v = default_of(k, each.name);
    if (std::holds_alternative<std::monostate>(v)) continue;
    const std::string text = with_unit(v, k.unit);
    const auto same = std::find_if(defaults.begin(), defaults.end(), [&](const auto& d) { return d.first == text; });
    if (same == defaults.end())
      defaults.emplace_back(text, each.name);
    else
      same->second += std::string(", ") + each.name;
  }
  if (defaults.size() == 1) return defaults.front().first;
  std::string all;
  for (const auto& [text, names] : defaults) all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", text, names);
  return all;
}

}  // namespace

int describe_command(const command_options& o) {
  const configuration c = make_configuration(o, reader::everyone);
  std::string room;
  for (const key& k : key_table::all().keys()) {
    const std::string its_room = k.path.substr(0, k.path.find('.'));
    if (its_room != room) fmt::print("{}[{}]\n", room.empty() ? "" : "\n", its_room);
    room = its_room;
    fmt::print("{} = {}\n    {}; {}{}\n", k.path, held(k, c), k.about, described(k.allowed, k.unit),
               k.read_by == reader::every_machine ? "" : "; read by " + described_readers(k.read_by));
  }
  return exit_good;
}

}  // namespace nestwalk::platforms
