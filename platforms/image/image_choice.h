// What the command line says of an image and of the machine that it is the memory of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace nestwalk::platforms {

/// What is not set is taken from the image's notes, or assumed.
struct image_choice {
  std::string file;                  ///< empty: no image
  std::uint64_t base = 0;            ///< where raw memory begins
  std::uint64_t cpu = 0;             ///< whose note is read
  std::optional<std::uint64_t> cr0;  ///< these five are the guest's
  std::optional<std::uint64_t> cr3;
  std::optional<std::uint64_t> cr4;
  std::optional<std::uint64_t> efer;
  std::optional<std::uint64_t> pkru;
  std::optional<std::uint64_t> nested_root;  ///< EPTP, or nested CR3; or just the address
  std::string nested;                        ///< "ept" or "npt"; empty: by the vendor
  std::optional<unsigned> nested_levels;     ///< 4 or 5
  std::string vendor;                        ///< "intel" or "amd"; empty: by the second stage, or the configuration's
  std::optional<unsigned> physical_bits;

  bool given() const { return !file.empty(); }
};

}  // namespace nestwalk::platforms
