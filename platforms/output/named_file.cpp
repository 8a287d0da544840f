#include "platforms/output/named_file.h"

#include <charconv>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40;  // as the kernel follows

// What the kernel knows of a file; nothing where there is none. "-" is standard input.
std::optional<struct stat> about(const std::string& path) {
  struct stat found = {};
  const int result = path == "-" ? fstat(STDIN_FILENO, &found) : stat(path.c_str(), &found);
  return result == 0 ? std::optional(found) : std::nullopt;
}

// Whether what is written to the one can be lost by the other: devices take from all, and pipes at least from several.
bool may_be_shared(const struct stat& file, bool by_outputs) {
  return !S_ISREG(file.st_mode) && (by_outputs || !S_ISFIFO(file.st_mode));
}

bool collide(const std::string& one, const std::string& other, bool both_outputs) {
  if (!is_one_file(one, other)) return false;
  const std::optional<struct stat> found = about(one);
  return !found || !may_be_shared(*found, both_outputs);
}

// Where standard output or error goes to a file by redirection, and not because an option says so.
void check_redirection(const named_file& output, int descriptor, const char* name) {
  struct stat to = {};
  const std::optional<struct stat> found = about(output.path);
  if (!found || named_descriptor(output.path) || fstat(descriptor, &to) != 0 || !S_ISREG(to.st_mode)) return;
  if (found->st_dev != to.st_dev || found->st_ino != to.st_ino) return;
  throw input_error(fmt::format("{}: {} would replace this file, which {} goes to; give it one of its own", output.path,
                                output.option, name));
}

}  // namespace

fs::path link_target(const fs::path& path) {
  std::error_code problem;
  fs::path at = path;
  for (int i = 0; i < most_links && fs::is_symlink(fs::symlink_status(at, problem)); ++i) {
    const fs::path to = fs::read_symlink(at, problem);
    if (problem) return path;
    at = at.parent_path() / to;
  }
  return at;
}

std::optional<int> named_descriptor(const fs::path& path) {
  std::error_code problem;
  fs::path at = path;
  for (int i = 0; i < most_links; ++i) {
    const fs::path folder = fs::canonical(fs::absolute(at).parent_path(), problem);
    if (problem) return std::nullopt;
    if (folder == fmt::format("/proc/{}/fd", getpid())) {
      const std::string name = at.filename();
      int number = -1;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
      return number;
    }
    if (!fs::is_symlink(fs::symlink_status(at, problem))) return std::nullopt;
    at = folder / fs::read_symlink(at, problem);
  }
  return std::nullopt;
}

bool is_special(const std::string& path) {
  const std::optional<struct stat> found = about(path);
  return named_descriptor(path) || (found && !S_ISREG(found->st_mode) && !S_ISDIR(found->st_mode));
}

bool is_one_file(const std::string& one, const std::string& other) {
  const std::optional<struct stat> a = about(one);
  const std::optional<struct stat> b = about(other);
  if (a && b) return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
  if (a || b) return false;
  std::error_code problem;
  const fs::path first = fs::weakly_canonical(fs::absolute(link_target(one)), problem);
  return !problem && first == fs::weakly_canonical(fs::absolute(link_target(other)), problem);
}

void check_apart(const std::vector<named_file>& outputs, const std::vector<named_file>& inputs) {
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    for (const named_file& input : inputs)
      if (collide(output->path, input.path, false))
        throw input_error(fmt::format("{}: {} would replace this file, which {} reads; give it one of its own",
                                      output->path, output->option, input.option));
    for (auto other = outputs.begin(); other != output; ++other)
      if (collide(output->path, other->path, true))
        throw input_error(fmt::format("{}: {} and {} would both write this file; give each its own", other->path,
                                      other->option, output->option));
    check_redirection(*output, STDOUT_FILENO, "standard output");
    check_redirection(*output, STDERR_FILENO, "standard error");
  }
}

}  // namespace nestwalk::platforms
