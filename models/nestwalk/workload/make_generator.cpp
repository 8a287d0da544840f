#include "nestwalk/workload/make_generator.h"

#include <string>
#include <vector>

#include "nestwalk/configuration/nearest.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::workload {
namespace {

template <class Generator, auto Config>
generator_description of(const char* about) {
  return {Generator::name, about,
          [](const configuration::group& into, generator_settings& settings) { describe(into, settings.*Config); },
          [](const generator_settings& settings) -> std::unique_ptr<source> {
            return std::make_unique<Generator>(settings.*Config);
          }};
}

const generator_description& described(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const generator_description& each : generators()) {
    if (name == each.name) return each;
    names.emplace_back(each.name);
    list += std::string(list.empty() ? "" : ", ") + each.name;
  }
  const std::string nearest = configuration::nearest_name(name, names);
  throw input_error("workload " + name + ": there is none of this name" +
                    (nearest.empty() ? std::string() : "; did you mean " + nearest + "?") + " (workloads: " + list +
                    ")");
}

}  // namespace

const std::vector<generator_description>& generators() {
  using settings = generator_settings;
  static const std::vector<generator_description> all = {
      of<gups, &settings::gups>("random 8-byte updates all over a table"),
      of<stream, &settings::stream>("a[i] = b[i] + c[i] over three arrays, from end to end"),
      of<chase, &settings::chase>("a chain of pointers through every line of memory, in random order"),
      of<zipf, &settings::zipf>("some pages (or lines) hot and most cold, by Zipf's law"),
      of<switching, &settings::switching>("several processes in turn, a context switch every so many accesses"),
      of<forking, &settings::forking>(
          "processes that fork, touch and write copy-on-write pages, and exit: the most table edits"),
      of<churn, &settings::churn>("random accesses, with page tables edited at a set rate"),
  };
  return all;
}

std::unique_ptr<source> make_generator(const std::string& name, const generator_settings& settings) {
  return described(name).make(settings);
}

}  // namespace nestwalk::workload
