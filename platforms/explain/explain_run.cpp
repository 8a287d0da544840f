#include "platforms/explain/explain_run.h"

#include <vector>

#include "platforms/explain/explain_source.h"
#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t neighbour = 0x1000;  // the other page of a pair shares every table

}  // namespace

std::optional<walk_record> explain(machine& m, paging::gva address, explain_form form) {
  std::optional<walk_record> told;
  walk_recorder recorder(m.config().core.cycle, [&](const walk_record& record) {
    // Of an unmapped page the walk before the guest maps it; else the only one.
    if (!told && record.address.base(paging::page_4k) == address.base(paging::page_4k)) told = record;
  });
  const paging::gva beside(address.value ^ neighbour);
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
