#include "nestwalk/vmm/host_allocator.h"

#include <string>
#include <utility>

#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {

namespace {

constexpr std::uint64_t page_bytes = std::uint64_t{1} << paging::page_4k;
constexpr std::uint64_t chunk_bytes = std::uint64_t{1} << paging::page_2m;
constexpr std::uint64_t giant_bytes = std::uint64_t{1} << paging::page_1g;

constexpr std::uint64_t up_to(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) & ~(step - 1);
}

}  // namespace

host_allocator::host_allocator(const host_allocator_config& config)
    : config_(config),
      next_(up_to(config.base.value, chunk_bytes)),
      end_((config.base.value + config.size) & ~(chunk_bytes - 1)),
      random_(config.seed * 0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d) {}

std::optional<paging::hpa> host_allocator::take_chunk() {
  if (!skipped_.empty()) {
    const paging::hpa chunk = skipped_.back();
    skipped_.pop_back();
    return chunk;
  }
  if (next_ >= end_ || end_ - next_ < chunk_bytes) return std::nullopt;
  const paging::hpa chunk(next_);
  next_ += chunk_bytes;
  return chunk;
}

std::optional<paging::hpa> host_allocator::take_block(unsigned size_log2) {
  if (size_log2 == paging::page_2m) return take_chunk();
  const std::uint64_t first = up_to(next_, giant_bytes);
  if (first >= end_ || end_ - first < giant_bytes) return std::nullopt;
  for (; next_ < first; next_ += chunk_bytes) skipped_.emplace_back(next_);
  next_ = first + giant_bytes;
  return paging::hpa(first);
}

host_allocator::frame host_allocator::take_page() {
  if (!used_.empty()) {
    const paging::hpa page = used_.back();
    used_.pop_back();
    return {page, false};
  }
  if (fresh_.empty()) refill();
  const paging::hpa page = fresh_.back();
  fresh_.pop_back();
  return {page, true};
}

void host_allocator::refill() {
  const unsigned chunks = config_.scatter ? group_chunks : 1;
  for (unsigned i = 0; i < chunks; ++i) {
    const std::optional<paging::hpa> chunk = take_chunk();
    if (!chunk) break;
    for (std::uint64_t at = 0; at < chunk_bytes; at += page_bytes) fresh_.push_back(*chunk + at);
  }
  if (fresh_.empty())
    throw input_error("vmm.host_size: the pool of " + std::to_string(config_.size) +
                      " bytes is exhausted: it has to hold the guest's memory and the tables");
  for (std::size_t low = 0, high = fresh_.size() - 1; low < high; ++low, --high) std::swap(fresh_[low], fresh_[high]);
  if (config_.scatter) shuffle();
}

// Fisher-Yates, written out: std::shuffle's order differs between libraries.
void host_allocator::shuffle() {
  for (std::size_t i = fresh_.size() - 1; i > 0; --i) std::swap(fresh_[i], fresh_[random() % (i + 1)]);
}

std::uint64_t host_allocator::random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

}  // namespace nestwalk::vmm
