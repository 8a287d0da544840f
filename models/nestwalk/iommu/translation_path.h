// The TLBs and walkers of a remapping unit, and the ways into them.
#pragma once

#include <type_traits>

#include <systemc>

#include "nestwalk/iommu/iommu_config.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/translation/entrance.h"
#include "nestwalk/translation/grant_ledger.h"
#include "nestwalk/translation/translation_stack.h"

namespace nestwalk::iommu {

/// An IOTLB over the first stage's walker, and a second-stage TLB over the second stage's: the first stage asks the
/// latter for its tables and pages, and requests that only the second stage translates ask it directly. Built inside a
/// unit's constructor, the parts are the unit's children.
class translation_path {
 public:
  translation_path(const iommu_config& c, protocol::memory_initiator_socket& first_stage_memory,
                   protocol::memory_initiator_socket& second_stage_memory, translation::grant_ledger& grants);

  /// The way in for addresses that the first stage translates, with or without a second.
  translation::entrance<paging::gva> first_stage;
  /// The way in for those that only the second stage translates.
  translation::entrance<paging::gpa> second_stage;

  /// The way in for addresses of that kind.
  template <class In>
  translation::entrance<In>& way_in() {
    if constexpr (std::is_same_v<In, paging::gva>)
      return first_stage;
    else
      return second_stage;
  }
  /// Takes away what is selected, in every TLB and walk cache.
  void invalidate(const paging::selector& s);

  /// The TLBs and walkers, to observe and to count.
  const translation::translation_stack& parts() const { return stack_; }
  void describe(statistics::group& into);

 private:
  translation::translation_stack stack_;
};

}  // namespace nestwalk::iommu
