// Any bytes as a trace: lackey, ChampSim, gz, xz and zst. Operations make sense, or one message ends the reading.
#include <array>
#include <memory>

#include "fuzz_target.h"
#include "memory_file.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/open_trace.h"

namespace {

constexpr std::size_t most_operations = 200000;  // a few bytes may unpack to very many
constexpr std::uint64_t largest = 64;

void read_all(nestwalk::workload::source& from, std::size_t batch) {
  std::array<nestwalk::workload::operation, 64> some;
  std::size_t seen = 0;
  while (const std::size_t count = from.next(some.data(), batch)) {
    if (count > batch) nestwalk::test::finding("more operations than asked for");
    for (std::size_t i = 0; i < count; ++i)
      if (some[i].size == 0 || some[i].size > largest) nestwalk::test::finding("an access of 0 or more than 64 bytes");
    if ((seen += count) > most_operations) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t batch = 1 + data[0] % 64;
  nestwalk::workload::trace_options options;
  options.pass_over_text = (data[0] & 0x80) != 0;
  const nestwalk::test::memory_file file(data + 1, size - 1);
  try {
    read_all(*nestwalk::workload::open_trace_fd(file.duplicate(), "input", options), batch);
  } catch (const nestwalk::input_error&) {
  }
  return 0;
}
