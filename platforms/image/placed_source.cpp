#include "platforms/image/placed_source.h"

#include <algorithm>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

std::size_t placed_source::next(workload::operation* out, std::size_t capacity) {
  for (;;) {
    const std::size_t count = generator_->next(out, capacity);
    if (count == 0) return 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (out[i].kind == workload::operation_kind::system_call) {
        place(out[i]);
        continue;
      }
      out[i].address = placed(out[i].address);
      out[kept++] = out[i];
    }
    if (kept != 0) return kept;
  }
}

void placed_source::place(const workload::operation& map) {
  const bool code = regions_.empty();
  const image_places& places = code ? places_.executable : places_.writable;
  const std::uint64_t offset = code ? 0 : data_placed_;
  if (map.length > places.bytes() - offset)
    throw input_error(fmt::format("workload {}: it needs {} bytes, and the image has {} that its tables let users {}",
                                  format(), map.length, places.bytes() - offset, code ? "execute" : "write"));
  regions_.push_back({map.address, map.length, &places, offset});
  if (!code) data_placed_ += map.length;
}

paging::gva placed_source::placed(paging::gva address) {
  for (const region& r : regions_)
    if (r.first <= address && address - r.first < r.bytes) return r.places->at(r.offset + (address - r.first));
  return address;
}

}  // namespace nestwalk::platforms
