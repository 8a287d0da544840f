#include "nestwalk/guest/frame_allocator.h"

#include <string>

#include "nestwalk/protocol/error.h"

namespace nestwalk::guest {

using paging::page_1g;
using paging::page_2m;

namespace {

constexpr std::uint64_t size_of(unsigned size_log2) {
  return std::uint64_t{1} << size_log2;
}

// The size of the block that parts of the given size are cut from.
constexpr unsigned block_log2(unsigned part_log2) {
  return part_log2 + 9;
}

constexpr std::uint64_t block_of(std::uint64_t part, unsigned part_log2) {
  return part & ~(size_of(block_log2(part_log2)) - 1);
}

constexpr unsigned index_of(std::uint64_t part, unsigned part_log2) {
  return static_cast<unsigned>((part >> part_log2) & 511);
}

}  // namespace

frame_allocator::frame_allocator(std::uint64_t bytes) : bytes_(bytes) {
  if (bytes == 0 || bytes % size_of(page_2m) != 0)
    throw input_error("guest.memory: " + std::to_string(bytes) + " bytes; a multiple of 2 MiB is expected");
  std::uint64_t at = 0;
  for (; at + size_of(page_1g) <= bytes; at += size_of(page_1g)) whole_.insert(at);
  for (; at < bytes; at += size_of(page_2m)) give_back(at, page_2m);  // a block that is never whole
}

std::optional<paging::gpa> frame_allocator::try_allocate(unsigned size_log2) {
  const std::optional<std::uint64_t> frame = take(size_log2);
  if (!frame) return std::nullopt;
  in_use_ += size_of(size_log2);
  return paging::gpa(*frame);
}

paging::gpa frame_allocator::allocate(unsigned size_log2) {
  if (const std::optional<paging::gpa> frame = try_allocate(size_log2)) return *frame;
  throw input_error("guest.memory: " + std::to_string(bytes_ >> 20) + " MiB are too small for this workload: " +
                    std::to_string(in_use_ >> 20) + " MiB are in use and no frame of " +
                    std::to_string(size_of(size_log2) >> 10) + " KiB is free; give the guest more");
}

void frame_allocator::release(paging::gpa frame, unsigned size_log2) {
  in_use_ -= size_of(size_log2);
  give_back(frame.value, size_log2);
}

void frame_allocator::split(paging::gpa frame, unsigned size_log2) {
  of(tiers_, size_log2 - 9).blocks[frame.value];
}

std::optional<std::uint64_t> frame_allocator::take(unsigned size_log2) {
  if (size_log2 == page_1g) {
    if (whole_.empty()) return std::nullopt;
    const std::uint64_t frame = *whole_.begin();
    whole_.erase(whole_.begin());
    return frame;
  }
  tier& from = of(tiers_, size_log2);
  if (from.with_free.empty()) {
    const std::optional<std::uint64_t> block = take(block_log2(size_log2));
    if (!block) return std::nullopt;
    cut_block& cut = from.blocks[*block];
    cut.free.fill(~std::uint64_t{0});
    cut.free_parts = children;
    from.with_free.insert(*block);
  }
  return take_part(from, size_log2);
}

std::uint64_t frame_allocator::take_part(tier& from, unsigned part_log2) {
  const std::uint64_t at = *from.with_free.begin();
  cut_block& block = from.blocks[at];
  unsigned word = 0;
  while (block.free[word] == 0) ++word;
  const unsigned index = word * 64 + static_cast<unsigned>(__builtin_ctzll(block.free[word]));
  block.free[word] &= block.free[word] - 1;
  if (--block.free_parts == 0) from.with_free.erase(at);
  return at + index * size_of(part_log2);
}

void frame_allocator::give_back(std::uint64_t frame, unsigned size_log2) {
  if (size_log2 == page_1g) {
    whole_.insert(frame);
    return;
  }
  tier& to = of(tiers_, size_log2);
  const std::uint64_t at = block_of(frame, size_log2);
  cut_block& block = to.blocks[at];
  const unsigned index = index_of(frame, size_log2);
  block.free[index / 64] |= std::uint64_t{1} << (index % 64);
  if (++block.free_parts == 1) to.with_free.insert(at);
  if (block.free_parts < children) return;
  to.with_free.erase(at);
  to.blocks.erase(at);
  give_back(at, block_log2(size_log2));
}

}  // namespace nestwalk::guest
