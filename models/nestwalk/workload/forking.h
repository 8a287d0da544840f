// Processes that fork: the workload that edits page tables most.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"
#include "nestwalk/workload/permutation.h"
#include "nestwalk/workload/random.h"

namespace nestwalk::workload {

struct forking_config {
  std::uint64_t footprint = std::uint64_t{4} << 20;  ///< bytes of the parent's region
  std::uint64_t length = 2'000'000;                  ///< accesses, instruction fetches included
  std::uint64_t seed = 1;
  double touched = 0.5;             ///< share of the region's pages that a child loads from, above 0, at most 1
  double written = 0.25;            ///< share of the region's pages that child and parent write after each fork
  std::uint64_t loads_a_page = 16;  ///< loads a child makes from each page it touches, 1 to 4096
};

/// Its keys.
void describe(const configuration::group& into, forking_config& c);

/// Process 1 maps a region and writes each page of it. Then, again and again: it forks a child and runs it; the child
/// loads from a share of the pages, writes a share of them, which the kernel copies, and exits; the parent writes some
/// pages itself and loads as much as the child. Children are numbered from 2 up, no number twice.
class forking final : public generator {
 public:
  static constexpr const char* name = "fork";
  explicit forking(const forking_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  enum class phase : std::uint8_t { fill, child_loads, child_writes, parent_writes, parent_loads };

  void enter(phase next);
  bool over() const;
  void advance();
  paging::gva place(std::uint64_t page);

  forking_config config_;
  random_numbers random_;
  std::uint64_t pages_;
  std::uint64_t touched_pages_;
  std::uint64_t written_pages_;
  permutation order_;  ///< of the pages; another part of it each turn
  std::uint64_t turn_ = 0;
  std::uint32_t child_ = 1;
  phase phase_ = phase::fill;
  std::uint64_t done_ = 0;  ///< accesses of this phase
};

}  // namespace nestwalk::workload
