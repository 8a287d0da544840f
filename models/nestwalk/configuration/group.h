// A place in the tree of keys, into which a room describes the keys of its configuration struct.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "nestwalk/configuration/description.h"

namespace nestwalk::configuration {

/// A room's `describe(group, its_config&)` adds a key for each member that users may set: its name, its unit, its
/// range, one sentence and the member. Whoever composes rooms chooses where the keys stand:
/// `describe(root.child("core"), c)` makes "core.cycle" and the rest, and a second struct of the same type goes under
/// another name.
///
/// Each function takes one member, or several that always hold the same value. A name that stands twice in a group is a
/// mistake of the program and throws std::logic_error.
class group {
 public:
  /// The root of `into`.
  explicit group(description& into) : into_(&into) {}

  /// The group of that name below this one.
  group child(const std::string& name) const;
  /// This group, for keys that not every holder of the struct reads: `reader` is a word for those that do, which the
  /// room's header explains. A second word narrows the first.
  group only_for(const std::string& reader) const;

  template <class... Members>
  void truth(const std::string& name, std::string about, Members&... held) const {
    add_members<bool>(name, "", truths{}, std::move(about), held...);
  }
  template <class... Members>
  void whole(const std::string& name, std::string unit, whole_numbers range, std::string about,
             Members&... held) const {
    add_members<std::uint64_t>(name, std::move(unit), range, std::move(about), held...);
  }
  template <class... Members>
  void number(const std::string& name, std::string unit, numbers range, std::string about, Members&... held) const {
    add_members<double>(name, std::move(unit), range, std::move(about), held...);
  }
  /// One of several names, each with its meaning.
  template <class Choice>
  void choice(const std::string& name, const std::vector<std::pair<std::string, Choice>>& choices, std::string about,
              Choice& held) const {
    names known;
    for (const auto& [each, meaning] : choices) known.names.push_back(each);
    add(
        name, "", std::move(known), std::move(about),
        [choices, &held]() -> value {
          for (const auto& [each, meaning] : choices)
            if (meaning == held) return each;
          return std::string();
        },
        [choices, &held](const value& v) {
          for (const auto& [each, meaning] : choices)
            if (each == std::get<std::string>(v)) held = meaning;
        });
  }
  /// One or more of several names; the member holds a bit for each, in their order.
  void set(const std::string& name, const std::vector<std::string>& names, std::string about, unsigned& held) const;
  /// A value that is held in a form of its own, such as a time.
  void add(const std::string& name, std::string unit, domain allowed, std::string about, std::function<value()> get,
           std::function<void(const value&)> set) const;

  /// A rule that the values of this group must keep together.
  void rule(description::rule broken) const;

 private:
  template <class Held, class... Members>
  void add_members(const std::string& name, std::string unit, domain allowed, std::string about,
                   Members&... held) const {
    add(
        name, std::move(unit), std::move(allowed), std::move(about),
        [&held...]() -> value { return static_cast<Held>(std::get<0>(std::tie(held...))); },
        [&held...](const value& v) { ((held = static_cast<Members>(std::get<Held>(v))), ...); });
  }

  description* into_;
  std::string path_;
  std::vector<std::string> readers_;
};

}  // namespace nestwalk::configuration
