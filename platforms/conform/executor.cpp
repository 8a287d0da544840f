#include "platforms/conform/executor.h"

#include <algorithm>

#include <fmt/format.h>

namespace nestwalk::platforms {

namespace {

std::uint64_t qword(const vector_memory& memory, std::uint64_t address) {
  const auto found = memory.find(address);
  return found == memory.end() ? 0 : found->second;
}

}  // namespace

std::string complaint(const conformance_vector& v, const vector_run& run) {
  if (std::find(v.expected.begin(), v.expected.end(), run.result) == v.expected.end())
    return fmt::format("expected {}; got {}", to_string(v.expected.front()), to_string(run.result));
  std::set<std::uint64_t> addresses;
  for (const auto* memory : {&v.before, &v.after, &run.after})
    for (const auto& entry : *memory) addresses.insert(entry.first);
  const bool faulted = run.result.kind != paging::fault_kind::none;
  for (const std::uint64_t address : addresses) {
    const std::uint64_t want = v.after.count(address) != 0 ? v.after.at(address) : qword(v.before, address);
    const std::uint64_t ignored = faulted && v.unspecified.count(address) != 0 ? v.flag_bits() : 0;
    const std::uint64_t got = qword(run.after, address);
    if (((want ^ got) & ~ignored) != 0)
      return fmt::format("memory at {:#x}: expected {:#x}, got {:#x}", address, want, got);
  }
  return {};
}

}  // namespace nestwalk::platforms
