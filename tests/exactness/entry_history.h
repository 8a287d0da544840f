// What every table entry has held, and when: the past that a cache may still remember.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace nestwalk::test {

/// Times are ordinals of operations. A value is held from the operation that stored it until the one that replaced it.
class entry_history {
 public:
  static constexpr std::uint64_t forever = ~std::uint64_t{0};

  struct held {
    std::uint64_t value = 0;
    std::uint64_t until = forever;  ///< `forever` for the present value
  };

  void clear() { entries_.clear(); }

  /// The value stored at `address` from now on; what it already holds is no event.
  void store(std::uint64_t address, std::uint64_t value, std::uint64_t now) {
    auto& values = entries_[address];
    if (values.empty()) values.push_back({0, forever});
    if (values.back().value == value) return;
    values.back().until = now;
    values.push_back({value, forever});
  }

  std::uint64_t now(std::uint64_t address) const {
    const auto found = entries_.find(address);
    return found == entries_.end() ? 0 : found->second.back().value;
  }

  /// Every value, oldest first.
  const std::vector<held>& all(std::uint64_t address) const {
    static const std::vector<held> untouched{held{}};
    const auto found = entries_.find(address);
    return found == entries_.end() ? untouched : found->second;
  }

  /// Forgets values that nothing may remember any more.
  void forget_before(std::uint64_t time) {
    for (auto& [address, values] : entries_) {
      auto keep = values.begin();
      while (keep->until <= time) ++keep;
      values.erase(values.begin(), keep);
    }
  }

  const std::map<std::uint64_t, std::vector<held>>& entries() const { return entries_; }

 private:
  std::map<std::uint64_t, std::vector<held>> entries_;
};

}  // namespace nestwalk::test
