#include "platforms/explain/explain_run.h"

#include <algorithm>
#include <vector>

#include "platforms/explain/explain_source.h"
#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {
namespace {

unsigned guest_page(const configuration& c) {
  switch (c.guest.pages) {
    case guest::page_policy::pages_4k: return paging::page_4k;
    case guest::page_policy::pages_2m: return paging::page_2m;
    case guest::page_policy::pages_1g: return paging::page_1g;
  }
  return paging::page_4k;
}

// The page beside the one of `address`, of a size of 2^`size_log2` bytes: of such a pair the tables are the same.
paging::gva neighbour(paging::gva address, unsigned size_log2) {
  return paging::gva(address.value ^ std::uint64_t{1} << size_log2);
}

// For an unmapped page its neighbour is the next page that the guest would map by itself; else it is near enough to
// share tables, and still is another mapping, which is as large as the smaller of both stages' pages.
paging::gva neighbour(paging::gva address, explain_form form, const machine& m) {
  const unsigned in_guest = guest_page(m.config());
  if (form == explain_form::unmapped || m.mode() == machine_mode::native) return neighbour(address, in_guest);
  return neighbour(address, std::min(in_guest, m.config().vmm.backing_log2));
}

}  // namespace

std::optional<walk_record> explain(machine& m, paging::gva address, explain_form form) {
  std::optional<walk_record> told;
  walk_recorder recorder(m.config().core.cycle, [&](const walk_record& record) {
    // Of an unmapped page the walk before the guest maps it; else the only one.
    if (!told && record.address.base(paging::page_4k) == address.base(paging::page_4k)) told = record;
  });
  const paging::gva beside = neighbour(address, form, m);
  const auto clear = [&m] { m.clear_caches(); };
  const auto follow = [&] { m.observe_walks(&recorder); };
  const auto clear_and_follow = [&] {
    m.clear_caches();
    m.observe_walks(&recorder);
  };

  std::vector<explain_source::step> steps;
  switch (form) {
    case explain_form::cold: steps = {{address, {}}, {address, clear_and_follow}}; break;
    case explain_form::warm: steps = {{address, {}}, {beside, {}}, {beside, clear}, {address, follow}}; break;
    case explain_form::unmapped: steps = {{beside, {}}, {address, clear_and_follow}}; break;
  }
  explain_source source(std::move(steps));
  cpu::program what;
  what.operations = &source;
  m.run(what);
  m.observe_walks(nullptr);
  return told;
}

}  // namespace nestwalk::platforms
