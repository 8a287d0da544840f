#include "nestwalk/translation/translation_stack.h"

namespace nestwalk::translation {

namespace {

template <class In>
std::unique_ptr<tlb::tlb<In>> build(const stack_plan::tlb_part& part) {
  if (!part.config.built()) return nullptr;
  return std::make_unique<tlb::tlb<In>>(part.name.c_str(), part.config);
}

template <class In>
std::unique_ptr<tlb::tlb<In>> build(const std::optional<stack_plan::tlb_part>& part) {
  return part ? build<In>(*part) : nullptr;
}

// One socket leads to the external walker, so that its askers need something to meet in: a TLB that holds nothing.
std::unique_ptr<tlb::tlb<paging::gva>> build_meeting_point() {
  tlb::tlb_config nothing;
  nothing.base.entries = 0;
  return std::make_unique<tlb::tlb<paging::gva>>("walk_requests", nothing);
}

}  // namespace

translation_stack::translation_stack(const stack_plan& plan) {
  for (const stack_plan::tlb_part& part : plan.first) first_tlbs.push_back(build<paging::gva>(part));
  shared_tlb = build<paging::gva>(plan.shared);
  if (plan.first_stage) {
    build_walkers(plan);
    if (shared_tlb) shared_tlb->next_level.bind(first_stage_walker->requests);
  } else {
    if (!shared_tlb) shared_tlb = build_meeting_point();
    shared_tlb->next_level.bind(*plan.external_walker);
  }
  for (const auto& first : first_tlbs)
    if (first) first->next_level.bind(below_first());
}

void translation_stack::build_walkers(const stack_plan& plan) {
  const stack_plan::walker_part& first = *plan.first_stage;
  first_stage_walker = std::make_unique<walker::guest_walker>(first.name.c_str(), first.config);
  first_stage_walker->memory.bind(*first.memory);
  if (!plan.second_stage) return;
  const stack_plan::walker_part& second = *plan.second_stage;
  second_stage_tlb = build<paging::gpa>(plan.second_tlb);
  second_stage_walker = std::make_unique<walker::nested_walker>(second.name.c_str(), second.config);
  second_stage_walker->memory.bind(*second.memory);
  first_stage_walker->second_stage.bind(second_stage());
  if (second_stage_tlb) second_stage_tlb->next_level.bind(second_stage_walker->requests);
}

void translation_stack::let_in(entrance<paging::gva>& asker, std::size_t number) {
  asker.lead_to(first_tlbs[number].get(), below_first());
}

void translation_stack::let_in(entrance<paging::gpa>& asker) {
  asker.lead_to(second_stage_tlb.get(), second_stage_walker->requests);
}

}  // namespace nestwalk::translation
