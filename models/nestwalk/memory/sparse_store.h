// The bytes of a memory, on the host only where they were touched.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nestwalk/memory/contents.h"

namespace nestwalk::memory {

/// Up to 2^52 bytes of memory that read as zero until written. Host memory is reserved by chunks of 2 MiB and taken by
/// the host's pages as they are touched; pointers into it stay good until `clear`. Over given contents it holds what
/// they hold, in their place, and nothing else.
class sparse_store {
 public:
  static constexpr unsigned chunk_log2 = 21;
  static constexpr std::uint64_t chunk_bytes = std::uint64_t{1} << chunk_log2;
  static constexpr std::uint64_t max_size = std::uint64_t{1} << 52;
  static constexpr std::uint64_t size_step = 4096;
  /// Chunks that all stores of the process may reserve before zeros are looked for: 1 GiB.
  static constexpr std::uint64_t plenty = 512;

  /// `size` in bytes, a multiple of 4 KiB up to 4 PiB; anything else is an input_error that names `owner`. With
  /// `huge_host_pages` the host is asked for pages of 2 MiB: faster where touched memory is dense, as then all 2 MiB
  /// are taken at once. `filled` (may be null) is what the memory holds at first; it outlives the store.
  sparse_store(std::uint64_t size, const std::string& owner, bool huge_host_pages = false, contents* filled = nullptr);
  ~sparse_store();
  sparse_store(const sparse_store&) = delete;
  sparse_store& operator=(const sparse_store&) = delete;

  std::uint64_t size() const { return size_; }
  /// Whether [address, address + length) lies in the store.
  bool holds(std::uint64_t address, std::uint64_t length) const {
    return length <= size_ && address <= size_ - length && (filled_ == nullptr || held(address, length) == length);
  }
  /// How many of the `length` bytes from `address` on the store holds, up to the first that is missing.
  std::uint64_t held(std::uint64_t address, std::uint64_t length) const;

  /// The host's place of the byte at `address`, which the store holds; good for `rest(address)` bytes.
  unsigned char* at(std::uint64_t address) {
    const std::uint64_t chunk = address >> chunk_log2;
    if (chunk != last_chunk_) {
      unsigned char* const host = reserve(chunk);
      if (host == nullptr) return filled_at(address);
      remember(chunk, host);
    }
    return last_host_ + (address & (chunk_bytes - 1));
  }

  /// The host's place of [address, address + length), or null where the store does not hold all of it, or where it is
  /// not within one reserved chunk.
  unsigned char* touched(std::uint64_t address, std::uint64_t length) {
    if (!holds(address, length) || ((address + length - 1) ^ address) >> chunk_log2 != 0) return nullptr;
    return in_reserved_chunk(address);
  }

  /// As that, of a qword; null where it is not aligned, too.
  const unsigned char* touched_qword(std::uint64_t address) const {
    if (address % 8 != 0 || address >= size_) return nullptr;
    return in_reserved_chunk(address);
  }

  /// As `at`, but null where the chunk was never reserved: its bytes are zero, or missing from given contents.
  const unsigned char* find(std::uint64_t address) const {
    const std::uint64_t chunk = address >> chunk_log2;
    if (chunk == last_chunk_) return last_host_ + (address & (chunk_bytes - 1));
    unsigned char* const host = chunks_[chunk];
    if (host == nullptr) return filled_ == nullptr ? nullptr : filled_at(address);
    remember(chunk, host);
    return host + (address & (chunk_bytes - 1));
  }

  /// The first and the last address of the store in the chunk of `address`.
  static std::uint64_t chunk_first(std::uint64_t address) { return address & ~(chunk_bytes - 1); }
  std::uint64_t chunk_last(std::uint64_t address) const {
    const std::uint64_t last = address | (chunk_bytes - 1);
    return last < size_ ? last : size_ - 1;
  }

  /// Bytes from `address`, which the store holds, that lie in one place: to the end of its chunk or before.
  std::uint64_t rest(std::uint64_t address) const {
    const std::uint64_t chunk = chunk_bytes - (address & (chunk_bytes - 1));
    return filled_ == nullptr ? chunk : held_within(address, chunk);
  }
  /// The addresses around `address` that the host holds in one place, within a chunk, and that place; or, where the
  /// store does not hold `address`, those around it that it does not hold, and null. Reserves the chunk.
  contents::run around(std::uint64_t address);

  /// Chunks reserved so far.
  std::uint64_t reserved_chunks() const { return reserved_.size(); }
  /// Whether the process holds so much memory that a look at zeros before they are stored is worth its time: a page
  /// that is looked at and then written costs the host two faults.
  static bool spares_zeros() { return reserved_by_all_ > plenty; }

  /// Makes everything as it was at first and gives the host's memory back; every pointer into the store is void.
  void clear();

 private:
  unsigned char* in_reserved_chunk(std::uint64_t address) const {
    unsigned char* const host = chunks_[address >> chunk_log2];
    return host == nullptr ? nullptr : host + (address & (chunk_bytes - 1));
  }
  void remember(std::uint64_t chunk, unsigned char* host) const {
    last_chunk_ = chunk;
    last_host_ = host;
  }
  unsigned char* reserve(std::uint64_t chunk);
  void place_contents();
  unsigned char* filled_at(std::uint64_t address) const;
  std::uint64_t held_within(std::uint64_t address, std::uint64_t length) const;
  std::uint64_t chunks() const { return ((size_ - 1) >> chunk_log2) + 1; }

  inline static std::uint64_t reserved_by_all_ = 0;  // the host's memory is one for all stores

  std::uint64_t size_;
  bool huge_host_pages_;
  contents* filled_;  // null: zeroes
  std::vector<std::uint64_t> reserved_;
  std::vector<unsigned char*> spare_;  // cleared chunks, zero, kept for `reserve`
  // By number, null where not reserved or, over given contents, where they do not hold the whole chunk in one place.
  // The host backs only what is used of this, too.
  unsigned char** chunks_;
  // The chunk looked up last; looking leaves no other trace.
  mutable std::uint64_t last_chunk_ = ~std::uint64_t{0};
  mutable unsigned char* last_host_ = nullptr;
};

}  // namespace nestwalk::memory
