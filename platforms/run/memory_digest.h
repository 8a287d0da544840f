// One number for all that a guest's memory holds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "nestwalk/paging/address.h"

namespace nestwalk::platforms {

/// A guest's memory as it is looked at, without effect.
struct guest_memory_view {
  /// The first page of 4 KiB at or after `from` that may hold anything; nothing beyond the last.
  std::function<std::optional<paging::gpa>(paging::gpa from)> next_page;
  /// Reads a page.
  std::function<void(paging::gpa page, unsigned char* into)> read;
};

/// The digest (XXH3, 128 bits, hexadecimal) of the guest-physical pages, by address and content. Pages of zeros count
/// as not there, so machines that gave memory at different times agree where the guest sees the same.
std::string memory_digest(const guest_memory_view& memory);

}  // namespace nestwalk::platforms
