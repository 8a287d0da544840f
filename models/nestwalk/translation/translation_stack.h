// TLBs and walkers, built from a configuration and bound to one another.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <systemc>

#include "nestwalk/protocol/translation.h"
#include "nestwalk/tlb/tlb.h"
#include "nestwalk/translation/entrance.h"
#include "nestwalk/translation/stack_plan.h"
#include "nestwalk/walker/guest_walker.h"
#include "nestwalk/walker/nested_walker.h"

namespace nestwalk::translation {

/// First TLBs over a shared one, over the first stage's walker, which asks a TLB of guest-physical addresses over the
/// second stage's walker for its tables and pages. What has size 0 is not built, and the next takes its place. Built
/// inside a module's constructor, the parts are that module's children.
///
/// Memory may wait, and an invalidation come by while a part waits for an answer. Each part then uses that answer for
/// the access that asked and does not keep it: it compares its epoch, which every invalidation moves on.
class translation_stack {
 public:
  using gva_tlb = tlb::tlb<paging::gva>;
  using gpa_tlb = tlb::tlb<paging::gpa>;

  explicit translation_stack(const stack_plan& plan);

  /// Leads the asker of that number to its first TLB, or to what stands in its place.
  void let_in(entrance<paging::gva>& asker, std::size_t number);
  /// Leads who asks for guest-physical addresses into the second stage, which must be built.
  void let_in(entrance<paging::gpa>& asker);

  // The parts, to observe and to count; null where not built.
  std::vector<std::unique_ptr<gva_tlb>> first_tlbs;  ///< by the number of their askers
  std::unique_ptr<gva_tlb> shared_tlb;
  std::unique_ptr<walker::guest_walker> first_stage_walker;
  std::unique_ptr<gpa_tlb> second_stage_tlb;
  std::unique_ptr<walker::nested_walker> second_stage_walker;

 private:
  using gva_requests = protocol::translation_target_socket<paging::gva>;
  using gpa_requests = protocol::translation_target_socket<paging::gpa>;

  void build_walkers(const stack_plan& plan);
  gva_requests& below_first() { return shared_tlb ? shared_tlb->requests : first_stage_walker->requests; }
  gpa_requests& second_stage() { return second_stage_tlb ? second_stage_tlb->requests : second_stage_walker->requests; }
};

}  // namespace nestwalk::translation
