// Who reads a key.
#pragma once

#include <string>

#include "platforms/mode.h"

namespace nestwalk::platforms {

/// Who reads a key: machines by their mode, generated workloads by their name. A set of them is a mask.
namespace reader {
inline constexpr unsigned native = 1u << 0;
inline constexpr unsigned shadow = 1u << 1;
inline constexpr unsigned nested = 1u << 2;
inline constexpr unsigned virtualised = shadow | nested;
inline constexpr unsigned every_machine = native | virtualised;  ///< with a core
inline constexpr unsigned device = 1u << 3;                      ///< of devices behind an iommu, with no core
inline constexpr unsigned any_machine = every_machine | device;
inline constexpr unsigned everyone = ~0u;

/// The machine of that mode.
constexpr unsigned machine(machine_mode mode) {
  return 1u << static_cast<unsigned>(mode);
}
/// The generator of that name.
unsigned generator(const std::string& name);
/// Those that a description calls so (see `configuration::group::only_for`): "vmm" is every machine with one, "nested"
/// and "shadow" those of that mode, "device" that of devices, "any" every machine, with a core or without; "gups" that
/// generator. Throws std::logic_error for another word.
unsigned named(const std::string& word);
}  // namespace reader

/// The readers of a mask in words, for messages: "machines of mode shadow or nested".
std::string described_readers(unsigned mask);

}  // namespace nestwalk::platforms
