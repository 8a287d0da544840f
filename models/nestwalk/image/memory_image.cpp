#include "nestwalk/image/memory_image.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "nestwalk/image/elf_core.h"
#include "nestwalk/image/lime.h"

namespace nestwalk::image {
namespace {

constexpr std::uint64_t most_addresses = std::uint64_t{1} << 52;
constexpr std::uint64_t step = 8;

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number));
  return text.data();
}

/// Formats that are handed in and hold memory in a form that is not read here, by how they begin.
struct foreign_format {
  const char* magic;
  const char* name;
  const char* remedy;
};
constexpr std::array<foreign_format, 6> foreign_formats = {
    {{"KDUMP   ", "kdump-compressed dump", "makedumpfile -E, or crash's elf formats, write an ELF core of it"},
     {"DISKDUMP", "diskdump", "makedumpfile -E writes an ELF core of it"},
     {"makedumpfile", "flattened kdump dump", "makedumpfile -R, then -E, write an ELF core of it"},
     {"PAGEDU64", "Windows crash dump", "an ELF core (dump-guest-memory) or raw memory of the machine is read"},
     {"PAGEDUMP", "Windows crash dump", "an ELF core (dump-guest-memory) or raw memory of the machine is read"},
     {"QEVM", "QEMU migration stream", "dump-guest-memory writes an ELF core of the machine"}}};

}  // namespace

std::unique_ptr<memory_image> memory_image::open(const std::string& path, const image_options& options) {
  const int descriptor = open_plain(path, options.progress, options.stop);
  return std::unique_ptr<memory_image>(
      new memory_image(descriptor, path == "-" ? "standard input" : path, options.base));
}

memory_image::memory_image(int descriptor, std::string name, std::uint64_t base)
    : file_(descriptor, std::move(name)), found_(read(base)) {
  order();
}

layout memory_image::read(std::uint64_t base) {
  if (is_elf(file_)) {
    kind_ = format::elf_core;
    return read_elf_core(file_);
  }
  if (is_lime(file_)) {
    kind_ = format::lime;
    return read_lime(file_);
  }
  for (const foreign_format& each : foreign_formats)
    if (file_.says(0, each.magic)) file_.fail(std::string("a ") + each.name + ", which is not read; " + each.remedy);
  return {{{base, file_.size(), 0}}, {}};
}

/// Sorts the segments, cuts them to whole steps, and takes out of each what the one before has too.
void memory_image::order() {
  std::vector<segment> ordered;
  std::vector<segment> all = std::move(found_.segments);
  std::stable_sort(all.begin(), all.end(), [](const segment& a, const segment& b) { return a.first < b.first; });
  for (segment each : all) {
    if (each.bytes > most_addresses || each.first > most_addresses - each.bytes)
      file_.fail("memory at physical addresses from " + hexadecimal(each.first) + ", " + std::to_string(each.bytes) +
                 " bytes: physical addresses end at 2^52");
    std::uint64_t cut = (step - each.first % step) % step;
    if (!ordered.empty() && ordered.back().end() > each.first) cut = std::max(cut, agreed(ordered.back(), each));
    if (cut >= each.bytes) continue;
    each.first += cut;
    each.offset += cut;
    each.bytes = (each.bytes - cut) / step * step;
    if (each.bytes != 0) ordered.push_back(each);
  }
  if (ordered.empty()) file_.fail("no memory in this image");
  found_.segments = std::move(ordered);
}

/// Bytes at the beginning of `b` that `a` has too, and as they are there.
std::uint64_t memory_image::agreed(const segment& a, const segment& b) const {
  const std::uint64_t shared = std::min(a.end(), b.end()) - b.first;
  if (std::memcmp(file_.at(a.offset + (b.first - a.first)), file_.at(b.offset), shared) != 0)
    file_.fail("two pieces of the image hold memory at physical addresses from " + hexadecimal(b.first) + " to " +
               hexadecimal(b.first + shared - 1) + " and differ there: which is right it does not say");
  return shared;
}

std::uint64_t memory_image::bytes() const {
  std::uint64_t all = 0;
  for (const segment& each : segments()) all += each.bytes;
  return all;
}

memory::contents::run memory_image::around(std::uint64_t address) const {
  const auto& all = segments();
  const auto above = std::upper_bound(all.begin(), all.end(), address,
                                      [](std::uint64_t at, const segment& each) { return at < each.first; });
  const std::uint64_t next = above == all.end() ? ~std::uint64_t{0} : above->first - 1;
  if (above == all.begin()) return {0, next, nullptr};
  const segment& below = *(above - 1);
  if (address >= below.end()) return {below.end(), next, nullptr};
  return {below.first, below.end() - 1, file_.at(below.offset)};
}

bool memory_image::read(paging::hpa at, unsigned bytes, std::uint64_t& value) const {
  if (at.value - last_.first > last_.last - last_.first || last_.host == nullptr) last_ = around(at.value);
  if (last_.host == nullptr) return false;
  value = 0;
  std::memcpy(&value, last_.host + (at.value - last_.first), bytes);
  return true;
}

}  // namespace nestwalk::image
