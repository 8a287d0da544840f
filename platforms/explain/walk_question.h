// What `explain` asks.
#pragma once

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/address.h"

namespace nestwalk::platforms {

/// An access of one byte.
struct walk_question {
  paging::gva address;
  paging::access access;
};

}  // namespace nestwalk::platforms
