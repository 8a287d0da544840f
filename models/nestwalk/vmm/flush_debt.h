// Addresses that have to be flushed, or all of them.
#pragma once

#include <vector>

#include "nestwalk/paging/address.h"

namespace nestwalk::vmm {

/// What is to be flushed before a shadow root runs again: a few addresses, or, beyond `most`, everything.
class flush_debt {
 public:
  static constexpr std::size_t most = 8;

  void add(paging::gva address) {
    if (all_) return;
    if (addresses_.size() == most) {
      add_all();
      return;
    }
    addresses_.push_back(address);
  }
  void add_all() {
    all_ = true;
    addresses_.clear();
  }
  void clear() {
    all_ = false;
    addresses_.clear();
  }
  bool all() const { return all_; }
  const std::vector<paging::gva>& addresses() const { return addresses_; }

 private:
  bool all_ = false;
  std::vector<paging::gva> addresses_;
};

}  // namespace nestwalk::vmm
