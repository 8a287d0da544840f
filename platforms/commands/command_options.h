// What the command line said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platforms/image/image_choice.h"

namespace nestwalk::platforms {

/// The options of all commands; a command looks at its own.
struct command_options {
  std::string configuration;          ///< a TOML file, or the name of one that ships; empty: the defaults
  std::string mode = "nested";        ///< of `run` and `explain`
  std::string trace;                  ///< a file, or "-"
  std::uint64_t repeat = 1;           ///< times that the trace is performed
  std::string trace_format;           ///< its name; empty: told by content
  std::string workload;               ///< a generator's name
  std::vector<std::string> settings;  ///< "key=value"
  std::uint64_t warmup = 0;           ///< accesses before the statistics begin
  std::uint64_t limit = 0;            ///< accesses after which the run ends; 0: none
  std::string stats;                  ///< where the JSON goes; empty: nowhere
  std::string walk_log;               ///< where the walks go; empty: nowhere
  std::uint64_t interval = 0;         ///< of `intervals`, in accesses
  std::string intervals;              ///< where the counters of each interval go; empty: nowhere
  bool check = false;
  bool quiet = false;
  bool describe = false;
  bool toml = false;    ///< of --describe: print a configuration file
  std::string address;  ///< of `explain`
  bool warm = false;
  bool unmapped = false;
  // Of `explain`: a load by a program, where not said otherwise.
  bool write = false;
  bool fetch = false;
  bool supervisor = false;
  bool user = false;                 ///< with an image, where the half of the address decides else
  std::vector<std::string> entries;  ///< "PTE=-RW"
  std::string device;                ///< of `explain`: a requester id; empty: a core asks
  std::optional<std::uint64_t> pasid;
  image_choice image;               ///< of `explain`, `map` and `run`
  bool end_on_fault = false;        ///< of `run` with an image
  bool json = false;                ///< of `map`
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
