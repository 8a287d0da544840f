// Any bytes as a machine's memory: it is refused, or its tables are scanned and walked to the same end.
#include <vector>

#include "fuzz_target.h"
#include "memory_file.h"
#include "nestwalk/image/mapping_census.h"
#include "nestwalk/image/mapping_scan.h"
#include "nestwalk/paging/two_stage_walk.h"
#include "nestwalk/protocol/error.h"

namespace {

using namespace nestwalk;

/// The image, looked at alone.
struct looked_at {
  const image::memory_image& image;
  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) { return image.read(at, bytes, value); }
  paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
};

/// Machines of every format whose tables begin where the image does, and those that its notes tell of.
std::vector<paging::domain> machines_of(const image::memory_image& image) {
  const paging::capabilities processor;
  const std::uint64_t first = image.segments().front().first;
  paging::paging_registers long_mode;
  long_mode.cr0 = paging::cr0::pg | paging::cr0::pe | paging::cr0::wp;
  long_mode.cr4 = paging::cr4::pae | paging::cr4::pge;
  long_mode.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
  long_mode.cr3 = first;
  std::vector<paging::paging_registers> guests{long_mode};
  for (const image::cpu_registers& each : image.cpus()) {
    guests.push_back(long_mode);
    guests.back().cr0 = each.cr0;
    guests.back().cr3 = each.cr3;
    guests.back().cr4 = each.cr4;
  }
  guests.push_back(long_mode);
  guests.back().efer = 0;  // PAE; its PDPTEs are somewhere in the image
  guests.back().pdpte = {first | 1, 0, (first + 4096) | 1, first};
  guests.push_back(guests.back());
  guests.back().cr4 = paging::cr4::pse;

  std::vector<paging::domain> made;
  for (const paging::paging_registers& guest : guests) {
    paging::domain c;
    c.guest = paging::decode_guest(guest, processor);
    made.push_back(c);
    c.nested_on = true;
    c.nested = paging::decode_ept({(first & ~std::uint64_t{4095}) | 0x1e}, processor);
    c.guest = paging::decode_guest(guest, processor, &c.nested);
    made.push_back(c);
    c.nested = paging::decode_npt(long_mode, processor);
    c.guest = paging::decode_guest(guest, processor, &c.nested);
    made.push_back(c);
  }
  return made;
}

/// What the scan says of a range, a walk to its first address must say too.
void check(const image::mapped_range& r, const paging::domain& c, const image::memory_image& image) {
  if (!r.mapped()) return;
  looked_at memory{image};
  const bool user = r.granted.has(paging::rights::user);
  const paging::access a{paging::access_type::read, user ? paging::access_mode::user : paging::access_mode::supervisor};
  const paging::outcome came = paging::two_stage_walk<looked_at>(c, memory).translate(r.first, a);
  if (came.mapped() ? came.output != r.host_physical : r.granted.has(paging::rights::nested_read))
    test::finding("a walk and the scan differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_checked = 256;
  const test::memory_file file(data, size);
  try {
    const auto image = image::memory_image::open(file.path());
    for (const paging::domain& c : machines_of(*image)) {
      std::size_t checked = 0;
      image::mapping_census census;
      image::mapping_scan scan(c, *image, {1 << 14, 16});
      scan.run([&](const image::mapped_range& r) {
        census.add(r);
        if (checked++ < most_checked) check(r, c, *image);
      });
      census.finish();
      if (census.reached_by(~std::uint64_t{0}) != census.total().bytes) test::finding("a census that does not add up");
    }
  } catch (const input_error&) {
  }
  return 0;
}
