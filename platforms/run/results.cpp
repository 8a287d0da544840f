#include "platforms/run/results.h"

#include "platforms/configuration/key_table.h"
#include "platforms/version.h"

namespace nestwalk::platforms {

nlohmann::ordered_json echo(const configuration& c, unsigned readers) {
  nlohmann::ordered_json echoed = nlohmann::ordered_json::object();
  for (const key& k : key_table::all().keys())
    if ((k.read_by & readers) != 0) echoed[k.path] = as_json(k.get(c));
  return echoed;
}

nlohmann::ordered_json results(const configuration& c, unsigned readers, const std::vector<job_result>& jobs) {
  bool partial = false;
  nlohmann::ordered_json machines = nlohmann::ordered_json::array();
  for (const job_result& each : jobs) {
    partial = partial || each.partial;
    if (each.machine.is_object()) machines.push_back(each.machine);
  }
  return {{"nestwalk", version},
          {"partial", partial},
          {"configuration", echo(c, readers)},
          {"machines", std::move(machines)}};
}

}  // namespace nestwalk::platforms
