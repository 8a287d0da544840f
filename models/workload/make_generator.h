// The generators by name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workload/source.h"

namespace nestwalk::workload {

/// What can be set of a generator; a setting not given is the generator's own default. Which generator has which:
/// `generator_description::settings`.
struct generator_settings {
  std::optional<std::uint64_t> footprint;     ///< bytes
  std::optional<std::uint64_t> length;        ///< accesses, instruction fetches included
  std::optional<std::uint64_t> seed;          ///< any number
  std::optional<double> exponent;             ///< of Zipf's law, above 0
  std::optional<std::uint64_t> unit;          ///< bytes that share one popularity, 64 to 4096
  std::optional<double> stores;               ///< share of the data accesses, 0 to 1
  std::optional<std::uint64_t> processes;     ///< how many
  std::optional<std::uint64_t> interval;      ///< accesses between two switches
  std::optional<double> touched;              ///< share of the pages that a forked child loads from
  std::optional<double> written;              ///< share of the pages written after each fork
  std::optional<std::uint64_t> loads_a_page;  ///< loads from each page touched after a fork
};

/// A generator as a list shows it.
struct generator_description {
  const char* name;
  const char* about;            ///< one line
  const char* settings;         ///< names of the settings it has, separated by spaces
  generator_settings defaults;  ///< what each of them is where it is not given
};

/// All generators, in the order of a list.
const std::vector<generator_description>& generators();

/// The generator called `name`. Throws `input_error` for an unknown name (with the near one, if any), a setting that
/// the generator does not have, and a value out of range.
std::unique_ptr<source> make_generator(const std::string& name, const generator_settings& settings = {});

}  // namespace nestwalk::workload
