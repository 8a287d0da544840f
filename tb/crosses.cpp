#include "tb/crosses.h"

#include <fmt/format.h>

namespace nestwalk::tb {

namespace {

constexpr unsigned occupancies = 3;  // alone; 2 to 7 walks; 8 or more
constexpr unsigned accesses = 3;
constexpr unsigned second_stages = 3;  // none, EPT, NPT
constexpr unsigned leaf_levels = 3;
constexpr unsigned levels = 5;
constexpr unsigned purposes = 3;
// How a walk may fail at an entry: not present and malformed at every level, and forbidden at a leaf.
constexpr unsigned ends = 2 * levels + leaf_levels;
constexpr std::size_t nowhere = ~std::size_t{0};

constexpr std::size_t mapped_bins = std::size_t{second_stages} * leaf_levels * leaf_levels * accesses * occupancies;
constexpr std::size_t guest_bins = std::size_t{ends} * accesses * occupancies;
constexpr std::size_t nested_bins = std::size_t{2} * purposes * ends * occupancies;
constexpr std::size_t error_bins = std::size_t{2} * levels;

const char* const end_names[] = {"not present", "malformed", "forbidden"};
const char* const access_names[] = {"read", "write", "fetch"};
const char* const purpose_names[] = {"data page", "table entry", "flag update"};
const char* const occupancy_names[] = {"alone", "2 to 7 walks", "8 or more walks"};
const char* const stage_names[] = {"native", "EPT", "NPT"};

unsigned occupancy_class(unsigned walks) {
  return walks <= 1 ? 0 : walks < 8 ? 1 : 2;
}

unsigned end_of(const rtl_response& r) {
  if (r.result == rtl_result::not_present) return r.level - 1;
  if (r.result == rtl_result::malformed) return levels + r.level - 1;
  return 2 * levels + r.level - 1;
}

std::string name_of_end(unsigned end) {
  return fmt::format("{} at level {}", end_names[end / levels], end % levels + 1);
}

std::string name_of(std::size_t bin) {
  const auto take = [&bin](std::size_t n) {
    const std::size_t digit = bin % n;
    bin /= n;
    return digit;
  };
  if (bin < mapped_bins) {
    const std::size_t o = take(occupancies), a = take(accesses), n = take(leaf_levels), g = take(leaf_levels);
    return fmt::format("mapped, {}, guest leaf at level {}, nested leaf at level {}, {}, {}", stage_names[bin], g + 1,
                       n + 1, access_names[a], occupancy_names[o]);
  }
  bin -= mapped_bins;
  if (bin < guest_bins) {
    const std::size_t o = take(occupancies), a = take(accesses);
    return fmt::format("guest entry {}, {}, {}", name_of_end(static_cast<unsigned>(bin)), access_names[a],
                       occupancy_names[o]);
  }
  bin -= guest_bins;
  if (bin < nested_bins) {
    const std::size_t o = take(occupancies), end = take(ends), p = take(purposes);
    return fmt::format("{} entry {}, {}, {}", stage_names[bin + 1], name_of_end(static_cast<unsigned>(end)),
                       purpose_names[p], occupancy_names[o]);
  }
  bin -= nested_bins;
  return fmt::format("memory error at a {} entry of level {}", bin / levels == 0 ? "guest" : "nested",
                     bin % levels + 1);
}

// Without a second stage there is one nested size.
bool possible(std::size_t bin) {
  if (bin < mapped_bins) {
    const std::size_t stage = bin / (std::size_t{leaf_levels} * leaf_levels * accesses * occupancies);
    const std::size_t nested_leaf = bin / (std::size_t{accesses} * occupancies) % leaf_levels;
    return stage != 0 || nested_leaf == 0;
  }
  return true;
}

}  // namespace

crosses::crosses() : seen_(mapped_bins + guest_bins + nested_bins + error_bins) {
  // What cannot be is not missed.
  for (std::size_t bin = 0; bin < seen_.size(); ++bin) seen_[bin] = !possible(bin);
}

std::size_t crosses::bin_of(const rtl_context& c, const paging::access& a, const rtl_response& r, unsigned occupancy) {
  const auto type = static_cast<std::size_t>(a.type);
  const std::size_t walks = occupancy_class(occupancy);
  if (r.result == rtl_result::mapped) {
    if (!c.guest_on) return nowhere;
    const std::size_t stage = !c.nested_on ? 0 : c.nested_npt ? 2 : 1;
    const std::size_t nested = r.nested_level == 0 ? 0 : r.nested_level - 1;
    return (((stage * leaf_levels + r.guest_level - 1) * leaf_levels + nested) * accesses + type) * occupancies + walks;
  }
  if (r.result == rtl_result::memory_error)
    return mapped_bins + guest_bins + nested_bins + (r.nested_stage ? levels : 0) + r.level - 1;
  if (r.result == rtl_result::not_admitted) return nowhere;
  if (!r.nested_stage) return mapped_bins + (end_of(r) * accesses + type) * occupancies + walks;
  const std::size_t npt = c.nested_npt ? 1 : 0;
  return mapped_bins + guest_bins +
         ((npt * purposes + static_cast<std::size_t>(r.why)) * ends + end_of(r)) * occupancies + walks;
}

void crosses::add(const rtl_context& c, const paging::access& a, const rtl_response& r, unsigned occupancy) {
  const std::size_t bin = bin_of(c, a, r, occupancy);
  if (bin != nowhere) seen_[bin] = true;
}

void crosses::merge(const crosses& other) {
  for (std::size_t bin = 0; bin < seen_.size(); ++bin)
    if (other.seen_[bin]) seen_[bin] = true;
}

std::size_t crosses::hit() const {
  std::size_t met = 0;
  for (std::size_t bin = 0; bin < seen_.size(); ++bin) met += seen_[bin] && possible(bin) ? 1 : 0;
  return met;
}

std::size_t crosses::size() const {
  std::size_t all = 0;
  for (std::size_t bin = 0; bin < seen_.size(); ++bin) all += possible(bin) ? 1 : 0;
  return all;
}

std::vector<std::string> crosses::missed() const {
  std::vector<std::string> names;
  for (std::size_t bin = 0; bin < seen_.size(); ++bin)
    if (!seen_[bin]) names.push_back(name_of(bin));
  return names;
}

}  // namespace nestwalk::tb
