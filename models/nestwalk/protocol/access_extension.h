// What an initiator adds to a payload on a memory socket, and what comes back beside the response status.
#pragma once

#include <cstdint>

#include <tlm>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/vtd_request.h"
#include "nestwalk/protocol/memory_level.h"

namespace nestwalk::protocol {

/// Ignorable extension of the base protocol (IEEE 1666, 14.21). A plain initiator without it is served as an explicit
/// supervisor data access with EFLAGS.AC set; a target that does not know it leaves the answers as they are.
class access_extension : public tlm::tlm_extension<access_extension> {
 public:
  // Asked.
  paging::access_mode mode = paging::access_mode::supervisor_ac;  ///< whose rights the access has
  bool fetch = false;                   ///< an instruction fetch; else data, by the payload's command
  bool modify = false;                  ///< a read with write intent (a read-modify-write): rights and flags of a write
  bool keys_grants_by_context = false;  ///< DMI: the initiator keeps grants by context; a switch takes none back
  std::uint32_t requester = 0;          ///< which device or core asks
  /// A device's request: whether the address is translated already, and its PASID, 20 bits, where it has one. Its
  /// privilege is `mode`.
  paging::vtd::request_type request = paging::vtd::request_type::untranslated;
  bool has_pasid = false;
  std::uint32_t pasid = 0;

  /// The payload carries neither an exchange_extension nor a line_transfer, so that a target need not look for one: a
  /// look costs a call.
  bool only_extension = false;

  // Answered.
  paging::fault fault;                          ///< why translation failed, where the response is an address error
  memory_level served_by = memory_level::none;  ///< the level that answered

  tlm::tlm_extension_base* clone() const override { return new access_extension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const access_extension&>(other); }
  access_extension() = default;
  access_extension(const access_extension&) = default;
  access_extension& operator=(const access_extension&) = default;
  ~access_extension() override = default;
};

}  // namespace nestwalk::protocol
