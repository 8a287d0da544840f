#include "nestwalk/statistics/group.h"

#include <stdexcept>

namespace nestwalk::statistics {
namespace {

void require_name(std::string_view name) {
  if (name.empty() || name.find('.') != std::string_view::npos)
    throw std::logic_error("statistics: \"" + std::string(name) + "\" is no name: it is empty or holds a dot");
}

[[noreturn]] void already_there(std::string_view name) {
  throw std::logic_error("statistics: \"" + std::string(name) + "\" is already in this group");
}

}  // namespace

group& group::child(std::string_view name) {
  for (group& known : children_)
    if (known.name_ == name) return known;
  require_name(name);
  if (leaf_named(name) != nullptr) already_there(name);
  group& made = children_.emplace_back();
  made.name_ = name;
  return made;
}

void group::add(std::string_view name, std::string_view unit, std::string_view about, counter& count) {
  add_leaf(name, unit, about, &count);
}

void group::add(std::string_view name, std::string_view unit, std::string_view about, histogram& values) {
  add_leaf(name, unit, about, &values);
}

void group::add(std::string_view name, std::string_view unit, std::string_view about, leaf::computed compute) {
  add_leaf(name, unit, about, std::move(compute));
}

void group::add(std::string_view name, std::string_view unit, std::string_view about, sum all) {
  add_leaf(name, unit, about, std::move(all));
}

void group::add_state(std::string_view name, std::string_view unit, std::string_view about, leaf::state now) {
  add_leaf(name, unit, about, std::move(now));
}

void group::add_leaf(std::string_view name, std::string_view unit, std::string_view about, leaf::source from) {
  require_name(name);
  if (leaf_named(name) != nullptr || child_named(name) != nullptr) already_there(name);
  leaves_.emplace_back(std::string(name), std::string(unit), std::string(about), std::move(from));
}

void group::reset() {
  for (leaf& each : leaves_) each.reset();
  for (group& each : children_) each.reset();
}

const leaf* group::find(std::string_view path) const {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return leaf_named(path);
  const group* next = child_named(path.substr(0, dot));
  return next == nullptr ? nullptr : next->find(path.substr(dot + 1));
}

double group::value(std::string_view path) const {
  const leaf* found = find(path);
  if (found == nullptr) throw std::logic_error("statistics: there is no " + std::string(path));
  return found->value();
}

void group::not_built(std::string_view name) {
  require_name(name);
  if (leaf_named(name) != nullptr || child_named(name) != nullptr) already_there(name);
  not_built_.emplace_back(name);
}

std::vector<std::string> group::parts_not_built() const {
  std::vector<std::string> paths = not_built_;
  for (const group& each : children_)
    for (const std::string& below : each.parts_not_built()) paths.push_back(each.name_ + "." + below);
  return paths;
}

void group::visit(const std::function<void(const std::string& path, const leaf&)>& see) const {
  visit_below("", see);
}

void group::visit_below(const std::string& prefix,
                        const std::function<void(const std::string& path, const leaf&)>& see) const {
  for (const leaf& each : leaves_) see(prefix + each.name(), each);
  for (const group& each : children_) each.visit_below(prefix + each.name_ + ".", see);
}

const leaf* group::leaf_named(std::string_view name) const {
  for (const leaf& each : leaves_)
    if (each.name() == name) return &each;
  return nullptr;
}

const group* group::child_named(std::string_view name) const {
  for (const group& each : children_)
    if (each.name_ == name) return &each;
  return nullptr;
}

}  // namespace nestwalk::statistics
