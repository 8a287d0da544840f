#include "nestwalk/guest/boot_image.h"

#include <string>

#include "nestwalk/guest/core_memory.h"
#include "nestwalk/paging/format.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::guest {

using paging::gpa;
namespace entry = paging::x86_entry;

namespace {

// As Linux's _KERNPG_TABLE and PAGE_KERNEL.
constexpr std::uint64_t kernel_table = entry::p | entry::rw | entry::a | entry::d;
constexpr std::uint64_t kernel_page = kernel_table | entry::g | entry::xd;

constexpr unsigned shift_of(unsigned level) {
  return 12 + 9 * (level - 1);
}

}  // namespace

boot_image::boot_image(protocol::memory_initiator_socket& image, frame_allocator& frames, const kernel_config& config)
    : image_(image), frames_(frames), config_(config) {
  const std::uint64_t most = std::uint64_t{1} << (config.levels == 5 ? 52 : 46);
  if (config.memory > most)
    throw input_error("guest.memory: " + std::to_string(config.memory >> 30) +
                      " GiB; the direct map has room for at most " + std::to_string(most >> 30) + " GiB");
}

void boot_image::write_direct_map() {
  const unsigned shift = shift_of(config_.levels);
  auto index = static_cast<unsigned>((direct_map_base(config_.levels).value >> shift) & 511);
  for (std::uint64_t first = 0; first < config_.memory; first += std::uint64_t{1} << shift)
    root_[index++] = table_at(config_.levels - 1, first);
}

gpa boot_image::write_root() {
  return write_table(root_);
}

/// The entry for a table of `level` that maps memory from `first` on.
std::uint64_t boot_image::table_at(unsigned level, std::uint64_t first) {
  const unsigned shift = shift_of(level);
  const std::uint64_t size = std::uint64_t{1} << shift;
  table entries{};
  for (unsigned i = 0; i < entries.size() && first < config_.memory; ++i, first += size) {
    if (shift <= config_.direct_map_log2 && first + size <= config_.memory)
      entries[i] = first | kernel_page | (level > 1 ? paging::page_size_bit : 0);
    else
      entries[i] = table_at(level - 1, first);
  }
  return write_table(entries).value | kernel_table;
}

gpa boot_image::write_table(const table& entries) {
  const gpa at = frames_.allocate(paging::page_4k);
  const unsigned written = image_->transport_dbg(payload_.write(at.value, entries.data(), sizeof entries));
  if (written != sizeof entries)
    throw input_error("guest.memory: nothing takes the boot image's page at guest-physical address " +
                      std::to_string(at.value) + "; the memory behind the guest must be at least as large");
  return at;
}

}  // namespace nestwalk::guest
