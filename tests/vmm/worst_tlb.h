// A TLB and walk cache without end: what the hardware may still hold, it holds, until a flush takes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "fake_cpu.h"
#include "nestwalk/paging/access.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/rights.h"
#include "nestwalk/paging/walk.h"

namespace nestwalk::test {

class worst_tlb {
 public:
  using mapping = paging::mapping<paging::hpa>;
  using start = paging::walk_start<paging::gpa>;

  /// A mapping that lets the access through, if one was ever put in and not flushed.
  std::optional<paging::hpa> find(std::uint16_t tag, paging::gva at, paging::access a,
                                  const paging::rights_policy& policy) const {
    for (unsigned size : {12u, 21u, 30u}) {
      const auto found = mappings_.find({tag, size, at.base(size).value});
      if (found != mappings_.end() && policy.hit_permits(a, found->second.granted)) return found->second.translate(at);
    }
    return std::nullopt;
  }
  void put(std::uint16_t tag, paging::gva at, const mapping& m) {
    mappings_[{tag, m.size_log2(), at.base(m.size_log2()).value}] = m;
  }
  /// The lowest table that a walk may begin at.
  std::optional<start> find_table(std::uint16_t tag, paging::gva at) const {
    for (unsigned level = 1; level <= 4; ++level) {
      const auto found = tables_.find({tag, level, prefix(at, level)});
      if (found != tables_.end()) return found->second;
    }
    return std::nullopt;
  }
  void put_table(std::uint16_t tag, paging::gva at, const start& s) {
    tables_[{tag, s.level, prefix(at, s.level)}] = s;
  }

  void drop(std::uint16_t tag, paging::gva at) {
    for (unsigned size : {12u, 21u, 30u}) mappings_.erase({tag, size, at.base(size).value});
    for (unsigned level = 1; level <= 5; ++level) tables_.erase({tag, level, prefix(at, level)});
  }
  void take(const flush& f) {
    if (f.what == flush::kind::address) {
      drop(f.tag, f.address);
    } else if (f.what == flush::kind::second_stage) {
      mappings_.clear();
      tables_.clear();
    } else {
      drop_tag(mappings_, f.tag);
      drop_tag(tables_, f.tag);
    }
  }

 private:
  using key = std::tuple<std::uint16_t, unsigned, std::uint64_t>;
  static std::uint64_t prefix(paging::gva at, unsigned level) { return at.base(12 + 9 * level).value; }
  template <class Map>
  static void drop_tag(Map& map, std::uint16_t tag) {
    map.erase(map.lower_bound({tag, 0, 0}), map.lower_bound({static_cast<std::uint16_t>(tag + 1), 0, 0}));
  }

  std::map<key, mapping> mappings_;
  std::map<key, start> tables_;
};

}  // namespace nestwalk::test
