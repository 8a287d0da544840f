// A time as a key of the configuration.
#pragma once

#include <string>
#include <utility>

#include <systemc>

#include "nestwalk/configuration/group.h"

namespace nestwalk::timing {

/// Adds a key for `held`, in nanoseconds.
inline void describe_time(const configuration::group& into, const std::string& name, configuration::numbers range,
                          std::string about, sc_core::sc_time& held) {
  into.add(
      name, "ns", range, std::move(about),
      [&held]() -> configuration::value {
        return static_cast<double>(held.value()) / static_cast<double>(sc_core::sc_time(1, sc_core::SC_NS).value());
      },
      [&held](const configuration::value& v) { held = sc_core::sc_time(std::get<double>(v), sc_core::SC_NS); });
}

}  // namespace nestwalk::timing
