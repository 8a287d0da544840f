// The physical memory of a machine as somebody saved it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nestwalk/image/file_bytes.h"
#include "nestwalk/image/layout.h"
#include "nestwalk/image/plain_file.h"
#include "nestwalk/memory/contents.h"
#include "nestwalk/paging/address.h"

namespace nestwalk::image {

/// How an image is opened.
struct image_options {
  std::uint64_t base = 0;                   ///< where raw memory begins; the other formats say it themselves
  unpacking_progress progress;              ///< of a packed image; may be empty
  const std::atomic<bool>* stop = nullptr;  ///< as of `open_plain`
};

/// ELF core, LiME or raw memory, told by content. Of a plain file only the pages that are touched are read, and memory
/// is taken only for those; a packed one is unpacked once. What is written stays with this process.
///
/// Addresses begin and end at multiples of 8: of a piece that does not, what is left over at its ends is not there.
/// Pieces may overlap where they say the same.
class memory_image : public memory::contents {
 public:
  enum class format : std::uint8_t { elf_core, lime, raw };

  /// Throws `input_error` for what is no image, or a damaged one.
  static std::unique_ptr<memory_image> open(const std::string& path, const image_options& options = {});

  format kind() const { return kind_; }
  const std::string& name() const { return file_.name(); }
  /// In the order of their addresses; none is empty and none overlaps.
  const std::vector<segment>& segments() const { return found_.segments; }
  /// The registers of the processors; empty where the image has none.
  const std::vector<cpu_registers>& cpus() const { return found_.cpus; }
  /// Bytes of memory in the image, and the address behind the last of them.
  std::uint64_t bytes() const;
  std::uint64_t end() const { return segments().back().end(); }

  run around(std::uint64_t address) const override;
  void restore() override { file_.restore(); }

  /// A little-endian number of 4 or 8 bytes, aligned, as walks read entries. False: the image lacks it.
  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) const;

 private:
  memory_image(int descriptor, std::string name, std::uint64_t base);
  layout read(std::uint64_t base);
  void order();
  std::uint64_t agreed(const segment& a, const segment& b) const;

  file_bytes file_;
  format kind_ = format::raw;
  layout found_;
  mutable run last_;  // of `read`; a hint that shows nowhere
};

}  // namespace nestwalk::image
