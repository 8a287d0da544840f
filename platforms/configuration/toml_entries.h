// What a configuration in TOML says, before anybody knows its keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nestwalk/configuration/value.h"

namespace nestwalk::platforms {

/// A table, or a name and what it is given.
struct toml_entry {
  std::string path;   ///< "mmu.l2_tlb.entries"
  std::string where;  ///< "server.toml:12"
  bool is_table = false;
  std::optional<nestwalk::configuration::value>
      value;  ///< nothing for a table, and for what no key takes: arrays, dates
};

/// The entries of `content`, a table before what stands in it. `name` is the file's, for messages. Throws
/// `input_error`, with file and line, for what is no TOML.
std::vector<toml_entry> toml_entries(const std::string& content, const std::string& name);

}  // namespace nestwalk::platforms
