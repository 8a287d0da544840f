// One key of the configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platforms/configuration/value.h"
#include "platforms/mode.h"

namespace nestwalk::platforms {

struct configuration;

/// Who reads a key: machines by their mode, generated workloads by their name. A set of them is a mask.
namespace reader {
inline constexpr unsigned native = 1u << 0;
inline constexpr unsigned shadow = 1u << 1;
inline constexpr unsigned nested = 1u << 2;
inline constexpr unsigned virtualised = shadow | nested;
inline constexpr unsigned every_machine = native | virtualised;
inline constexpr unsigned everyone = ~0u;

/// The machine of that mode.
constexpr unsigned machine(machine_mode mode) {
  return 1u << static_cast<unsigned>(mode);
}
/// The generator of that name.
unsigned generator(const std::string& name);
/// The generators that have the setting of that name.
unsigned generators_with(const std::string& setting);
}  // namespace reader

/// The readers of a mask in words, for messages: "a machine of mode shadow or nested".
std::string described_readers(unsigned mask);

/// A key: its path, what it means, what it takes, and where its value stands.
struct key {
  std::string path;   ///< "mmu.l2_tlb.entries"
  std::string unit;   ///< "entries", "bytes", "cycles", "ns"; empty for truths and names
  std::string about;  ///< one line
  domain allowed;
  unsigned read_by = reader::every_machine;
  std::function<value(const configuration&)> get;
  std::function<void(configuration&, const value&)> set;  ///< of an admitted value
};

}  // namespace nestwalk::platforms
