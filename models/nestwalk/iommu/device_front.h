// Whose request a device's access is, and what becomes of it: the front of a device's memory port.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "nestwalk/iommu/remapper.h"
#include "nestwalk/paging/usually.h"
#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/translation/access_counters.h"
#include "nestwalk/translation/grant_ledger.h"
#include "nestwalk/translation/memory_port.h"

namespace nestwalk::iommu {

/// The requests of one requester id. PASID, privilege and whether the address is translated already its payloads say;
/// those that differ in them go by different translations, so that a grant for one holds until another comes by.
class device_front {
 public:
  struct request {
    paging::access access;
    paging::vtd::request of;
    std::uint64_t context = 0;  ///< of the request, as the remapper numbers them
  };

  /// `number` is that of the device's port in the ledger of grants.
  device_front(std::uint16_t source, remapper& unit, translation::grant_ledger& grants, unsigned number)
      : source_(source), unit_(unit), grants_(grants), number_(number) {
    last_request_.of.source = source;
    last_request_.context = remapper::context_of(last_request_.of);
  }

  std::uint16_t source() const { return source_; }

  request arrived(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) {
    const bool writes = payload.is_write();
    if (!paging::usually(is_as_before(asked, writes))) meet(payload, asked);
    request r = last_request_;
    if (writes) r.access.type = r.of.access = paging::access_type::write;
    if (payload.get_byte_enable_ptr() != nullptr) r.of.no_bytes = !writes && enables_nothing(payload);
    return r;
  }
  static constexpr bool asks_platform() { return false; }
  request arrived_plain(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) {
    return arrived(payload, asked);
  }
  request seen(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) const {
    return request_of(payload, asked, /*writes=*/false);
  }
  paging::gva linear(const request&, std::uint64_t address) const { return paging::gva(address); }
  bool translate(const request& r, paging::gva at, unsigned length, paging::hpa& output, paging::fault& why,
                 translation::access_counters&, sc_core::sc_time& delay) {
    return unit_.remap(r.of, r.context, at.value, length, last_, output, why, delay);
  }
  bool look(const request& r, paging::gva at, paging::access_type type, translation::seen_mapping& seen) {
    paging::vtd::request asked = r.of;
    asked.access = type;
    return unit_.look(asked, at.value, seen);
  }
  bool grants(const request&, const protocol::access_extension*) const { return true; }
  void refused(const tlm::tlm_generic_payload&, const paging::fault&) {}
  sc_core::sc_time latency(const translation::seen_mapping& seen) const { return unit_.hit_latency(seen); }

 private:
  static constexpr std::uint32_t pasid_mask = 0xfffff;

  request request_of(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked,
                     bool writes) const;
  bool is_as_before(const protocol::access_extension* asked, bool writes) const;
  void meet(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked);
  static bool enables_nothing(const tlm::tlm_generic_payload& payload);
  void leave(std::uint64_t context);

  const std::uint16_t source_;
  remapper& unit_;
  translation::grant_ledger& grants_;
  const unsigned number_;
  last_resolution last_;
  request last_request_;  // as a read of all its bytes, for others that say the same of themselves
};

// Whether an access says of itself what the last one said.
inline bool device_front::is_as_before(const protocol::access_extension* asked, bool writes) const {
  const paging::vtd::request& last = last_request_.of;
  if (asked == nullptr) return !last.has_pasid && last.type == paging::vtd::request_type::untranslated;
  if (asked->request != last.type || asked->has_pasid != last.has_pasid) return false;
  if (!last.has_pasid) return true;
  return (asked->pasid & pasid_mask) == last.pasid && (asked->mode != paging::access_mode::user) == last.privileged &&
         (asked->fetch && !writes) == (last.access == paging::access_type::fetch);
}

}  // namespace nestwalk::iommu
