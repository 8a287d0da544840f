// How --help looks.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace nestwalk::platforms {

/// CLI11's help in lines that a terminal shows; CLI11 itself does not break them. Footers are taken as they are.
class help_formatter final : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_description(const CLI::App* command) const override;
};

}  // namespace nestwalk::platforms
