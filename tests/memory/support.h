// What the tests of the memory share: an initiator, and a target that knows nothing of ours.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/protocol_monitor.h"

namespace nestwalk::memory::test {

inline sc_core::sc_time ns(double n) {
  return {n, sc_core::SC_NS};
}

/// Makes blocking calls and remembers what it was told.
class initiator : public sc_core::sc_module, private protocol::blocking_initiator {
 public:
  protocol::memory_initiator_socket memory{"memory"};
  protocol::owned_payload payload;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated;

  explicit initiator(const sc_core::sc_module_name& name) : sc_module(name) { memory.bind(*this); }

  /// Sends `p` at local time `at`; gives the time that it took.
  sc_core::sc_time send(tlm::tlm_generic_payload& p, sc_core::sc_time at = sc_core::SC_ZERO_TIME) {
    sc_core::sc_time delay = at;
    memory->b_transport(p, delay);
    return delay - at;
  }
  sc_core::sc_time read(std::uint64_t address, sc_core::sc_time at = sc_core::SC_ZERO_TIME) {
    return send(payload.read(address, &data, 8), at);
  }
  sc_core::sc_time write(std::uint64_t address, std::uint64_t value, sc_core::sc_time at = sc_core::SC_ZERO_TIME) {
    data = value;
    return send(payload.write(address, &data, 8), at);
  }
  std::uint64_t value_at(std::uint64_t address) {
    read(address);
    return data;
  }
  /// Sends an exchange of a qword; `data` is the old value afterwards.
  sc_core::sc_time exchange(std::uint64_t address, std::uint64_t expected, std::uint64_t desired,
                            sc_core::sc_time at = sc_core::SC_ZERO_TIME) {
    return send(payload.exchange(address, &data, 8, expected, desired), at);
  }
  bool ask(std::uint64_t address, tlm::tlm_dmi& grant) {
    return memory->get_direct_mem_ptr(payload.read(address, &data, 8), grant);
  }
  std::uint64_t debug_read(std::uint64_t address) {
    data = 0;
    memory->transport_dbg(payload.read(address, &data, 8));
    return data;
  }
  protocol::memory_level served_by() { return payload.access().served_by; }
  tlm::tlm_response_status status() { return last().get_response_status(); }

  std::uint64_t data = 0;

 private:
  tlm::tlm_generic_payload& last() { return payload.current(); }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    invalidated.emplace_back(first, last);
  }
};

/// A target as anyone would write it: bytes, a fixed latency, none of our extensions.
class plain_target : public sc_core::sc_module, private protocol::blocking_target {
 public:
  struct call {
    tlm::tlm_command command;
    std::uint64_t address;
    unsigned length;
    sc_core::sc_time at;
  };

  protocol::memory_target_socket cpu_side{"cpu_side"};
  std::vector<unsigned char> bytes;
  std::vector<call> calls;
  bool grants = true;
  sc_core::sc_time latency = ns(100);

  plain_target(const sc_core::sc_module_name& name, std::size_t size) : sc_module(name), bytes(size) {
    cpu_side.bind(*this);
  }
  void take_back(std::uint64_t first, std::uint64_t last) { protocol::invalidate_all(cpu_side, first, last); }

 private:
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) override {
    calls.push_back({p.get_command(), p.get_address(), p.get_data_length(), delay});
    delay += latency;
    p.set_response_status(transport_dbg(p) == p.get_data_length() ? tlm::TLM_OK_RESPONSE
                                                                  : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& p, tlm::tlm_dmi& grant) override {
    if (!grants || p.get_address() >= bytes.size()) return false;
    grant.set_dmi_ptr(bytes.data());
    grant.set_start_address(0);
    grant.set_end_address(bytes.size() - 1);
    grant.set_read_latency(ns(7));
    grant.set_write_latency(ns(9));
    grant.allow_read_write();
    return true;
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& p) override {
    const std::uint64_t address = p.get_address();
    const unsigned length = p.get_data_length();
    if (address + length > bytes.size()) return 0;
    if (p.is_write())
      std::memmove(&bytes[address], p.get_data_ptr(), length);
    else
      std::memmove(p.get_data_ptr(), &bytes[address], length);
    return length;
  }
};

/// Binds with a monitor between, which lives until the end of the test.
template <class From, class To>
void bind_watched(From& from, To& to) {
  static std::vector<std::unique_ptr<protocol::protocol_monitor>> monitors;
  const std::string name = "monitor_" + std::to_string(monitors.size());
  monitors.push_back(std::make_unique<protocol::protocol_monitor>(name.c_str()));
  from.bind(monitors.back()->initiator_side);
  monitors.back()->target_side.bind(to);
}

inline void elaborate() {
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

}  // namespace nestwalk::memory::test
