#include "nestwalk/protocol/protocol_monitor.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "nestwalk/protocol/exchange_extension.h"
#include "nestwalk/timing/local_time.h"

namespace nestwalk::protocol {

namespace {

/// Says whether anybody waited while it lived.
class wait_watch {
 public:
  bool waited() const { return sc_core::sc_delta_count() != delta_ || sc_core::sc_time_stamp() != time_; }

 private:
  sc_dt::uint64 delta_ = sc_core::sc_delta_count();
  sc_core::sc_time time_ = sc_core::sc_time_stamp();
};

}  // namespace

/// A payload as it was before a call.
struct protocol_monitor::snapshot {
  explicit snapshot(const tlm::tlm_generic_payload& p)
      : command(p.get_command()),
        address(p.get_address()),
        data(p.get_data_ptr()),
        length(p.get_data_length()),
        streaming_width(p.get_streaming_width()),
        byte_enable(p.get_byte_enable_ptr()),
        byte_enable_length(p.get_byte_enable_length()),
        option(p.get_gp_option()) {
    if (data != nullptr) bytes.assign(data, data + length);
    if (byte_enable != nullptr) enables.assign(byte_enable, byte_enable + byte_enable_length);
    for (unsigned i = 0; i < tlm::max_num_extensions(); ++i) extensions.push_back(p.get_extension(i));
  }

  tlm::tlm_command command;
  sc_dt::uint64 address;
  unsigned char* data;
  unsigned length;
  unsigned streaming_width;
  unsigned char* byte_enable;
  unsigned byte_enable_length;
  tlm::tlm_gp_option option;
  std::vector<unsigned char> bytes;
  std::vector<unsigned char> enables;
  std::vector<tlm::tlm_extension_base*> extensions;
};

protocol_monitor::protocol_monitor(const sc_core::sc_module_name& name) : sc_module(name) {
  initiator_side.bind(*this);
  target_side.bind(*this);
}

void protocol_monitor::report(const std::string& violation) {
  violations_.push_back(violation);
  SC_REPORT_WARNING("nestwalk/protocol_monitor", (std::string(name()) + ": " + violation).c_str());
}

void protocol_monitor::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  ++calls_;
  check_request(payload);
  check_caller(payload);
  const snapshot before(payload);
  const sc_core::sc_time start = timing::local_time(delay);
  target_side->b_transport(payload, delay);
  expect(timing::local_time(delay) >= start, "local time went back over b_transport");
  check_attributes(before, payload, "b_transport");
  check_data(before, payload);
  if (const auto inside = blocking_.find(&payload); --inside->second == 0) blocking_.erase(inside);
  const auto* exchange = payload.get_extension<exchange_extension>();
  if (exchange != nullptr && payload.is_read())
    expect(exchange->performed || !exchange->swapped, "an exchange swapped and was not performed");
}

void protocol_monitor::check_request(const tlm::tlm_generic_payload& payload) {
  const bool ignored = payload.get_command() == tlm::TLM_IGNORE_COMMAND;
  expect(ignored || payload.get_data_length() > 0, "the initiator asked for no bytes");
  expect(ignored || payload.get_data_ptr() != nullptr, "the initiator gave no data pointer");
  expect(payload.get_gp_option() == tlm::TLM_MIN_PAYLOAD, "the initiator set an option on a transport call");
  expect(payload.get_streaming_width() > 0, "the initiator gave a streaming width of 0");
  expect(payload.get_byte_enable_ptr() == nullptr || payload.get_byte_enable_length() > 0,
         "the initiator gave byte enables of length 0");
  expect(payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE,
         "the initiator did not set the response status to INCOMPLETE");
  expect(!payload.is_dmi_allowed(), "the initiator did not clear the DMI hint");
}

void protocol_monitor::check_caller(const tlm::tlm_generic_payload& payload) {
  expect(!payload.has_mm() || payload.get_ref_count() > 0, "a payload with no reference is sent");
  const bool inside = ++blocking_[&payload] > 1;
  expect(!inside && !phases_.under_way(payload), "a payload is sent again before its transaction has ended");
  const auto caller = sc_core::sc_get_current_process_handle();
  expect(!caller.valid() || caller.proc_kind() != sc_core::SC_METHOD_PROC_,
         "b_transport is called by a method process");
}

void protocol_monitor::check_attributes(const snapshot& before, const tlm::tlm_generic_payload& payload,
                                        const char* call) {
  const auto unchanged = [&](bool same, const char* what) { expect(same, what, " changed over ", call); };
  unchanged(payload.get_command() == before.command, "the command");
  unchanged(payload.get_address() == before.address, "the address");
  unchanged(payload.get_data_ptr() == before.data, "the data pointer");
  unchanged(payload.get_data_length() == before.length, "the data length");
  unchanged(payload.get_streaming_width() == before.streaming_width, "the streaming width");
  unchanged(payload.get_byte_enable_ptr() == before.byte_enable, "the byte enable pointer");
  unchanged(payload.get_byte_enable_length() == before.byte_enable_length, "the byte enable length");
  const bool accepted = before.option == tlm::TLM_FULL_PAYLOAD && payload.get_gp_option() != tlm::TLM_MIN_PAYLOAD;
  unchanged(payload.get_gp_option() == before.option || accepted, "the option");
  if (before.byte_enable != nullptr)
    unchanged(std::equal(before.enables.begin(), before.enables.end(), before.byte_enable), "the byte enables");
  for (unsigned i = 0; i < tlm::max_num_extensions(); ++i) {
    tlm::tlm_extension_base* const was = i < before.extensions.size() ? before.extensions[i] : nullptr;
    tlm::tlm_extension_base* const is = payload.get_extension(i);
    expect(was != nullptr || is == nullptr, "an extension was left behind by ", call);
    expect(was == nullptr || is == was, "an extension was removed or replaced by ", call);
  }
}

void protocol_monitor::check_data(const snapshot& before, const tlm::tlm_generic_payload& payload) {
  expect(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "the target set no response status");
  if (before.data == nullptr) return;
  const bool same = std::equal(before.bytes.begin(), before.bytes.end(), before.data);
  if (before.command == tlm::TLM_WRITE_COMMAND) expect(same, "a write changed the initiator's data");
  if (before.command == tlm::TLM_READ_COMMAND && payload.is_response_error())
    expect(same, "a read that failed changed the initiator's data");
}

bool protocol_monitor::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  const snapshot before(payload);
  const wait_watch during;
  const bool granted = target_side->get_direct_mem_ptr(payload, grant);
  expect(!during.waited(), "a DMI request took time");
  check_attributes(before, payload, "get_direct_mem_ptr");
  expect(grant.get_start_address() <= grant.get_end_address(), "a DMI range ends before it starts");
  if (granted) check_grant(payload, grant);
  return granted;
}

void protocol_monitor::check_grant(const tlm::tlm_generic_payload& payload, const tlm::tlm_dmi& grant) {
  const sc_dt::uint64 address = payload.get_address();
  expect(grant.get_start_address() <= address && address <= grant.get_end_address(),
         "a DMI grant does not hold the requested address");
  expect(grant.get_dmi_ptr() != nullptr, "a DMI grant has no pointer");
  expect(payload.is_write() ? grant.is_write_allowed() : grant.is_read_allowed(),
         "a DMI grant does not permit the requested command");
  // sc_time has no sign: a latency below zero shows as more than half of all time.
  constexpr auto half = std::numeric_limits<sc_core::sc_time::value_type>::max() / 2;
  expect(grant.get_read_latency().value() <= half && grant.get_write_latency().value() <= half,
         "a DMI latency is negative");
}

unsigned protocol_monitor::transport_dbg(tlm::tlm_generic_payload& payload) {
  const snapshot before(payload);
  const wait_watch during;
  const unsigned bytes = target_side->transport_dbg(payload);
  expect(!during.waited(), "debug transport took time");
  check_attributes(before, payload, "transport_dbg");
  expect(bytes <= before.length, "debug transport returned more bytes than asked for");
  if (before.data != nullptr && (before.command == tlm::TLM_WRITE_COMMAND || bytes == 0))
    expect(std::equal(before.bytes.begin(), before.bytes.end(), before.data),
           "debug transport changed the initiator's data with nothing read");
  return bytes;
}

void protocol_monitor::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  expect(first <= last, "a DMI invalidation ends before it starts");
  invalidate_all(initiator_side, first, last);
}

tlm::tlm_sync_enum protocol_monitor::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    check_request(payload);
    expect(blocking_.count(&payload) == 0, "a payload is sent again before its transaction has ended");
  }
  phases_.goes_forward(payload, phase, delay);
  const snapshot before(payload);
  const wait_watch during;
  const tlm::tlm_sync_enum answer = target_side->nb_transport_fw(payload, phase, delay);
  expect(!during.waited(), "somebody waited inside nb_transport_fw");
  check_attributes(before, payload, "nb_transport_fw");
  if (answer == tlm::TLM_UPDATED) phases_.comes_back(payload, phase, delay);
  if (answer == tlm::TLM_COMPLETED) phases_.completed(payload);
  return answer;
}

tlm::tlm_sync_enum protocol_monitor::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
  phases_.comes_back(payload, phase, delay);
  const snapshot before(payload);
  const wait_watch during;
  const tlm::tlm_sync_enum answer = initiator_side->nb_transport_bw(payload, phase, delay);
  expect(!during.waited(), "somebody waited inside nb_transport_bw");
  check_attributes(before, payload, "nb_transport_bw");
  if (answer == tlm::TLM_UPDATED) phases_.goes_forward_by_return(payload, phase, delay);
  if (answer == tlm::TLM_COMPLETED) phases_.completed(payload);
  return answer;
}

}  // namespace nestwalk::protocol
