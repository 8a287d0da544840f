// All keys of a configuration, in the order in which they are listed.
#pragma once

#include <string>
#include <vector>

#include "nestwalk/configuration/description.h"
#include "platforms/configuration/key.h"

namespace nestwalk::platforms {

struct configuration;

/// The keys that the rooms describe, each room's below the path at which it stands here. They read and write the values
/// of the configuration that the table is made of, which outlives it.
class key_table {
 public:
  explicit key_table(configuration& c);
  key_table(const key_table&) = delete;
  key_table& operator=(const key_table&) = delete;

  const std::vector<key>& keys() const& { return keys_; }
  const std::vector<key>& keys() const&& = delete;  // of a table that is gone
  /// The key of that path, or null.
  const key* find(const std::string& path) const;
  /// Whether keys stand below `path`: "mmu.l2_tlb".
  bool is_group(const std::string& path) const;
  /// The path that was probably meant, or empty.
  std::string nearest(const std::string& path) const;
  /// What is wrong with values that must go together within one room; empty where nothing is.
  std::string complaint() const { return described_.complaint(); }

 private:
  void take(const nestwalk::configuration::key& described);

  nestwalk::configuration::description described_;
  std::vector<key> keys_;
};

}  // namespace nestwalk::platforms
