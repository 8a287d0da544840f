#include "nestwalk/image/mapping_census.h"

#include <algorithm>
#include <functional>

namespace nestwalk::image {

void mapping_census::add(const mapped_range& r) {
  if (!r.known_to_guest()) {
    unusable_ += r.bytes;
    return;
  }
  if (r.mapped()) {
    amount& of = by_size_[{r.guest_size_log2, r.nested_size_log2}];
    of.pages += r.bytes >> r.page_log2();
    of.bytes += r.bytes;
  } else {
    not_backed_[r.guest_size_log2] += r.bytes;
  }
  if (r.guest_size_log2 > paging::page_4k) add_large(r);
}

void mapping_census::add_large(const mapped_range& r) {
  const std::uint8_t log2 = r.guest_size_log2;
  const std::uint64_t size = std::uint64_t{1} << log2;
  const backing how = !r.mapped() ? backing::missing : r.nested_size_log2 >= log2 ? backing::whole : backing::smaller;
  for (std::uint64_t done = 0; done < r.bytes;) {
    const paging::gva at = r.first + done;
    const std::uint64_t left = r.bytes - done;
    if (at.offset(log2) == 0 && left >= size) {  // all of some pages
      const std::uint64_t pages = left >> log2;
      large_pages& of = large_[log2];
      of.pages += pages;
      if (how == backing::whole) of.whole += pages;
      if (how == backing::smaller) of.splintered += pages;
      if (how == backing::missing) of.not_backed += pages;
      if (how == backing::smaller) of.splintered_bytes += pages * size;
      if (how == backing::missing) of.not_backed_bytes += pages * size;
      done += pages * size;
      continue;
    }
    const std::uint64_t part = std::min(left, size - at.offset(log2));
    add_part(at.base(log2).value, log2, how, part);
    done += part;
  }
}

void mapping_census::add_part(std::uint64_t base, std::uint8_t log2, backing how, std::uint64_t bytes) {
  if (open_.log2 != log2 || open_.base != base) {
    close();
    open_ = {base, log2, 0, 0};
  }
  if (how == backing::smaller) open_.splintered += bytes;
  if (how == backing::missing) open_.not_backed += bytes;
}

/// Counts the page that is open.
void mapping_census::close() {
  if (open_.log2 == none) return;
  large_pages& of = large_[open_.log2];
  ++of.pages;
  if (open_.splintered != 0) ++of.splintered;
  if (open_.not_backed != 0) ++of.not_backed;
  if (open_.splintered == 0 && open_.not_backed == 0) ++of.whole;
  of.splintered_bytes += open_.splintered;
  of.not_backed_bytes += open_.not_backed;
  open_ = {};
}

mapping_census::amount mapping_census::total() const {
  amount all;
  for (const auto& [sizes, each] : by_size_) {
    all.pages += each.pages;
    all.bytes += each.bytes;
  }
  return all;
}

std::uint64_t mapping_census::reached_by(std::uint64_t entries) const {
  std::map<unsigned, std::uint64_t, std::greater<>> pages;  // by what an entry covers, the largest first
  for (const auto& [sizes, each] : by_size_) pages[std::min(sizes.first, sizes.second)] += each.pages;
  std::uint64_t bytes = 0;
  for (const auto& [log2, count] : pages) {
    const std::uint64_t taken = std::min(count, entries);
    bytes += taken << log2;
    entries -= taken;
  }
  return bytes;
}

}  // namespace nestwalk::image
