#include "nestwalk/configuration/description.h"

#include <stdexcept>

namespace nestwalk::configuration {

std::string description::complaint() const {
  for (const auto& [path, broken] : rules_)
    if (std::string wrong = broken(path); !wrong.empty()) return wrong;
  return "";
}

void description::add(key k) {
  for (const key& known : keys_)
    if (known.path == k.path && known.read_by == k.read_by)
      throw std::logic_error("configuration: key " + k.path + " stands twice");
  keys_.push_back(std::move(k));
}

}  // namespace nestwalk::configuration
