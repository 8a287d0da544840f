// Whose access a payload is, for platforms that say so in their own way.
#pragma once

#include <functional>

#include <tlm>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/shared_domain.h"

namespace nestwalk::mmu {

/// What the mmu takes an access for. It comes as `access_extension` has it, or as that of a supervisor whom SMAP lets
/// through where there is none.
struct asker {
  paging::access_mode mode = paging::access_mode::supervisor_ac;
  bool fetch = false;   ///< an instruction fetch; writes are none
  bool modify = false;  ///< a read with write intent
  /// The domain to translate in, kept by the platform for as long as the payload is under way; null for that of the
  /// mmu's registers. `mmu::domain_of` makes one. DMI is granted in it only to initiators that keep grants by context.
  const paging::shared_domain* domain = nullptr;
};

/// Changes what a payload says by what the platform knows. It is asked about each access, DMI request and debug access,
/// and leaves the payload as it is.
using who_asks = std::function<void(const tlm::tlm_generic_payload&, asker&)>;

}  // namespace nestwalk::mmu
