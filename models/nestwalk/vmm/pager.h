// How a VMM translates for its guest: what nested and shadow paging have in common.
#pragma once

#include "nestwalk/paging/address.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::vmm {

/// Called on the host's time of the exit (`host::begin`).
class pager {
 public:
  pager() = default;
  pager(const pager&) = delete;
  pager& operator=(const pager&) = delete;
  virtual ~pager() = default;

  /// Makes the first tables and writes the controls that the guest starts under.
  virtual void start() = 0;
  /// Handles an exit and answers it.
  virtual void handle(protocol::vm_exit& exit) = 0;
  /// Takes every mapping of a backed 4-KByte guest page away, for the tables and, before the guest runs again, for the
  /// TLBs.
  virtual void withdraw(paging::gpa page) = 0;
  /// Performs the flushes that are due before the guest runs again.
  virtual void resume() = 0;
  virtual void describe(statistics::group& into) = 0;
};

}  // namespace nestwalk::vmm
