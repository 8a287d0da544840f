#include "platforms/image/image_places.h"

#include <algorithm>

#include "nestwalk/image/mapping_scan.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {
namespace {

using image::mapped_range;
using paging::rights;

bool permits(const paging::domain& domain, const mapped_range& r, paging::access_type type) {
  const unsigned nested = type == paging::access_type::write ? rights::nested_read | rights::nested_write
                                                             : unsigned{rights::nested_execute_user};
  return r.mapped() && r.granted.has(nested) &&
         domain.guest.policy.guest_permits({type, paging::access_mode::user}, r.granted);
}

/// Adds what the image has of a range.
void add_present(const mapped_range& r, const image::memory_image& image, image_places& to) {
  if (r.one_page) {
    if (image.around(r.host_physical.value).host != nullptr) to.add(r.first, r.bytes);
    return;
  }
  for (std::uint64_t done = 0; done < r.bytes;) {
    const std::uint64_t at = r.host_physical.value + done;
    const memory::contents::run run = image.around(at);
    const std::uint64_t here = std::min(run.last - at, r.bytes - done - 1) + 1;
    if (run.host != nullptr) to.add(r.first + done, here);
    done += here;
  }
}

}  // namespace

void image_places::add(paging::gva first, std::uint64_t bytes) {
  const std::uint64_t before = this->bytes();
  if (!stretches_.empty() && stretches_.back().first + stretches_.back().bytes == first)
    stretches_.back().bytes += bytes;
  else
    stretches_.push_back({first, bytes, before});
}

paging::gva image_places::at(std::uint64_t number) const {
  const auto above = std::upper_bound(stretches_.begin(), stretches_.end(), number,
                                      [](std::uint64_t n, const stretch& s) { return n < s.before; });
  const stretch& s = *(above - 1);
  return s.first + (number - s.before);
}

user_places user_places_of(const paging::domain& domain, const image::memory_image& image) {
  user_places found;
  image::mapping_scan scan(domain, image);
  const bool whole = scan.run([&](const mapped_range& r) {
    if (permits(domain, r, paging::access_type::write)) add_present(r, image, found.writable);
    if (permits(domain, r, paging::access_type::fetch)) add_present(r, image, found.executable);
  });
  if (!whole)
    throw input_error(image.name() +
                      ": the tables map without end, as if they referred to themselves: no place for a workload can be "
                      "chosen; a trace names addresses itself");
  return found;
}

}  // namespace nestwalk::platforms
