// What the user sets: keys and values from files and from the command line, each with where it stands.
#pragma once

#include <string>
#include <vector>

#include "platforms/configuration/configuration.h"
#include "platforms/configuration/key_table.h"

namespace nestwalk::platforms {

/// The settings of one command, in the order in which they hold: a later one of the same key wins.
class assignments {
 public:
  /// Takes the keys of a TOML file. Throws `input_error`, with file and line, for what is no TOML, an unknown key (and
  /// the near one), or a value that the key does not take (and what it takes).
  void read_file(const std::string& path);
  /// Takes "key=value" of the command line. Throws `input_error` likewise.
  void read_option(const std::string& text);

  /// Writes everything into `into`. Throws `input_error` for a key that none of `readers` reads.
  void apply(configuration& into, unsigned readers) const;

 private:
  struct assignment {
    std::string path;
    value to;
    std::string where;  ///< "server.toml:12" or "--set"
  };

  void take(const std::string& path, value given, const std::string& where);
  const key& known_key(const std::string& path, const std::string& where) const;

  configuration sample_;  // what keys there are, and what they take, does not depend on the values
  key_table keys_{sample_};
  std::vector<assignment> list_;
};

}  // namespace nestwalk::platforms
