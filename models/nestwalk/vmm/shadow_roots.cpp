#include "nestwalk/vmm/shadow_roots.h"

namespace nestwalk::vmm {

shadow_root* shadow_roots::find(const root_identity& identity) {
  for (const auto& root : slots_)
    if (root && root->identity == identity) return root.get();
  return nullptr;
}

unsigned shadow_roots::free_slot() {
  unsigned oldest = 0;
  bool found = false;
  for (unsigned i = 0; i < slots_.size(); ++i) {
    if (!slots_[i]) return i;
    if (slots_[i].get() == current_) continue;
    if (!found || slots_[i]->last_used < slots_[oldest]->last_used) oldest = i;
    found = true;
  }
  tables_.uproot(*slots_[oldest]);
  slots_[oldest].reset();
  ++counts_.evicted;
  return oldest;
}

void shadow_roots::load(const root_identity& identity, const paging::guest_stage& stage, unsigned levels,
                        const guest_place& place) {
  if (shadow_root* const kept = find(identity)) {
    if (kept != current_) ++counts_.reused;
    current_ = kept;
    answer(*kept);
  } else {
    const unsigned slot = free_slot();
    slots_[slot] = std::make_unique<shadow_root>();
    current_ = slots_[slot].get();
    current_->identity = identity;
    current_->stage = stage;
    current_->levels = levels;
    current_->tag = static_cast<std::uint16_t>(first_tag + slot);
    if (tag_used_[slot]) current_->must.add_all();
    tag_used_[slot] = true;
    tables_.plant(*current_, place);
    ++counts_.made;
  }
  current_->last_used = ++clock_;
}

void shadow_roots::release(shadow_root& root) {
  for (auto& slot : slots_) {
    if (slot.get() != &root) continue;
    tables_.uproot(root);
    slot.reset();
    ++counts_.released;
  }
}

// With nothing narrowed since the last flush, the TLBs hold nothing that the tables would not answer.
void shadow_roots::flush_all_of(shadow_root& root) {
  synchroniser_.bring_in_under(root);
  if (root.stale) root.must.add_all();
}

void shadow_roots::flush_one_of(shadow_root& root, paging::gva address) {
  synchroniser_.bring_in_address(root, address);
  if (root.stale) root.must.add(address);
}

void shadow_roots::answer(shadow_root& root) {
  if (root.asked.all()) flush_all_of(root);
  for (const paging::gva address : root.asked.addresses()) flush_one_of(root, address);
  root.asked.clear();
}

void shadow_roots::flush_pcid(std::uint16_t pcid) {
  for (const auto& root : slots_)
    if (root && root->identity.pcid == pcid) root->asked.add_all();
  answer(*current_);
}

void shadow_roots::flush_every() {
  for (const auto& root : slots_)
    if (root) root->asked.add_all();
  answer(*current_);
}

void shadow_roots::flush_address(std::uint16_t pcid, paging::gva address, bool every_pcid) {
  for (const auto& root : slots_)
    if (root && (every_pcid || root->identity.pcid == pcid)) root->asked.add(address);
  answer(*current_);
}

void shadow_roots::settle() {
  shadow_root& root = *current_;
  if (root.must.all()) {
    host_.flush_tag(root.tag);
    root.stale = false;
  }
  for (const paging::gva address : root.must.addresses()) host_.flush_address(root.tag, address);
  root.must.clear();
}

}  // namespace nestwalk::vmm
