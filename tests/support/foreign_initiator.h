// An initiator that knows nothing of nestwalk: a convenience socket, plain payloads, a mark of its own.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

namespace nestwalk::test {

/// A mark of somebody else's on a payload: which context asks, and whether a store is exclusive.
class foreign_mark : public tlm::tlm_extension<foreign_mark> {
 public:
  unsigned context = 0;
  bool exclusive = false;

  tlm::tlm_extension_base* clone() const override { return new foreign_mark(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const foreign_mark&>(other); }
};

/// Sends what a test says, and remembers which DMI was taken back.
class foreign_initiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<foreign_initiator> socket{"socket"};
  tlm::tlm_generic_payload payload;
  std::uint64_t value = 0;
  sc_core::sc_time delay;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_back;

  explicit foreign_initiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_invalidate_direct_mem_ptr(this, &foreign_initiator::invalidate);
  }

  /// A payload as a careful initiator makes it.
  tlm::tlm_generic_payload& make(tlm::tlm_command command, std::uint64_t at, void* data, unsigned length) {
    payload.set_command(command);
    payload.set_address(at);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    payload.set_gp_option(tlm::TLM_MIN_PAYLOAD);
    return payload;
  }
  tlm::tlm_generic_payload& reading(std::uint64_t at, unsigned length = 8) {
    return make(tlm::TLM_READ_COMMAND, at, &value, length);
  }
  tlm::tlm_generic_payload& writing(std::uint64_t at, unsigned length = 8) {
    return make(tlm::TLM_WRITE_COMMAND, at, &value, length);
  }
  tlm::tlm_response_status send() {
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
  bool read(std::uint64_t at) { return (reading(at), send() == tlm::TLM_OK_RESPONSE); }
  bool write(std::uint64_t at, std::uint64_t v) {
    value = v;
    return (writing(at), send() == tlm::TLM_OK_RESPONSE);
  }

 private:
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { taken_back.emplace_back(first, last); }
};

}  // namespace nestwalk::test
