// The keys of configuration structs, in the order in which they were described.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nestwalk/configuration/key.h"

namespace nestwalk::configuration {

/// What `group` writes into: keys, and rules that several values must keep together. It refers to the structs that it
/// describes, which outlive it and stay where they are.
class description {
 public:
  /// Tells what is wrong with the values that stand now, given the path of its group; nothing where they are good.
  using rule = std::function<std::string(const std::string& path)>;

  description() = default;
  description(const description&) = delete;
  description& operator=(const description&) = delete;

  const std::vector<key>& keys() const { return keys_; }
  /// What the first broken rule says; empty where all are kept.
  std::string complaint() const;

 private:
  friend class group;
  void add(key k);

  std::vector<key> keys_;
  std::vector<std::pair<std::string, rule>> rules_;  // each with the path of its group
};

}  // namespace nestwalk::configuration
