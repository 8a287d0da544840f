#include "platforms/configuration/readers.h"

#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/workload/make_generator.h"

namespace nestwalk::platforms {
namespace reader {
namespace {

constexpr unsigned first_generator = 4;  // bits below are the machines

}  // namespace

unsigned generator(const std::string& name) {
  unsigned bit = first_generator;
  for (const workload::generator_description& each : workload::generators()) {
    if (name == each.name) return 1u << bit;
    ++bit;
  }
  return 0;
}

unsigned named(const std::string& word) {
  if (word == "vmm") return virtualised;
  if (word == "device") return device;
  if (word == "any") return any_machine;
  for (const machine_mode mode : all_modes)
    if (word == name_of(mode)) return machine(mode);
  if (const unsigned found = generator(word); found != 0) return found;
  throw std::logic_error("configuration: keys for " + word + ": no machine and no workload is called that");
}

}  // namespace reader

std::string described_readers(unsigned mask) {
  std::vector<std::string> machines;
  for (const machine_mode mode : all_modes)
    if ((mask & reader::machine(mode)) != 0) machines.emplace_back(name_of(mode));
  std::vector<std::string> generators;
  for (const workload::generator_description& each : workload::generators())
    if ((mask & reader::generator(each.name)) != 0) generators.emplace_back(each.name);
  if ((mask & reader::any_machine) == reader::device) return "machines of devices (explain --device)";
  if (machines.size() == all_modes.size()) return "every machine with a core";
  if (!machines.empty()) return fmt::format("machines of mode {}", fmt::join(machines, " or "));
  return fmt::format("the workload {}", fmt::join(generators, " or "));
}

}  // namespace nestwalk::platforms
