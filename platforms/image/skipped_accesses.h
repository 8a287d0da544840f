// The accesses of a run over an image that came to nothing, by what stood in their way.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::platforms {

/// What stood in the way of an access.
enum class obstacle : std::uint8_t {
  guest_not_mapped,   ///< #PF: no entry
  guest_forbidden,    ///< #PF: rights, or a protection key
  guest_malformed,    ///< #PF: a reserved bit
  not_canonical,      ///< #GP
  nested_not_mapped,  ///< EPT violation or nested page fault: no entry
  nested_forbidden,   ///< likewise: rights
  nested_malformed,   ///< EPT misconfiguration, or a reserved bit in a nested entry
  no_table,           ///< the image lacks a table's entry
  no_data,            ///< the image lacks the bytes themselves
};
inline constexpr unsigned obstacles = 9;

/// Counts them, and keeps the first of each kind and how many pages they concern.
class skipped_accesses {
 public:
  /// An access to `at` that ended in `fault`; kind none where its bytes are missing, at `place`.
  void add(const paging::fault& fault, paging::gva at, paging::hpa place);
  void forget();

  std::uint64_t total() const;
  void describe(statistics::group& into);
  /// A list: why, accesses, pages of 4K, and the first one's addresses.
  nlohmann::ordered_json as_json() const;

  static obstacle obstacle_of(const paging::fault& fault);

 private:
  struct kind {
    statistics::counter accesses = 0;
    std::unordered_set<std::uint64_t> pages;  // counted, never listed
    paging::gva first;
    paging::fault fault;
    paging::hpa place;
  };
  std::array<kind, obstacles> kinds_;
};

/// The list of `as_json` in sentences for people; empty where nothing was skipped.
std::string skipped_text(const nlohmann::ordered_json& skipped);

}  // namespace nestwalk::platforms
