#include "nestwalk/configuration/group.h"

namespace nestwalk::configuration {
namespace {

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

}  // namespace

group group::child(const std::string& name) const {
  group below = *this;
  below.path_ = joined(path_, name);
  return below;
}

group group::only_for(const std::string& reader) const {
  group same = *this;
  same.readers_.push_back(reader);
  return same;
}

void group::set(const std::string& name, const std::vector<std::string>& names, std::string about,
                unsigned& held) const {
  add(
      name, "", name_sets{names}, std::move(about), [names, &held]() -> value { return set_written(names, held); },
      [names, &held](const value& v) { held = static_cast<unsigned>(set_named(names, std::get<std::string>(v))); });
}

void group::add(const std::string& name, std::string unit, domain allowed, std::string about,
                std::function<value()> get, std::function<void(const value&)> set) const {
  into_->add({joined(path_, name), std::move(unit), std::move(about), std::move(allowed), readers_, std::move(get),
              std::move(set)});
}

void group::rule(description::rule broken) const {
  into_->rules_.emplace_back(path_, std::move(broken));
}

}  // namespace nestwalk::configuration
