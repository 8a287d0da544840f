#include "mmu/translation_stack.h"

namespace nestwalk::mmu {

namespace {

template <class In>
std::unique_ptr<tlb::tlb<In>> build(const char* name, const tlb::tlb_config& c) {
  if (c.arrays.empty()) return nullptr;
  return std::make_unique<tlb::tlb<In>>(name, c);
}

}  // namespace

translation_stack::translation_stack(const mmu_config& c, const ends& to) {
  build_tlbs(c);
  if (c.walker == walker_choice::modelled) {
    build_walkers(c, to);
    if (l2_tlb) l2_tlb->next.bind(guest_walker->requests);
  } else {
    l2_tlb->next.bind(to.walks);
  }
  if (l1i_tlb) bind_below_l1(l1i_tlb->next);
  if (l1d_tlb) bind_below_l1(l1d_tlb->next);
  close(to);
}

void translation_stack::close(const ends& to) {
  auto& no_memory = static_cast<protocol::memory_backward&>(nobody_);
  if (guest_walker)
    to.walks.bind(static_cast<protocol::translation_bw_if<paging::gva>&>(nobody_));
  else
    to.guest_table_memory.bind(no_memory);
  if (!nested_walker) to.nested_table_memory.bind(no_memory);
}

void translation_stack::build_tlbs(const mmu_config& c) {
  l1i_tlb = build<paging::gva>("l1i_tlb", c.l1i_tlb);
  l1d_tlb = build<paging::gva>("l1d_tlb", c.l1d_tlb);
  l2_tlb = build<paging::gva>("l2_tlb", c.l2_tlb);
  // One socket leaves the mmu, so that two askers need something to meet in: a TLB that holds nothing.
  if (!l2_tlb && c.walker == walker_choice::external) {
    tlb::tlb_config nothing;
    nothing.arrays.clear();
    l2_tlb = std::make_unique<gva_tlb>("walk_requests", nothing);
  }
}

void translation_stack::build_walkers(const mmu_config& c, const ends& to) {
  guest_walker = std::make_unique<walker::guest_walker>("guest_walker", c.guest_walker);
  guest_walker->memory.bind(to.guest_table_memory);
  if (!c.nested) return;
  nested_tlb = build<paging::gpa>("nested_tlb", c.nested_tlb);
  nested_walker = std::make_unique<walker::nested_walker>("nested_walker", c.nested_walker);
  nested_walker->memory.bind(to.nested_table_memory);
  if (nested_tlb) {
    guest_walker->next.bind(nested_tlb->requests);
    nested_tlb->next.bind(nested_walker->requests);
  } else {
    guest_walker->next.bind(nested_walker->requests);
  }
}

template <class Socket>
void translation_stack::bind_below_l1(Socket& asker) {
  if (l2_tlb)
    asker.bind(l2_tlb->requests);
  else
    asker.bind(guest_walker->requests);
}

void translation_stack::bind_top(gva_tlb* first, protocol::translation_initiator_socket<paging::gva>& asker) {
  if (first != nullptr)
    asker.bind(first->requests);
  else
    bind_below_l1(asker);
}

void translation_stack::bind_second_stage(optional_translation_socket<paging::gpa>& asker) {
  if (nested_tlb)
    asker.bind(nested_tlb->requests);
  else if (nested_walker)
    asker.bind(nested_walker->requests);
}

void translation_stack::describe(statistics::group& into) {
  if (l1i_tlb) l1i_tlb->describe(into.child("l1i_tlb"));
  if (l1d_tlb) l1d_tlb->describe(into.child("l1d_tlb"));
  if (l2_tlb) l2_tlb->describe(into.child("l2_tlb"));
  if (guest_walker) guest_walker->describe(into.child("guest_walker"));
  if (nested_tlb) nested_tlb->describe(into.child("nested_tlb"));
  if (nested_walker) nested_walker->describe(into.child("nested_walker"));
}

}  // namespace nestwalk::mmu
