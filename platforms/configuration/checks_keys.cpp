// What a machine checks of itself.
#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"
#include "platforms/configuration/rooms.h"

namespace nestwalk::platforms {

void add_checks_keys(key_table& keys) {
  keys.read_by(reader::every_machine);
  keys.truth(
      "checks.protocol_monitors", "watch every memory socket for broken rules of TLM-2.0; a broken one is an error",
      [](configuration & c) -> auto& { return c.checks.protocol_monitors; });
}

}  // namespace nestwalk::platforms
