// The generators by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nestwalk/workload/chase.h"
#include "nestwalk/workload/churn.h"
#include "nestwalk/workload/forking.h"
#include "nestwalk/workload/gups.h"
#include "nestwalk/workload/source.h"
#include "nestwalk/workload/stream.h"
#include "nestwalk/workload/switching.h"
#include "nestwalk/workload/zipf.h"

namespace nestwalk::workload {

/// What each generator is made with, whichever of them is made.
struct generator_settings {
  gups_config gups;
  stream_config stream;
  chase_config chase;
  zipf_config zipf;
  switching_config switching;
  forking_config forking;
  churn_config churn;
};

/// A generator as a list shows it.
struct generator_description {
  const char* name;
  const char* about;  ///< one line
  /// Describes the keys of its settings, and makes it.
  void (*describe)(const configuration::group& into, generator_settings& settings);
  std::unique_ptr<source> (*make)(const generator_settings& settings);
};

/// All generators, in the order of a list.
const std::vector<generator_description>& generators();

/// The generator called `name`. Throws `input_error` for an unknown name (with the near one, if any) and a value out of
/// range.
std::unique_ptr<source> make_generator(const std::string& name, const generator_settings& settings = {});

}  // namespace nestwalk::workload
