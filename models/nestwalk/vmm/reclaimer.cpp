#include "nestwalk/vmm/reclaimer.h"

namespace nestwalk::vmm {

void reclaimer::after_exit() {
  const reclaim_config& c = config_.reclaim;
  if (c.pages == 0 || ++exits_ < c.exits) return;
  exits_ = 0;
  for (std::uint64_t i = 0; i < c.pages && memory_.resident() > c.keep_at_least; ++i) {
    const auto page = memory_.next_backed(hand_);
    if (!page) return;
    host_.execute(config_.instructions.reclaimed_page);
    pager_.withdraw(*page);
    memory_.take(*page);
    hand_ = *page + (std::uint64_t{1} << paging::page_4k);
  }
}

}  // namespace nestwalk::vmm
