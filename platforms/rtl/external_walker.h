// A walker of both stages that is not the mmu's own.
#pragma once

#include <memory>

#include <systemc>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/translation.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::platforms {

/// What a machine binds to an mmu's socket `external_walker` and to its caches.
class external_walker {
 public:
  virtual ~external_walker() = default;
  /// Faces the mmu.
  virtual protocol::translation_target_socket<paging::gva>& requests() = 0;
  /// Faces the memory that tables are read from.
  virtual protocol::memory_initiator_socket& memory() = 0;
  virtual void describe(statistics::group& into) = 0;
};

/// The RTL walker with 16 contexts, as a module of that name. Throws `input_error`, with what to install, where this
/// build has none.
std::unique_ptr<external_walker> make_rtl_walker(const char* name, const sc_core::sc_time& cycle, bool use_dmi);

}  // namespace nestwalk::platforms
