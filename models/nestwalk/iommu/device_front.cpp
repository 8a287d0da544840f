#include "nestwalk/iommu/device_front.h"

#include <algorithm>

namespace nestwalk::iommu {

void device_front::meet(const tlm::tlm_generic_payload& payload, const protocol::access_extension* asked) {
  request r = request_of(payload, asked, /*writes=*/false);
  r.of.no_bytes = false;
  r.context = remapper::context_of(r.of);
  if (r.context != last_request_.context && grants_.any_unkeyed()) leave(r.context);
  last_request_ = r;
}

device_front::request device_front::request_of(const tlm::tlm_generic_payload& payload,
                                               const protocol::access_extension* asked, bool writes) const {
  request r;
  r.of.source = source_;
  r.of.access = writes ? paging::access_type::write : paging::access_type::read;
  if (asked != nullptr) {
    r.of.type = asked->request;
    r.of.has_pasid = asked->has_pasid;
  }
  if (payload.get_byte_enable_ptr() != nullptr) r.of.no_bytes = !writes && enables_nothing(payload);
  if (r.of.has_pasid) {
    r.of.pasid = asked->pasid & pasid_mask;
    r.of.privileged = asked->mode != paging::access_mode::user;
    if (asked->fetch && !payload.is_write()) r.of.access = paging::access_type::fetch;
  }
  r.access = {r.of.access, r.of.privileged ? paging::access_mode::supervisor : paging::access_mode::user};
  return r;
}

bool device_front::enables_nothing(const tlm::tlm_generic_payload& payload) {
  const unsigned char* const enables = payload.get_byte_enable_ptr();
  return std::all_of(enables, enables + payload.get_byte_enable_length(),
                     [](unsigned char each) { return each == TLM_BYTE_DISABLED; });
}

void device_front::leave(std::uint64_t context) {
  grants_.take_back_where([&](const translation::dmi_grant& g) {
    return g.port == number_ && !g.keyed_by_context && g.origin.context != context;
  });
}

}  // namespace nestwalk::iommu
