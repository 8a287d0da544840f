#include "nestwalk/image/mapped_range.h"

namespace nestwalk::image {
namespace {

bool alike(const paging::fault& a, const paging::fault& b) {
  return a.kind == b.kind && a.cause == b.cause && a.stage == b.stage && a.why == b.why;
}

bool alike(const mapped_range& a, const mapped_range& b) {
  return a.guest_size_log2 == b.guest_size_log2 && a.nested_size_log2 == b.nested_size_log2 && a.global == b.global &&
         a.granted == b.granted && alike(a.why, b.why);
}

}  // namespace

bool mapped_range::take(const mapped_range& next) {
  if (bytes == 0 || end() != next.first.value || !alike(*this, next)) return false;
  const bool same_place = guest_physical == next.guest_physical && host_physical == next.host_physical;
  if (mapped() && same_place) {
    const std::uint64_t page = std::uint64_t{1} << page_log2();
    if ((bytes != page && !one_page) || (next.bytes != page && !next.one_page)) return false;
    one_page = true;
  } else {
    if (one_page || next.one_page) return false;
    if (known_to_guest() && guest_physical + bytes != next.guest_physical) return false;
    if (mapped() && host_physical + bytes != next.host_physical) return false;
  }
  bytes += next.bytes;
  return true;
}

}  // namespace nestwalk::image
