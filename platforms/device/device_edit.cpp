#include "platforms/device/device_edit.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/device/device_words.h"

namespace nestwalk::platforms {
namespace {

namespace vtd = paging::vtd;

std::string plain(std::string_view text) {
  std::string lower;
  for (const char c : text)
    lower += c == '-' || c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

unsigned bit_named(const std::string& text, std::string_view name) {
  const std::string known = plain(name);
  if (known == "p") return 0;
  if (known == "fpd") return 1;
  constexpr unsigned bits = 512;
  unsigned number = bits;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size() || number >= bits)
    throw input_error(
        fmt::format("--entry \"{}\": \"{}\" is no flag of a device-table entry; take P, FPD, or a bit's "
                    "number, 0 to 511",
                    text, name));
  return number;
}

}  // namespace

std::optional<device_edit> parsed_device_edit(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string named = plain(std::string_view(text).substr(0, equals));
  constexpr std::array kinds = {vtd::entry_kind::root, vtd::entry_kind::context, vtd::entry_kind::pasid_directory,
                                vtd::entry_kind::pasid_table};
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](auto kind) { return plain(name_of(kind)) == named; });
  if (found == kinds.end()) return std::nullopt;
  constexpr const char* signs = "+-";
  const std::string_view flags = equals == std::string::npos ? "" : std::string_view(text).substr(equals + 1);
  if (flags.empty() || flags.find_first_of(signs) != 0)
    throw input_error(
        fmt::format("--entry \"{}\": behind '=' stands what is set (+) and cleared (-), as -P or +FPD", text));
  device_edit edit;
  edit.text = text;
  edit.entry = name_of(*found);
  for (std::size_t at = 0; at < flags.size();) {
    const std::size_t end = std::min(flags.find_first_of(signs, at + 1), flags.size());
    (flags[at] == '+' ? edit.set : edit.clear).push_back(bit_named(text, flags.substr(at + 1, end - at - 1)));
    at = end;
  }
  return edit;
}

}  // namespace nestwalk::platforms
