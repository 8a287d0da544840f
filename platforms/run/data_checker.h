// Follows what the program stores, and verifies what it loads.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "nestwalk/cpu/retirement_observer.h"

namespace nestwalk::platforms {

/// Keeps, for each process, what its pages must hold: zero until stored to, copied by fork, gone by unmap and exit. The
/// copies are made at the first store to a page that two processes share.
class data_checker final : public cpu::retirement_observer {
 public:
  void loaded(const cpu::retired_access& access) override;
  void stored(const cpu::retired_access& access) override;
  void called(std::uint32_t caller, const workload::operation& call) override;

  /// Loads verified and found wrong.
  std::uint64_t loads() const { return loads_; }
  std::uint64_t mismatches() const { return mismatches_; }
  /// The first load that was wrong, in words; empty where there is none.
  const std::string& first_mismatch() const { return first_mismatch_; }

 private:
  static constexpr unsigned page_log2 = 12;
  using page = std::array<unsigned char, std::size_t{1} << page_log2>;
  using pages = std::unordered_map<std::uint64_t, std::shared_ptr<page>>;  // by page number; never iterated to results

  static unsigned room_in_page(const cpu::retired_access& access);
  void note_mismatch(const cpu::retired_access& access, const unsigned char* expected);
  static void unmap(pages& of, std::uint64_t first, std::uint64_t count);

  std::map<std::uint32_t, pages> processes_;
  std::uint64_t loads_ = 0;
  std::uint64_t mismatches_ = 0;
  std::string first_mismatch_;
};

}  // namespace nestwalk::platforms
