// The fast path of the dram: reads of an aligned qword, which walkers ask without end. dram.cpp has the general one,
// `serve_any`, which answers the same.
#include <cstring>

#include "nestwalk/memory/dram.h"

namespace nestwalk::memory {
namespace {

constexpr unsigned qword = 8;

/// Whether a payload is a read of a qword with nothing out of the ordinary about it.
bool reads_qword(const tlm::tlm_generic_payload& payload) {
  return payload.is_read() && payload.get_data_length() == qword && payload.get_streaming_width() >= qword &&
         payload.get_byte_enable_ptr() == nullptr;
}

}  // namespace

void dram::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  dram::transport(payload, payload.get_extension<protocol::access_extension>(), delay);
}

void dram::transport(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay) {
  if (!usually(access != nullptr && access->only_extension && reads_qword(payload)))
    return serve_any(payload, access, delay);
  const std::uint64_t address = payload.get_address();
  const unsigned char* const host = store_.touched_qword(address);
  if (!usually(host != nullptr)) return serve_any(payload, access, delay);
  ++counts_.reads;
  std::memcpy(payload.get_data_ptr(), host, qword);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  payload.set_dmi_allowed(true);
  access->served_by = protocol::memory_level::dram;
  take_time(address, qword, delay);
}

}  // namespace nestwalk::memory
