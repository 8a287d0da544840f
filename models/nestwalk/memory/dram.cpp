#include "nestwalk/memory/dram.h"

#include <algorithm>
#include <cstring>

#include "nestwalk/memory/data_transfer.h"
#include "nestwalk/memory/line_transfer.h"
#include "nestwalk/protocol/access_extension.h"

namespace nestwalk::memory {
dram::dram(const sc_core::sc_module_name& name, const dram_config& config, contents* filled)
    : sc_module(name),
      store_(config.size, this->name(), config.huge_host_pages, filled),
      timing_(config.timing, this->name()) {
  cpu_side.bind(*this);
}

void dram::serve_any(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay) {
  const tlm::tlm_response_status status = serve(payload, delay);
  payload.set_response_status(status);
  if (status != tlm::TLM_OK_RESPONSE) {
    ++counts_.errors;
    return;
  }
  payload.set_dmi_allowed(true);
  if (access != nullptr) access->served_by = protocol::memory_level::dram;
}

tlm::tlm_response_status dram::serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  if (has_no_effect(payload)) return tlm::TLM_OK_RESPONSE;
  if (const auto status = check_attributes(payload); status != tlm::TLM_OK_RESPONSE) return status;
  if (!store_.holds(address, length)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  protocol::exchange_extension* const exchange = exchange_of(payload);
  if (exchange != nullptr && !exchangeable(payload)) return tlm::TLM_BURST_ERROR_RESPONSE;
  take_time(address, length, delay);
  if (exchange != nullptr) {
    ++counts_.exchanges;
    exchange_bytes(payload, *exchange, store_.at(address));
    return tlm::TLM_OK_RESPONSE;
  }
  ++(payload.is_write() ? counts_.writes : counts_.reads);
  if (!is_line_transfer(payload)) move_bytes(payload, store_);
  return tlm::TLM_OK_RESPONSE;
}

bool dram::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  const contents::run piece = store_.around(payload.get_address());
  grant.set_start_address(piece.first);
  grant.set_end_address(piece.last);
  if (piece.host == nullptr) {
    grant.allow_none();
    return false;
  }
  grant.set_dmi_ptr(piece.host);
  grant.set_read_latency(timing_.closed_row());
  grant.set_write_latency(timing_.closed_row());
  grant.allow_read_write();
  if (auto* const asked = payload.get_extension<protocol::meter_extension>()) asked->meter = this;
  return true;
}

sc_core::sc_time dram::after(act what, std::uint64_t address, unsigned length, sc_core::sc_time delay) {
  ++(what == act::read ? counts_.reads : what == act::write ? counts_.writes : counts_.exchanges);
  take_time(address, length, delay);
  return delay;
}

unsigned dram::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const auto length = static_cast<unsigned>(store_.held(address, payload.get_data_length()));
  move_pieces(payload, store_, length);
  const bool whole = length == payload.get_data_length();
  payload.set_response_status(whole ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (payload.get_gp_option() == tlm::TLM_FULL_PAYLOAD) payload.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
  return length;
}

void dram::clear() {
  store_.clear();
  protocol::invalidate_all(cpu_side, 0, store_.size() - 1);
}

void dram::describe(statistics::group& into) {
  into.add("reads", "accesses", "Reads, line fills included.", counts_.reads);
  into.add("writes", "accesses", "Writes, write-backs of lines included.", counts_.writes);
  into.add("exchanges", "accesses", "Compare-and-exchanges performed here.", counts_.exchanges);
  into.add("errors", "accesses", "Accesses answered with an error.", counts_.errors);
  timing_.describe(into);
}

}  // namespace nestwalk::memory
