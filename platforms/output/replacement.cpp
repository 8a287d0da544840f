#include "platforms/output/replacement.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/output/named_file.h"

namespace nestwalk::platforms {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw input_error(
      fmt::format("{}: cannot write this file: {}; give a path in a folder that exists and is writable", path, why));
}

}  // namespace

replacement::replacement(const std::string& path) : path_(path), target_(link_target(path)) {
  if (named_descriptor(path)) refuse(path, "it is a descriptor of this process, and a file by name is needed");
  struct stat about = {};
  const bool there = stat(target_.c_str(), &about) == 0;
  if (!there && errno != ENOENT) refuse(path_, std::strerror(errno));
  if (there && S_ISDIR(about.st_mode)) refuse(path_, std::strerror(EISDIR));
  if (there && !S_ISREG(about.st_mode)) refuse(path_, "it is a device or a pipe, and a regular file is needed");
  if (there && access(target_.c_str(), W_OK) != 0) refuse(path_, std::strerror(errno));
  if (!target_.has_filename()) refuse(path_, std::strerror(ENOENT));
  make_aside();
  keep_mode();  // before there is anything in it that others should not read
}

replacement::~replacement() {
  if (!aside_.empty()) unlink(aside_.c_str());
}

void replacement::make_aside() {
  const fs::path folder = target_.parent_path();
  for (unsigned i = 0;; ++i) {
    const std::string name = fmt::format(".{}.{}.{}", target_.filename().string().substr(0, 200), getpid(), i);
    const std::string aside = (folder / name).string();
    const int made = open(aside.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (made < 0 && errno == EEXIST) continue;
    if (made < 0) refuse(path_, std::strerror(errno));
    close(made);
    aside_ = aside;
    return;
  }
}

void replacement::keep_mode() const {
  struct stat before = {};
  struct stat now = {};
  if (stat(target_.c_str(), &before) != 0 || stat(aside_.c_str(), &now) != 0) return;
  const bool others = before.st_uid != now.st_uid || before.st_gid != now.st_gid;
  const bool ours = others && chown(aside_.c_str(), before.st_uid, before.st_gid) != 0;  // not ours to give away
  chmod(aside_.c_str(), before.st_mode & (ours ? 0777 : 07777));
}

void replacement::commit() {
  keep_mode();  // a writer may have made the file anew
  const std::string aside = std::exchange(aside_, "");
  if (rename(aside.c_str(), target_.c_str()) != 0)
    throw input_error(fmt::format("{}: this file cannot be replaced: {}; what was to be in it is in {}", path_,
                                  std::strerror(errno), aside));
}

}  // namespace nestwalk::platforms
