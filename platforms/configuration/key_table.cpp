#include "platforms/configuration/key_table.h"

#include <stdexcept>

#include "platforms/configuration/rooms.h"
#include "protocol/nearest.h"

namespace nestwalk::platforms {

const key_table& key_table::all() {
  static const key_table table = [] {
    key_table t;
    add_core_keys(t);
    add_mmu_keys(t);
    add_memory_keys(t);
    add_guest_keys(t);
    add_vmm_keys(t);
    add_workload_keys(t);
    add_checks_keys(t);
    return t;
  }();
  return table;
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
  return protocol::nearest_name(path, paths);
}

void key_table::add(key k) {
  if (find(k.path) != nullptr) throw std::logic_error("configuration key " + k.path + " stands twice");
  keys_.push_back(std::move(k));
}

}  // namespace nestwalk::platforms
