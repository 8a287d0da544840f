// Three arrays, walked from end to end.
#pragma once

#include <cstdint>

#include "nestwalk/workload/generator.h"

namespace nestwalk::workload {

struct stream_config {
  std::uint64_t footprint = std::uint64_t{48} << 20;  ///< bytes of the three arrays together
  std::uint64_t length = 4'000'000;                   ///< accesses, instruction fetches included
};

/// Its keys.
void describe(const configuration::group& into, stream_config& c);

/// a[i] = b[i] + c[i] for elements of 8 bytes, from the first to the last, again and again (STREAM's Add).
class stream final : public generator {
 public:
  static constexpr const char* name = "stream";
  explicit stream(const stream_config& config);

 protected:
  void begin() override;
  void step() override;

 private:
  std::uint64_t array_bytes_;
  std::uint64_t at_ = 0;  ///< bytes into each array
};

}  // namespace nestwalk::workload
