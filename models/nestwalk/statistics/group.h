// The tree of statistics: groups of named leaves, found by path and visited in the order in which they were added.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nestwalk/statistics/leaf.h"

namespace nestwalk::statistics {

/// A node of the tree. A path joins the names from below the root with dots: "mmu.l2_tlb.misses". Names hold no dot,
/// are not empty, and stand once in a group: anything else is a mistake of the program and throws std::logic_error.
class group {
 public:
  group() = default;
  group(const group&) = delete;
  group& operator=(const group&) = delete;

  /// The group of that name below this one, made at its first mention. It stays where it is.
  group& child(std::string_view name);

  /// Adds a statistic: its name, its unit, one sentence on what it tells, and where it is counted.
  void add(std::string_view name, std::string_view unit, std::string_view about, counter& count);
  void add(std::string_view name, std::string_view unit, std::string_view about, histogram& values);
  void add(std::string_view name, std::string_view unit, std::string_view about, sum all);
  /// Adds a value that is worked out whenever it is read, such as a ratio, from statistics that are registered too: so
  /// that it forgets with them at a reset.
  void add(std::string_view name, std::string_view unit, std::string_view about, leaf::computed compute);
  /// Adds a whole number that says what there is now, and that no reset changes.
  void add_state(std::string_view name, std::string_view unit, std::string_view about, leaf::state now);

  /// Describes a part in the group of that name, or says that it is not built where the pointer is null. So a report
  /// can tell a part that this machine has not got from a statistic that no machine has.
  template <class Part>
  void describe(std::string_view name, const std::unique_ptr<Part>& part) {
    if (part != nullptr)
      part->describe(child(name));
    else
      not_built(name);
  }
  void not_built(std::string_view name);
  /// The paths of the parts that are not built, in the order in which they were named.
  std::vector<std::string> parts_not_built() const;

  /// Sets all that is counted in this group and below to zero.
  void reset();

  /// The statistic at `path` below this group, or null where there is none (a part of size 0 is not built).
  const leaf* find(std::string_view path) const;
  /// The value of the statistic at `path`. Throws std::logic_error where there is none.
  double value(std::string_view path) const;

  /// Calls `see` with the path and the leaf of every statistic: a group's own in the order of adding, then its
  /// children's.
  void visit(const std::function<void(const std::string& path, const leaf&)>& see) const;

 private:
  void add_leaf(std::string_view name, std::string_view unit, std::string_view about, leaf::source from);
  void visit_below(const std::string& prefix,
                   const std::function<void(const std::string& path, const leaf&)>& see) const;
  const leaf* leaf_named(std::string_view name) const;
  const group* child_named(std::string_view name) const;

  std::string name_;
  std::list<leaf> leaves_;
  std::list<group> children_;  // a list: references to children stay good
  std::vector<std::string> not_built_;
};

}  // namespace nestwalk::statistics
