#include "platforms/commands/asked_address.h"

#include <fmt/format.h>

#include "nestwalk/configuration/value.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

std::uint64_t parsed_address(const std::string& text) {
  const nestwalk::configuration::value v = parsed(nestwalk::configuration::whole_numbers{}, text, "");
  if (const std::uint64_t* const number = std::get_if<std::uint64_t>(&v)) return *number;
  throw input_error(fmt::format("{}: this is no address; write one as 0x7f0012345678", text));
}

}  // namespace nestwalk::platforms
