#include "platforms/configuration/key.h"

#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "workload/make_generator.h"

namespace nestwalk::platforms {
namespace reader {
namespace {

constexpr unsigned first_generator = 3;  // bits below are the machines

}  // namespace

unsigned generator(const std::string& name) {
  unsigned bit = first_generator;
  for (const workload::generator_description& each : workload::generators()) {
    if (name == each.name) return 1u << bit;
    ++bit;
  }
  return 0;
}

unsigned generators_with(const std::string& setting) {
  unsigned mask = 0;
  for (const workload::generator_description& each : workload::generators()) {
    std::istringstream settings(each.settings);
    for (std::string word; settings >> word;)
      if (word == setting) mask |= generator(each.name);
  }
  return mask;
}

}  // namespace reader

std::string described_readers(unsigned mask) {
  std::vector<std::string> machines;
  for (const machine_mode mode : all_modes)
    if ((mask & reader::machine(mode)) != 0) machines.emplace_back(name_of(mode));
  std::vector<std::string> generators;
  for (const workload::generator_description& each : workload::generators())
    if ((mask & reader::generator(each.name)) != 0) generators.emplace_back(each.name);
  if (machines.size() == all_modes.size()) return "every machine";
  if (!machines.empty()) return fmt::format("machines of mode {}", fmt::join(machines, " or "));
  return fmt::format("the workload {}", fmt::join(generators, " or "));
}

}  // namespace nestwalk::platforms
