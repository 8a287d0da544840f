#include "workload/make_generator.h"

#include <utility>

#include "protocol/error.h"
#include "protocol/nearest.h"
#include "workload/chase.h"
#include "workload/forking.h"
#include "workload/gups.h"
#include "workload/stream.h"
#include "workload/switching.h"
#include "workload/zipf.h"

namespace nestwalk::workload {

namespace {

/// Moves settings into a generator's configuration, and finds those that it does not have.
class settings_taker {
 public:
  explicit settings_taker(const generator_settings& settings) : left_(settings) {}

  template <class Value>
  settings_taker& take(std::optional<Value> generator_settings::*setting, Value& into) {
    if (std::optional<Value>& given = left_.*setting) into = *std::exchange(given, std::nullopt);
    return *this;
  }

  /// The name of a setting that has been given and not taken; null when there is none.
  const char* left() const {
    const std::pair<const char*, bool> all[] = {{"footprint", left_.footprint.has_value()},
                                                {"length", left_.length.has_value()},
                                                {"seed", left_.seed.has_value()},
                                                {"exponent", left_.exponent.has_value()},
                                                {"unit", left_.unit.has_value()},
                                                {"stores", left_.stores.has_value()},
                                                {"processes", left_.processes.has_value()},
                                                {"interval", left_.interval.has_value()},
                                                {"touched", left_.touched.has_value()},
                                                {"written", left_.written.has_value()},
                                                {"loads_a_page", left_.loads_a_page.has_value()}};
    for (const auto& [name, given] : all)
      if (given) return name;
    return nullptr;
  }

 private:
  generator_settings left_;
};

/// Moves a generator's configuration into settings.
class settings_giver {
 public:
  template <class Value>
  settings_giver& take(std::optional<Value> generator_settings::*setting, const Value& from) {
    given_.*setting = from;
    return *this;
  }

  const generator_settings& given() const { return given_; }

 private:
  generator_settings given_;
};

using settings = generator_settings;

// The settings that each generator has, shown to one of the above.
template <class Config, class Taker>
Taker& common(Config& c, Taker& to) {
  return to.take(&settings::footprint, c.footprint).take(&settings::length, c.length);
}
template <class Taker>
void each_setting(gups_config& c, Taker& to) {
  common(c, to).take(&settings::seed, c.seed);
}
template <class Taker>
void each_setting(stream_config& c, Taker& to) {
  common(c, to);
}
template <class Taker>
void each_setting(chase_config& c, Taker& to) {
  common(c, to).take(&settings::seed, c.seed);
}
template <class Taker>
void each_setting(zipf_config& c, Taker& to) {
  common(c, to).take(&settings::seed, c.seed).take(&settings::exponent, c.exponent);
  to.take(&settings::unit, c.unit).take(&settings::stores, c.stores);
}
template <class Taker>
void each_setting(switching_config& c, Taker& to) {
  common(c, to).take(&settings::seed, c.seed).take(&settings::processes, c.processes);
  to.take(&settings::interval, c.interval).take(&settings::stores, c.stores);
}
template <class Taker>
void each_setting(forking_config& c, Taker& to) {
  common(c, to).take(&settings::seed, c.seed).take(&settings::touched, c.touched);
  to.take(&settings::written, c.written).take(&settings::loads_a_page, c.loads_a_page);
}

template <class Config>
generator_settings defaults_of() {
  Config config;
  settings_giver giver;
  each_setting(config, giver);
  return giver.given();
}

const generator_description& described(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const generator_description& each : generators()) {
    if (name == each.name) return each;
    names.emplace_back(each.name);
    list += std::string(list.empty() ? "" : ", ") + each.name;
  }
  const std::string nearest = protocol::nearest_name(name, names);
  throw input_error("workload " + name + ": there is none of this name; " +
                    (nearest.empty() ? "" : "did you mean " + nearest + "? ") + "There are: " + list);
}

template <class Generator, class Config>
std::unique_ptr<source> made(const settings& given) {
  Config config;
  settings_taker taker(given);
  each_setting(config, taker);
  if (const char* const left = taker.left(); left != nullptr)
    throw input_error(std::string("workload ") + Generator::name + ": has no setting " + left +
                      "; it has: " + described(Generator::name).settings);
  return std::make_unique<Generator>(config);
}

}  // namespace

const std::vector<generator_description>& generators() {
  static const std::vector<generator_description> all = {
      {gups::name, "random 8-byte updates all over a table", "footprint length seed", defaults_of<gups_config>()},
      {stream::name, "a[i] = b[i] + c[i] over three arrays, from end to end", "footprint length",
       defaults_of<stream_config>()},
      {chase::name, "a chain of pointers through every line of memory, in random order", "footprint length seed",
       defaults_of<chase_config>()},
      {zipf::name, "some pages (or lines) hot and most cold, by Zipf's law",
       "footprint length seed exponent unit stores", defaults_of<zipf_config>()},
      {switching::name, "several processes in turn, a context switch every so many accesses",
       "footprint length seed processes interval stores", defaults_of<switching_config>()},
      {forking::name, "processes that fork, touch and write copy-on-write pages, and exit: the most table edits",
       "footprint length seed touched written loads_a_page", defaults_of<forking_config>()},
  };
  return all;
}

std::unique_ptr<source> make_generator(const std::string& name, const generator_settings& given) {
  const std::string known = described(name).name;
  if (known == gups::name) return made<gups, gups_config>(given);
  if (known == stream::name) return made<stream, stream_config>(given);
  if (known == chase::name) return made<chase, chase_config>(given);
  if (known == zipf::name) return made<zipf, zipf_config>(given);
  if (known == switching::name) return made<switching, switching_config>(given);
  return made<forking, forking_config>(given);
}

}  // namespace nestwalk::workload
