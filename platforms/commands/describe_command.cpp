// The keys of the configuration, as `run --describe` lists them.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "platforms/commands/commands.h"
#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"

namespace nestwalk::platforms {

int describe_command() {
  const configuration defaults;
  std::string room;
  for (const key& k : key_table::all().keys()) {
    const std::string its_room = k.path.substr(0, k.path.find('.'));
    if (its_room != room) fmt::print("{}[{}]\n", room.empty() ? "" : "\n", its_room);
    room = its_room;
    fmt::print("{} = {}{}\n    {}; {}{}\n", k.path, written(k.get(defaults), k.unit),
               k.unit.empty() ? "" : " " + k.unit, k.about, described(k.allowed, k.unit),
               k.read_by == reader::every_machine ? "" : "; read by " + described_readers(k.read_by));
  }
  return exit_good;
}

}  // namespace nestwalk::platforms
