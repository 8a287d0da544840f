#include "memory/dram.h"

#include <algorithm>
#include <cstring>

#include "memory/data_transfer.h"
#include "memory/line_transfer.h"
#include "protocol/access_extension.h"

namespace nestwalk::memory {
namespace {

constexpr unsigned qword = 8;

/// Whether a payload is a read of a qword with nothing out of the ordinary about it.
bool reads_qword(const tlm::tlm_generic_payload& payload) {
  return payload.is_read() && payload.get_data_length() == qword && payload.get_streaming_width() >= qword &&
         payload.get_byte_enable_ptr() == nullptr;
}

}  // namespace

dram::dram(const sc_core::sc_module_name& name, const dram_config& config)
    : sc_module(name), store_(config.size, this->name(), config.huge_host_pages), timing_(config.timing, this->name()) {
  initiators.bind(*this);
}

void dram::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  auto* const access = payload.get_extension<protocol::access_extension>();
  if (!likely(access != nullptr && access->alone && reads_qword(payload))) return serve_any(payload, access, delay);
  // What `serve_any` would do, for what walkers ask without end.
  const std::uint64_t address = payload.get_address();
  const unsigned char* const host = store_.touched_qword(address);
  if (!likely(host != nullptr)) return serve_any(payload, access, delay);
  ++counts_.reads;
  std::memcpy(payload.get_data_ptr(), host, qword);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  payload.set_dmi_allowed(true);
  access->served_by = protocol::memory_level::dram;
  take_time(address, qword, delay);
}

[[gnu::noinline]] void dram::serve_any(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                                       sc_core::sc_time& delay) {
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
  if (const auto status = check_attributes(payload); status != tlm::TLM_OK_RESPONSE) return status;
  if (!store_.holds(address, length)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
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
  const std::uint64_t address = payload.get_address();
  if (!store_.holds(address, 1)) {
    grant.set_start_address(store_.size());
    grant.set_end_address(~std::uint64_t{0});
    grant.allow_none();
    return false;
  }
  const std::uint64_t first = sparse_store::chunk_first(address);
  grant.set_dmi_ptr(store_.at(first));
  grant.set_start_address(first);
  grant.set_end_address(store_.chunk_last(address));
  grant.set_read_latency(timing_.closed_row());
  grant.set_write_latency(timing_.closed_row());
  grant.allow_read_write();
  return true;
}

unsigned dram::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  if (address >= store_.size() || payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const auto length =
      static_cast<unsigned>(std::min<std::uint64_t>(payload.get_data_length(), store_.size() - address));
  move_pieces(payload, store_, length);
  return length;
}

void dram::clear() {
  store_.clear();
  protocol::invalidate_all(initiators, 0, store_.size() - 1);
}

void dram::describe(statistics::group& into) {
  into.add("reads", "accesses", "Reads, line fills included.", counts_.reads);
  into.add("writes", "accesses", "Writes, write-backs of lines included.", counts_.writes);
  into.add("exchanges", "accesses", "Compare-and-exchanges performed here.", counts_.exchanges);
  into.add("errors", "accesses", "Accesses answered with an error.", counts_.errors);
  timing_.describe(into);
}

}  // namespace nestwalk::memory
