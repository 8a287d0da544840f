#include "platforms/configuration/workload_defaults.h"

#include "platforms/configuration/key_table.h"

namespace nestwalk::platforms {

value default_of(const key& k, const std::string& name) {
  if ((k.read_by & reader::generator(name)) == 0) return {};
  configuration defaults;
  for (const workload::generator_description& each : workload::generators())
    if (name == each.name) defaults.workload = each.defaults;
  return k.get(defaults);
}

void set_defaults(configuration& c, const std::string& name) {
  for (const key& k : key_table::all().keys())
    if (const value held = default_of(k, name);
        !std::holds_alternative<std::monostate>(held) && std::holds_alternative<std::monostate>(k.get(c)))
      k.set(c, held);
}

}  // namespace nestwalk::platforms
