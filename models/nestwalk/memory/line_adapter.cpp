#include "nestwalk/memory/line_adapter.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "nestwalk/memory/data_transfer.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/protocol/lent_extensions.h"

namespace nestwalk::memory {

line_adapter::line_adapter(const sc_core::sc_module_name& name, unsigned line) : sc_module(name), line_(line) {
  if (line == 0 || (line & (line - 1)) != 0)
    throw input_error(std::string(this->name()) + ": a line of " + std::to_string(line) +
                      " bytes; take a power of two, such as 64");
  cpu_side.bind(*this);
  memory_side.bind(*this);
}

void line_adapter::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (has_no_effect(payload)) return;
  if (const auto status = check_attributes(payload); status != tlm::TLM_OK_RESPONSE)
    return payload.set_response_status(status);
  for (unsigned done = 0; done < payload.get_data_length();) {
    const std::uint64_t at = payload.get_address() + done;
    const auto first = static_cast<unsigned>(at & (line_ - 1));
    const part p{at - first, first, std::min(line_ - first, payload.get_data_length() - done), done};
    const tlm::tlm_response_status status = serve(payload, p, delay);
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE) return;
    done += p.count;
  }
}

tlm::tlm_response_status line_adapter::serve(tlm::tlm_generic_payload& payload, const part& p,
                                             sc_core::sc_time& delay) {
  std::vector<unsigned char> bytes(line_);
  const bool whole = p.count == line_ && payload.get_byte_enable_ptr() == nullptr;
  if (!payload.is_write() || !whole)
    if (const auto status = send(payload, tlm::TLM_READ_COMMAND, p.line, bytes, delay); status != tlm::TLM_OK_RESPONSE)
      return status;
  move_bytes(payload, bytes.data() + p.first, p.offset, p.count);
  if (!payload.is_write()) return tlm::TLM_OK_RESPONSE;
  return send(payload, tlm::TLM_WRITE_COMMAND, p.line, bytes, delay);
}

tlm::tlm_response_status line_adapter::send(const tlm::tlm_generic_payload& whole, tlm::tlm_command command,
                                            std::uint64_t line, std::vector<unsigned char>& bytes,
                                            sc_core::sc_time& delay) {
  const protocol::payload_lease lease(payloads_);
  tlm::tlm_generic_payload& payload = *lease;
  const protocol::lent_extensions lent(payload, whole, protocol::exchange_extension::ID);
  payload.set_command(command);
  payload.set_address(line);
  payload.set_data_ptr(bytes.data());
  payload.set_data_length(line_);
  payload.set_streaming_width(line_);
  memory_side->b_transport(payload, delay);
  return payload.get_response_status();
}

}  // namespace nestwalk::memory
