#include "platforms/commands/help_formatter.h"

#include <utility>

#include "platforms/report/wrapped.h"

namespace nestwalk::platforms {
namespace {

// What is described in a column of its own, beside what it is called or below that.
std::string entry(const std::string& called, const std::string& description) {
  constexpr std::size_t column = 26;
  const std::string indent(column, ' ');
  std::string first = "  " + called;
  if (description.empty()) return first + '\n';
  std::string above;
  if (first.size() + 1 > column) above = std::exchange(first, "") + '\n';
  first.resize(column, ' ');
  return above + wrapped(description, first, indent);
}

}  // namespace

std::string help_formatter::make_option(const CLI::Option* option, bool is_positional) const {
  return entry(make_option_name(option, is_positional) + make_option_opts(option), make_option_desc(option));
}

std::string help_formatter::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description());
}

std::string help_formatter::make_description(const CLI::App* command) const {
  return wrapped(command->get_description(), "", "");
}

}  // namespace nestwalk::platforms
