#include "platforms/run/results.h"

#include "nestwalk/protocol/error.h"
#include "platforms/configuration/key_table.h"
#include "platforms/version.h"

namespace nestwalk::platforms {
namespace {

// What a run needs beside its keys to be run again.
void add_run(nlohmann::ordered_json& to, const std::vector<job>& jobs) {
  std::vector<std::string> workloads;
  for (const job& each : jobs)
    if (const std::string name = each.workload.name(); workloads.empty() || workloads.back() != name)
      workloads.push_back(name);
  to["run.workloads"] = workloads;
  to["run.warmup"] = jobs.front().warmup;
  to["run.limit"] = jobs.front().limit == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(jobs.front().limit);
}

}  // namespace

nlohmann::ordered_json echo(const configuration& c, unsigned readers) {
  nlohmann::ordered_json echoed = nlohmann::ordered_json::object();
  configuration held = c;
  const key_table table(held);
  for (const key& k : table.keys())
    if ((k.read_by & readers) != 0) std::visit([&](const auto& v) { echoed[k.path] = v; }, k.get(readers));
  return echoed;
}

nlohmann::ordered_json results(const std::vector<job>& jobs, unsigned readers, const std::vector<job_result>& done) {
  bool partial = false;
  nlohmann::ordered_json machines = nlohmann::ordered_json::array();
  for (const job_result& each : done) {
    partial = partial || each.partial;
    if (each.machine.is_object()) machines.push_back(each.machine);
  }
  nlohmann::ordered_json of_jobs = echo(jobs.front().config, readers);
  add_run(of_jobs, jobs);
  return {{"nestwalk", version},
          {"partial", partial},
          {"configuration", std::move(of_jobs)},
          {"machines", std::move(machines)}};
}

std::string save(const nlohmann::ordered_json& results, output_file& file) {
  try {
    file.stream() << results.dump(2) << '\n';
    file.close();
  } catch (const input_error& problem) {
    return problem.what();
  }
  return "";
}

}  // namespace nestwalk::platforms
