#include "nestwalk/cpu/cycle_account.h"

#include "nestwalk/cpu/party_observer.h"

namespace nestwalk::cpu {

void cycle_account::tell(const sc_core::sc_time& now) {
  observer_->ran(running_, now);
}

}  // namespace nestwalk::cpu
