// A memory for tests: sparse, with one latency, countable, and able to fail.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/exchange_extension.h"
#include "nestwalk/protocol/memory_sockets.h"

namespace nestwalk::test {

/// Serves blocking transport, debug transport, DMI (a 4-KByte page a grant, where `grants_dmi`) and
/// compare-and-exchange (where `knows_exchange`).
class test_memory : public sc_core::sc_module, private protocol::blocking_target {
 public:
  /// One blocking call as it arrived.
  struct transfer {
    tlm::tlm_command command;
    std::uint64_t address;
    unsigned length;
    const tlm::tlm_generic_payload* payload;
  };

  protocol::memory_target_socket socket{"socket"};
  sc_core::sc_time latency{10, sc_core::SC_NS};
  std::uint64_t slow_from = ~std::uint64_t{0};  ///< from here on accesses take `slow_latency`
  sc_core::sc_time slow_latency;
  bool waits = false;  ///< lets its latency, and all before it, pass in SystemC's time
  bool grants_dmi = false;
  bool hints_dmi = false;          ///< says that it would, though it does not
  std::uint64_t grants_asked = 0;  ///< DMI requests
  bool knows_exchange = true;
  std::uint64_t calls = 0;          ///< blocking calls
  std::uint64_t exchanges = 0;      ///< of these, exchanges performed
  std::vector<transfer> transfers;  ///< every blocking call, oldest first, where `keeps_transfers`
  bool keeps_transfers = false;

  explicit test_memory(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

  /// Makes every access that touches [first, last] an address error.
  void fail(std::uint64_t first, std::uint64_t last) { broken_.emplace_back(first, last); }
  /// The same of writes and exchanges alone.
  void fail_writes(std::uint64_t first, std::uint64_t last) { read_only_.emplace_back(first, last); }
  void mend() {
    broken_.clear();
    read_only_.clear();
  }

  /// Direct reads and writes, little-endian.
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) {
    std::uint64_t value = 0;
    copy(address, reinterpret_cast<unsigned char*>(&value), bytes, false);
    return value;
  }
  void write(std::uint64_t address, std::uint64_t value, unsigned bytes = 8) {
    copy(address, reinterpret_cast<unsigned char*>(&value), bytes, true);
  }
  /// Takes back DMI, as a target does.
  void take_back(std::uint64_t first, std::uint64_t last) { protocol::invalidate_all(socket, first, last); }
  /// The host's place of a byte.
  unsigned char* at(std::uint64_t address) { return page(address).data() + address % page_bytes; }

 private:
  static constexpr std::uint64_t page_bytes = 4096;
  using page_type = std::array<unsigned char, page_bytes>;

  page_type& page(std::uint64_t address) {
    auto& found = pages_[address / page_bytes];
    if (!found) found = std::make_unique<page_type>();
    return *found;
  }

  void copy(std::uint64_t address, unsigned char* data, std::uint64_t length, bool store) {
    while (length > 0) {
      const std::uint64_t here = std::min(length, page_bytes - address % page_bytes);
      unsigned char* const host = at(address);
      if (store)
        std::memcpy(host, data, here);
      else
        std::memcpy(data, host, here);
      address += here;
      data += here;
      length -= here;
    }
  }

  // Byte enables hold.
  void move(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const unsigned char* const enables = payload.get_byte_enable_ptr();
    if (enables == nullptr) return copy(address, payload.get_data_ptr(), payload.get_data_length(), payload.is_write());
    for (unsigned i = 0; i < payload.get_data_length(); ++i)
      if (enables[i % payload.get_byte_enable_length()] != 0)
        copy(address + i, payload.get_data_ptr() + i, 1, payload.is_write());
  }

  using ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

  static bool touches(const ranges& of, std::uint64_t address, std::uint64_t length) {
    return std::any_of(of.begin(), of.end(),
                       [&](const auto& b) { return address <= b.second && b.first <= address + length - 1; });
  }
  bool broken(std::uint64_t address, std::uint64_t length) const { return touches(broken_, address, length); }

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    ++calls;
    const std::uint64_t address = payload.get_address();
    const unsigned length = payload.get_data_length();
    if (keeps_transfers) transfers.push_back({payload.get_command(), address, length, &payload});
    delay += address < slow_from ? latency : slow_latency;
    if (waits) {
      sc_core::wait(delay);
      delay = sc_core::SC_ZERO_TIME;
    }
    if (length == 0 || broken(address, length)) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    auto* const exchange = payload.get_extension<protocol::exchange_extension>();
    const bool writes = payload.is_write() || (exchange != nullptr && knows_exchange);
    if (writes && touches(read_only_, address, length)) {
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return;
    }
    if (exchange != nullptr && knows_exchange) {
      const std::uint64_t old = read(address, length);
      exchange->performed = true;
      exchange->swapped = old == exchange->expected;
      if (exchange->swapped) write(address, exchange->desired, length);
      ++exchanges;
      std::memcpy(payload.get_data_ptr(), &old, length);
    } else {
      move(payload);
    }
    if (auto* const access = payload.get_extension<protocol::access_extension>())
      access->served_by = protocol::memory_level::dram;
    payload.set_dmi_allowed(grants_dmi || hints_dmi);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) override {
    ++grants_asked;
    const std::uint64_t base = payload.get_address() & ~(page_bytes - 1);
    grant.set_start_address(base);
    grant.set_end_address(base + page_bytes - 1);
    if (!grants_dmi || broken(base, page_bytes)) {
      if (!grants_dmi) grant.set_start_address(0);
      if (!grants_dmi) grant.set_end_address(~std::uint64_t{0});
      grant.allow_none();
      return false;
    }
    grant.set_dmi_ptr(at(base));
    grant.set_read_latency(latency);
    grant.set_write_latency(latency);
    grant.allow_read_write();
    return true;
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override {
    if (broken(payload.get_address(), payload.get_data_length())) return 0;
    move(payload);
    if (payload.get_gp_option() == tlm::TLM_FULL_PAYLOAD) payload.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
    return payload.get_data_length();
  }

  std::map<std::uint64_t, std::unique_ptr<page_type>> pages_;
  ranges broken_;
  ranges read_only_;
};

}  // namespace nestwalk::test
