#include "platforms/configuration/key_table.h"

#include "nestwalk/configuration/group.h"
#include "nestwalk/configuration/nearest.h"
#include "platforms/configuration/configuration.h"

namespace nestwalk::platforms {

key_table::key_table(configuration& c) {
  describe(nestwalk::configuration::group(described_), c);
  for (const nestwalk::configuration::key& each : described_.keys()) take(each);
}

const key* key_table::find(const std::string& path) const {
  for (const key& k : keys_)
    if (k.path == path) return &k;
  return nullptr;
}

bool key_table::is_group(const std::string& path) const {
  const std::string prefix = path + ".";
  for (const key& k : keys_)
    if (k.path.compare(0, prefix.size(), prefix) == 0) return true;
  return false;
}

std::string key_table::nearest(const std::string& path) const {
  std::vector<std::string> paths;
  for (const key& k : keys_) paths.push_back(k.path);
  return nestwalk::configuration::nearest_name(path, paths);
}

void key_table::take(const nestwalk::configuration::key& described) {
  unsigned readers = described.read_by.empty() ? reader::every_machine : reader::everyone;
  for (const std::string& each : described.read_by) readers &= reader::named(each);
  for (key& known : keys_) {
    if (known.path != described.path) continue;
    known.read_by |= readers;
    known.places_.push_back({readers, &described});
    return;
  }
  key& made = keys_.emplace_back();
  made.path = described.path;
  made.unit = described.unit;
  made.about = described.about;
  made.allowed = described.allowed;
  made.read_by = readers;
  made.places_.push_back({readers, &described});
}

}  // namespace nestwalk::platforms
