#include "nestwalk/iommu/translation_path.h"

namespace nestwalk::iommu {

namespace {

translation::stack_plan plan_of(const iommu_config& c, protocol::memory_initiator_socket& first_stage_memory,
                                protocol::memory_initiator_socket& second_stage_memory) {
  using tlb_part = translation::stack_plan::tlb_part;
  using walker_part = translation::stack_plan::walker_part;
  translation::stack_plan plan;
  plan.first = {{"iotlb", c.iotlb}};
  plan.first_stage = walker_part{"first_stage_walker", c.first_stage_walker, &first_stage_memory};
  plan.second_tlb = tlb_part{"second_stage_tlb", c.second_stage_tlb};
  plan.second_stage = walker_part{"second_stage_walker", c.second_stage_walker, &second_stage_memory};
  return plan;
}

}  // namespace

translation_path::translation_path(const iommu_config& c, protocol::memory_initiator_socket& first_stage_memory,
                                   protocol::memory_initiator_socket& second_stage_memory,
                                   translation::grant_ledger& grants)
    : first_stage("first_stage", grants),
      second_stage("second_stage", grants),
      stack_(plan_of(c, first_stage_memory, second_stage_memory)) {
  stack_.let_in(first_stage, 0);
  stack_.let_in(second_stage);
}

void translation_path::invalidate(const paging::selector& s) {
  sc_core::sc_time delay;  // the engine counts what an invalidation takes
  first_stage.invalidate(s, delay);
}

void translation_path::describe(statistics::group& into) {
  into.describe("iotlb", stack_.first_tlbs.front());
  into.describe("second_stage_tlb", stack_.second_stage_tlb);
  into.describe("first_stage_walker", stack_.first_stage_walker);
  into.describe("second_stage_walker", stack_.second_stage_walker);
}

}  // namespace nestwalk::iommu
