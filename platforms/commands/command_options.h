// What the command line said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nestwalk::platforms {

/// The options of all commands; a command looks at its own.
struct command_options {
  std::string configuration;          ///< a TOML file, or the name of one that ships; empty: the defaults
  std::string mode = "nested";        ///< of `run` and `explain`
  std::string trace;                  ///< a file, or "-"
  std::string workload;               ///< a generator's name
  std::vector<std::string> settings;  ///< "key=value"
  std::uint64_t warmup = 0;           ///< accesses before the statistics begin
  std::uint64_t limit = 0;            ///< accesses after which the run ends; 0: none
  std::string stats;                  ///< where the JSON goes; empty: nowhere
  std::string walk_log;               ///< where the walks go; empty: nowhere
  bool check = false;
  bool quiet = false;
  bool describe = false;
  std::string address;  ///< of `explain`
  bool warm = false;
  bool unmapped = false;
  std::vector<std::string> files;   ///< of `conform`
  std::string walker = "modelled";  ///< of `conform`: or "rtl"
  // Of `cosim`; `contexts` of `cost` too.
  std::optional<std::uint64_t> seeds;
  std::uint64_t walks = 10'000;
  std::optional<std::uint64_t> seed;
  std::vector<unsigned> contexts;
  std::string model;
  std::string waves;
  std::string junit;
  bool missed = false;
};

}  // namespace nestwalk::platforms
