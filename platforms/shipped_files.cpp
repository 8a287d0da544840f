#include "platforms/shipped_files.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/configuration/nearest.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {
namespace {

namespace fs = std::filesystem;
constexpr const char* default_trace_name = "join";

// Where shipped files may lie: beside an installed program, above one in its build folder, or in the sources.
std::vector<fs::path> homes() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  return {program.parent_path() / "share" / "nestwalk", program.parent_path().parent_path().parent_path(),
          fs::path(NESTWALK_SOURCE_DIR)};
}

std::vector<fs::path> files_in(const char* folder) {
  std::vector<fs::path> files;
  for (const fs::path& home : homes()) {
    std::error_code problem;
    for (const fs::directory_entry& each : fs::directory_iterator(home / folder, problem))
      if (each.is_regular_file()) files.push_back(each.path());
    if (!files.empty()) break;
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string configuration_file(const std::string& given) {
  std::error_code unknown;
  const bool folder = fs::is_directory(given, unknown);
  if (!folder && fs::exists(given)) return given;
  std::vector<std::string> names;
  for (const fs::path& each : files_in("platforms")) {
    if (each.extension() != ".toml") continue;
    if (each.stem() == given) return each.string();
    names.push_back(each.stem().string());
  }
  const std::string near = nestwalk::configuration::nearest_name(given, names);
  throw input_error(
      fmt::format("{}: {}, and no configuration of that name ships{}; these ship: {}", given,
                  folder ? "this is a folder, no configuration file" : "there is no such configuration file",
                  near.empty() ? "" : "; did you mean " + near + "?", fmt::join(names, ", ")));
}

std::string default_trace() {
  for (const fs::path& each : files_in("traces"))
    if (each.filename().string().rfind(default_trace_name, 0) == 0) return each.string();
  throw input_error("the trace that ships is not found: name one by --trace, or a workload by --workload");
}

}  // namespace nestwalk::platforms
