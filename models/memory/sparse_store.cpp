#include "memory/sparse_store.h"

#include <new>
#include <sys/mman.h>

#include "protocol/error.h"

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

sparse_store::sparse_store(std::uint64_t size, const std::string& owner, bool huge_host_pages)
    : size_(size), huge_host_pages_(huge_host_pages) {
  if (size == 0 || size > max_size || size % size_step != 0)
    throw input_error(owner + ": a memory of " + std::to_string(size) +
                      " bytes cannot be held; the size is a multiple of 4096 up to " + std::to_string(max_size) +
                      " (2^52) bytes");
  chunks_ = static_cast<unsigned char**>(map_zeroes(chunks() * sizeof(unsigned char*)));
}

sparse_store::~sparse_store() {
  for (const std::uint64_t chunk : reserved_) munmap(chunks_[chunk], chunk_bytes);
  for (unsigned char* const chunk : spare_) munmap(chunk, chunk_bytes);
  munmap(chunks_, chunks() * sizeof(unsigned char*));
}

unsigned char* sparse_store::reserve(std::uint64_t chunk) {
  unsigned char*& host = chunks_[chunk];
  if (host != nullptr) return host;
  if (spare_.empty()) {
    host = map_chunk(huge_host_pages_);
  } else {
    host = spare_.back();
    spare_.pop_back();
  }
  reserved_.push_back(chunk);
  return host;
}

void sparse_store::clear() {
  for (const std::uint64_t chunk : reserved_) {
    unsigned char*& host = chunks_[chunk];
    madvise(host, chunk_bytes, MADV_DONTNEED);  // the pages go back; they read as zero
    spare_.push_back(host);
    host = nullptr;
  }
  reserved_.clear();
  last_chunk_ = ~std::uint64_t{0};
  last_host_ = nullptr;
}

}  // namespace nestwalk::memory
