// Slots found by a key that several may share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nestwalk::translation {

/// Chains of slots, which are numbered from 0, by a key: a page's base with the log2 of its size in the low bits. To
/// add, to remove and to find cost the same however many slots there are; who looks for a key passes over the few
/// others that share its chain. Pages that lie side by side have chains that do, as programs touch them one after
/// another.
class keyed_slots {
 public:
  using slot = std::uint32_t;
  static constexpr slot none = ~slot{0};

  /// Makes room for as many slots; what is in stays in.
  void grow(std::size_t slots) {
    const std::size_t held = links_.size();
    links_.resize(slots);
    while ((std::size_t{1} << bits_) < slots) ++bits_;
    heads_.assign(std::size_t{1} << bits_, none);
    for (std::size_t s = 0; s < held; ++s)
      if (links_[s].in) link(static_cast<slot>(s));
  }

  void add(slot s, std::uint64_t key) {
    links_[s].key = key;
    links_[s].in = true;
    link(s);
  }
  void remove(slot s) {
    node& n = links_[s];
    (n.before == none ? heads_[chain_of(n.key)] : links_[n.before].after) = n.after;
    if (n.after != none) links_[n.after].before = n.before;
    n.in = false;
  }

  /// The first slot of the key, or `none`, and the one after `s`. In no order that means anything.
  slot first(std::uint64_t key) const { return heads_.empty() ? none : from(heads_[chain_of(key)], key); }
  slot next(slot s) const { return from(links_[s].after, links_[s].key); }

 private:
  struct node {
    std::uint64_t key = 0;
    slot after = none;
    slot before = none;
    bool in = false;
  };

  std::size_t chain_of(std::uint64_t key) const {
    const std::uint64_t page = key >> (key & 63);
    return (page ^ page >> bits_ ^ page >> 2 * bits_) & (heads_.size() - 1);
  }
  slot from(slot s, std::uint64_t key) const {
    while (s != none && links_[s].key != key) s = links_[s].after;
    return s;
  }
  void link(slot s) {
    slot& head = heads_[chain_of(links_[s].key)];
    links_[s].after = head;
    links_[s].before = none;
    if (head != none) links_[head].before = s;
    head = s;
  }

  unsigned bits_ = 4;  // that number the chains
  std::vector<slot> heads_;
  std::vector<node> links_;
};

}  // namespace nestwalk::translation
