#include "nestwalk/vmm/guest_memory_map.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {

namespace {

constexpr std::uint64_t region_number(paging::gpa at) {
  return at.value >> paging::page_2m;
}

constexpr unsigned page_in_region(paging::gpa at) {
  return static_cast<unsigned>(at.offset(paging::page_2m) >> paging::page_4k);
}

}  // namespace

std::optional<guest_memory_map::backing> guest_memory_map::find(paging::gpa at) const {
  const auto found = regions_.find(region_number(at));
  if (found == regions_.end()) return std::nullopt;
  const region& r = found->second;
  if (!r.pieces) return backing{paging::hpa(r.base + at.offset(paging::page_2m)), r.size_log2};
  const std::uint64_t page = (*r.pieces)[page_in_region(at)];
  if (page == nowhere) return std::nullopt;
  return backing{paging::hpa(page + at.offset(paging::page_4k)), paging::page_4k};
}

guest_memory_map::backing guest_memory_map::provide(paging::gpa at) {
  return provide(at, true);
}

guest_memory_map::backing guest_memory_map::provide(paging::gpa at, bool timed) {
  if (const auto there = find(at)) return *there;
  if (!holds(at)) {
    std::array<char, 32> address{};
    std::snprintf(address.data(), address.size(), "0x%llx", static_cast<unsigned long long>(at.value));
    throw input_error(std::string("vmm.guest_memory: the guest reaches for guest-physical address ") + address.data() +
                      ", beyond its memory of " + std::to_string(config_.size) + " bytes");
  }
  // A region that exists is in pieces; only an untouched one may become a block.
  const bool untouched = regions_.find(region_number(at)) == regions_.end();
  for (unsigned size : {paging::page_1g, paging::page_2m})
    if (untouched && size <= config_.backing_log2 && back_block(at, size)) return *find(at);
  return {paging::hpa(back_page(at.base(paging::page_4k), timed) + at.offset(paging::page_4k)), paging::page_4k};
}

bool guest_memory_map::back_block(paging::gpa at, unsigned size_log2) {
  const std::uint64_t bytes = std::uint64_t{1} << size_log2;
  const paging::gpa first = at.base(size_log2);
  if (config_.size - first.value < bytes) return false;
  const auto next = regions_.lower_bound(region_number(first));
  if (next != regions_.end() && next->first < region_number(first + bytes)) return false;
  const auto block = frames_.take_block(size_log2);
  if (!block) return false;
  const std::uint64_t step = std::uint64_t{1} << paging::page_2m;
  for (std::uint64_t offset = 0; offset < bytes; offset += step) {
    region& r = regions_[region_number(first + offset)];
    r.size_log2 = size_log2;
    r.base = block->value + offset;
  }
  resident_ += bytes / page_bytes;
  ++(size_log2 == paging::page_1g ? counts_.backed_1g : counts_.backed_2m);
  return true;
}

std::uint64_t& guest_memory_map::piece(paging::gpa at) {
  region& r = regions_[region_number(at)];
  if (!r.pieces) {
    r.pieces = std::make_unique<std::array<std::uint64_t, pages>>();
    r.pieces->fill(nowhere);
  }
  return (*r.pieces)[page_in_region(at)];
}

std::uint64_t guest_memory_map::back_page(paging::gpa page, bool timed) {
  const host_allocator::frame frame = frames_.take_page();
  const auto kept = taken_.find(page.value >> paging::page_4k);
  if (kept != taken_.end()) {
    if (timed)
      host_.write_block(frame.page, kept->second->data(), page_bytes);
    else
      host_.plant(frame.page, kept->second->data(), page_bytes);
    taken_.erase(kept);
    ++counts_.restored;
  } else if (!frame.clean && timed) {
    host_.clear_page(frame.page);
  } else if (!frame.clean) {
    host_.plant(frame.page, bytes_of_page{}.data(), page_bytes);
  }
  ++counts_.backed_4k;
  ++resident_;
  piece(page) = frame.page.value;
  return frame.page.value;
}

// A page is taken out of a block: what is left of the block no longer is one.
void guest_memory_map::break_up(paging::gpa at) {
  const region& whole = regions_[region_number(at)];
  if (whole.pieces) return;
  if (whole.size_log2 == paging::page_1g) {
    const std::uint64_t first = region_number(at.base(paging::page_1g));
    for (std::uint64_t i = 0; i < pages; ++i) regions_[first + i].size_log2 = paging::page_2m;
  }
  const std::uint64_t base = whole.base;
  piece(at);
  region& broken = regions_[region_number(at)];
  for (unsigned i = 0; i < pages; ++i) (*broken.pieces)[i] = base + i * page_bytes;
  broken.size_log2 = paging::page_4k;
  broken.base = nowhere;
}

void guest_memory_map::take(paging::gpa page) {
  break_up(page);
  const paging::hpa frame(piece(page));
  auto kept = std::make_unique<bytes_of_page>();
  host_.read_block(frame, kept->data(), page_bytes);
  taken_[page.value >> paging::page_4k] = std::move(kept);
  piece(page) = nowhere;
  frames_.give_back(frame);
  --resident_;
  ++counts_.taken;
}

std::optional<paging::gpa> guest_memory_map::next_backed(paging::gpa from) const {
  if (resident_ == 0) return std::nullopt;
  const auto first = regions_.lower_bound(region_number(from));
  auto at = first;
  for (std::size_t seen = 0; seen <= regions_.size(); ++seen, ++at) {
    if (at == regions_.end()) at = regions_.begin();
    const bool holds_from = seen == 0 && at->first == region_number(from);
    for (unsigned i = holds_from ? page_in_region(from) : 0; i < pages; ++i) {
      const bool backed = !at->second.pieces || (*at->second.pieces)[i] != nowhere;
      if (backed) return paging::gpa((at->first << paging::page_2m) + i * page_bytes);
    }
  }
  return std::nullopt;
}

std::optional<paging::gpa> guest_memory_map::next_touched(paging::gpa from) const {
  std::optional<paging::gpa> first = next_backed(from);
  if (first && *first < from.base(paging::page_4k)) first.reset();
  const auto kept = taken_.lower_bound(from.value >> paging::page_4k);
  if (kept == taken_.end()) return first;
  const paging::gpa page(kept->first << paging::page_4k);
  return first && *first < page ? first : page;
}

void guest_memory_map::look(paging::gpa at, void* data, unsigned bytes) {
  if (const auto there = find(at)) {
    host_.look(there->at, data, bytes);
    return;
  }
  const auto kept = taken_.find(at.value >> paging::page_4k);
  if (kept == taken_.end())
    std::memset(data, 0, bytes);
  else
    std::memcpy(data, kept->second->data() + at.offset(paging::page_4k), bytes);
}

void guest_memory_map::plant(paging::gpa at, const void* data, unsigned bytes) {
  const auto kept = taken_.find(at.value >> paging::page_4k);
  if (kept != taken_.end())
    std::memcpy(kept->second->data() + at.offset(paging::page_4k), data, bytes);
  else
    host_.plant(provide(at, false).at, data, bytes);
}

}  // namespace nestwalk::vmm
