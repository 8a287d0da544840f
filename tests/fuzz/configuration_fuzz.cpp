// Any bytes as a configuration: a TOML file and, after a zero byte, a --set a line. It is taken or refused by a
// message.
#include <sstream>
#include <string>

#include "fuzz_target.h"
#include "memory_file.h"
#include "nestwalk/protocol/error.h"
#include "platforms/configuration/assignments.h"
#include "platforms/configuration/configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  const nestwalk::test::memory_file file(data, end);
  try {
    nestwalk::platforms::assignments given;
    given.read_file(file.path());
    std::istringstream options(end < size ? input.substr(end + 1) : std::string());
    for (std::string line; std::getline(options, line);) given.read_option(line);
    nestwalk::platforms::configuration c;
    given.apply(c, nestwalk::platforms::reader::every_machine);
    nestwalk::platforms::check(c, nestwalk::platforms::reader::every_machine);
  } catch (const nestwalk::input_error&) {
  }
  return 0;
}
