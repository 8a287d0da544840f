// A domain that several hold: registers, walks under way, transfers in flight.
#pragma once

#include <utility>

#include "nestwalk/paging/stage.h"

namespace nestwalk::paging {

/// A counted reference to an immutable domain; the last holder ends it. SystemC runs one thread at a time, so the count
/// is a plain number: holders that run in parallel need references of their own.
class shared_domain {
 public:
  /// A domain of its own, with the values of `d`.
  explicit shared_domain(const domain& d = {}) : held_(new counted{d, 1}) {}
  shared_domain(const shared_domain& other) : held_(other.held_) { ++held_->holders; }
  shared_domain& operator=(const shared_domain& other) {
    shared_domain copy(other);
    std::swap(held_, copy.held_);
    return *this;
  }
  ~shared_domain() {
    if (--held_->holders == 0) delete held_;
  }

  const domain& operator*() const { return held_->value; }
  const domain* operator->() const { return &held_->value; }

  /// The domain to be changed by its maker: in place where nobody else holds it, else a copy that others do not see.
  domain& edit() {
    if (held_->holders > 1) *this = shared_domain(held_->value);
    return held_->value;
  }

 private:
  struct counted {
    domain value;
    unsigned holders;
  };
  counted* held_;
};

}  // namespace nestwalk::paging
