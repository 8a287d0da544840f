// The keys of the configuration, as `run --describe` lists them.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "nestwalk/workload/make_generator.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/job_maker.h"
#include "platforms/configuration/key_table.h"
#include "platforms/report/wrapped.h"
#include "platforms/version.h"

namespace nestwalk::platforms {

namespace {

std::string with_unit(const value& v, const std::string& unit) {
  return written(v, unit) + unit_words(unit);
}

// What a key holds; where that depends on the workload, "64MiB bytes (gups, chase), 48MiB bytes (stream)".
std::string held(const key& k) {
  if ((k.read_by & reader::any_machine) != 0) return with_unit(k.get(), k.unit);
  std::vector<std::pair<std::string, std::string>> defaults;  // and the workloads that have it
  for (const workload::generator_description& each : workload::generators()) {
    const unsigned readers = reader::generator(each.name);
    if ((k.read_by & readers) == 0) continue;
    const std::string text = with_unit(k.get(readers), k.unit);
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

// "memory of the guest; from 64MiB to 1TiB; read by machines of mode shadow".
std::string meaning(const key& k) {
  return fmt::format(
      "{}; {}{}", k.about, described(k.allowed, k.unit),
      (k.read_by & reader::every_machine) == reader::every_machine ? "" : "; read by " + described_readers(k.read_by));
}

// The value as TOML: sizes with a unit and what its whole numbers do not reach are strings, which keys take likewise.
std::string as_toml(const value& v, const std::string& unit) {
  const std::string text = written(v, unit);
  const std::uint64_t* const whole = std::get_if<std::uint64_t>(&v);
  if (whole == nullptr) return text;
  const bool plain = text.find_first_not_of("0123456789") == std::string::npos;
  return plain && *whole <= std::numeric_limits<std::int64_t>::max() ? text : '"' + text + '"';
}

// A configuration of what the command's machine and workload read; the other keys stand in it as comments.
void print_toml(const command_options& o, const key_table& table) {
  const unsigned readers = readers_of({mode_named(o.mode)}, chosen_workloads(o, /*comparing=*/false));
  fmt::print("# nestwalk {}: a configuration as {} read it.\n", version, described_readers(readers));
  for (const key& k : table.keys())
    fmt::print(
        "\n{}{}{} = {}\n",
        wrapped(meaning(k) + (unit_words(k.unit).empty() || k.unit == "bytes" ? "" : ", in " + k.unit), "# ", "#   "),
        (k.read_by & readers) == 0 ? "# " : "", k.path, as_toml(k.get(readers), k.unit));
}

}  // namespace

int describe_command(const command_options& o) {
  configuration c = make_configuration(o, reader::everyone);
  const key_table table(c);
  if (o.toml) {
    print_toml(o, table);
    return exit_good;
  }
  std::string room;
  for (const key& k : table.keys()) {
    const std::string its_room = k.path.substr(0, k.path.find('.'));
    if (its_room != room) fmt::print("{}[{}]\n", room.empty() ? "" : "\n", its_room);
    room = its_room;
    fmt::print("{}{}", wrapped(fmt::format("{} = {}", k.path, held(k)), "", "    "),
               wrapped(meaning(k), "    ", "    "));
  }
  return exit_good;
}

}  // namespace nestwalk::platforms
