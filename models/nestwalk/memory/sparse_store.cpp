#include "nestwalk/memory/sparse_store.h"

#include <algorithm>
#include <new>
#include <sys/mman.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::memory {
namespace {

/// Zeroes, none of which the host has to back before it is touched.
void* map_zeroes(std::uint64_t bytes) {
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return mapped;
}

/// 2 MiB of zeroes aligned to 2 MiB.
unsigned char* map_chunk(bool huge_host_pages) {
  constexpr std::uint64_t bytes = sparse_store::chunk_bytes;
  void* const mapped = map_zeroes(2 * bytes);
  const auto start = reinterpret_cast<std::uintptr_t>(mapped);
  const std::uintptr_t aligned = (start + bytes - 1) & ~(bytes - 1);
  if (aligned != start) munmap(mapped, aligned - start);
  if (const std::uintptr_t after = start + bytes - aligned; after != 0)
    munmap(reinterpret_cast<void*>(aligned + bytes), after);
  // Advice only: a host that does not follow it is slower or larger, not wrong.
  madvise(reinterpret_cast<void*>(aligned), bytes, huge_host_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return reinterpret_cast<unsigned char*>(aligned);
}

}  // namespace

sparse_store::sparse_store(std::uint64_t size, const std::string& owner, bool huge_host_pages, contents* filled)
    : size_(size), huge_host_pages_(huge_host_pages), filled_(filled) {
  if (size == 0 || size > max_size || size % size_step != 0)
    throw input_error(owner + ": a memory of " + std::to_string(size) +
                      " bytes cannot be held; the size is a multiple of 4096 up to " + std::to_string(max_size) +
                      " (2^52) bytes");
  chunks_ = static_cast<unsigned char**>(map_zeroes(chunks() * sizeof(unsigned char*)));
  if (filled_ != nullptr) place_contents();
}

/// Enters every chunk that the contents hold as a whole.
void sparse_store::place_contents() {
  for (std::uint64_t at = 0; at < size_;) {
    const contents::run run = filled_->around(at);
    const std::uint64_t last = std::min(run.last, size_ - 1);
    if (run.host != nullptr) {
      const std::uint64_t end = (last + 1) >> chunk_log2;
      for (std::uint64_t chunk = (run.first + chunk_bytes - 1) >> chunk_log2; chunk < end; ++chunk)
        chunks_[chunk] = run.host + ((chunk << chunk_log2) - run.first);
    }
    at = last + 1;
  }
}

unsigned char* sparse_store::filled_at(std::uint64_t address) const {
  const contents::run run = filled_->around(address);
  return run.host == nullptr ? nullptr : run.host + (address - run.first);
}

/// As `held`, of bytes that lie in one place.
std::uint64_t sparse_store::held_within(std::uint64_t address, std::uint64_t length) const {
  const contents::run run = filled_->around(address);
  return run.host == nullptr ? 0 : std::min(length - 1, run.last - address) + 1;
}

std::uint64_t sparse_store::held(std::uint64_t address, std::uint64_t length) const {
  if (address >= size_) return 0;
  const std::uint64_t inside = std::min(length, size_ - address);
  if (filled_ == nullptr) return inside;
  std::uint64_t found = 0;
  while (found < inside) {
    const std::uint64_t more = held_within(address + found, inside - found);
    if (more == 0) break;
    found += more;
  }
  return found;
}

contents::run sparse_store::around(std::uint64_t address) {
  if (address >= size_) return {size_, ~std::uint64_t{0}, nullptr};
  if (filled_ == nullptr) return {chunk_first(address), chunk_last(address), at(chunk_first(address))};
  const contents::run run = filled_->around(address);
  if (run.host == nullptr) return run;
  const std::uint64_t first = std::max(run.first, chunk_first(address));
  return {first, std::min(run.last, chunk_last(address)), run.host + (first - run.first)};
}

sparse_store::~sparse_store() {
  reserved_by_all_ -= reserved_.size();
  for (const std::uint64_t chunk : reserved_) munmap(chunks_[chunk], chunk_bytes);
  for (unsigned char* const chunk : spare_) munmap(chunk, chunk_bytes);
  munmap(chunks_, chunks() * sizeof(unsigned char*));
}

unsigned char* sparse_store::reserve(std::uint64_t chunk) {
  unsigned char*& host = chunks_[chunk];
  if (host != nullptr || filled_ != nullptr) return host;
  if (spare_.empty()) {
    host = map_chunk(huge_host_pages_);
  } else {
    host = spare_.back();
    spare_.pop_back();
  }
  reserved_.push_back(chunk);
  ++reserved_by_all_;
  return host;
}

void sparse_store::clear() {
  for (const std::uint64_t chunk : reserved_) {
    unsigned char*& host = chunks_[chunk];
    madvise(host, chunk_bytes, MADV_DONTNEED);  // the pages go back; they read as zero
    spare_.push_back(host);
    host = nullptr;
  }
  reserved_by_all_ -= reserved_.size();
  reserved_.clear();
  if (filled_ != nullptr) filled_->restore();
  last_chunk_ = ~std::uint64_t{0};
  last_host_ = nullptr;
}

}  // namespace nestwalk::memory
