// One payload's extensions on another, for a part of its way.
#pragma once

#include <tlm>

namespace nestwalk::protocol {

/// While it lives, `to` carries the extensions of `from`, but for that of index `but`, of which it keeps its own. So
/// what others have marked an access with stays with each piece of it.
class lent_extensions {
 public:
  lent_extensions(tlm::tlm_generic_payload& to, const tlm::tlm_generic_payload& from, unsigned but)
      : to_(to), but_(but) {
    for (unsigned i = 0; i < tlm::max_num_extensions(); ++i)
      if (i != but_) to_.set_extension(i, from.get_extension(i));
  }
  ~lent_extensions() {
    for (unsigned i = 0; i < tlm::max_num_extensions(); ++i)
      if (i != but_) to_.set_extension(i, nullptr);
  }
  lent_extensions(const lent_extensions&) = delete;
  lent_extensions& operator=(const lent_extensions&) = delete;

 private:
  tlm::tlm_generic_payload& to_;
  unsigned but_;
};

}  // namespace nestwalk::protocol
