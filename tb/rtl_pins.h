// The pins of the RTL walker as plain values, in the order of rtl/page_walker.sv.
#pragma once

#include <array>
#include <cstdint>

namespace nestwalk::tb {

/// A packed walk_pkg::request_t, least significant word first.
using request_words = std::array<std::uint32_t, 8>;
/// A packed walk_pkg::response_t.
using response_words = std::array<std::uint32_t, 5>;

/// What drives the walker.
struct input_pins {
  bool reset = false;
  bool request_valid = false;
  std::uint16_t request_tag = 0;
  std::uint8_t request_domain = 0;
  request_words request{};
  bool response_ready = false;
  bool memory_request_ready = false;
  bool memory_response_valid = false;
  std::uint8_t memory_response_id = 0;
  bool memory_response_error = false;
  bool memory_response_swapped = false;
  std::uint64_t memory_response_data = 0;
  bool invalidate_valid = false;
  std::uint8_t invalidate_domain = 0;
  bool invalidate_every_domain = false;
  bool invalidate_guest = false;
  bool invalidate_nested = false;
  bool invalidate_by_gpa = false;
  std::uint64_t invalidate_gpa = 0;  ///< page number
  bool invalidated_ready = false;
};

/// walk_pkg::events_t, most significant first.
struct event_pins {
  bool read, exchange, lost_exchange, restart, squashed, fault, walk_cache_hit, nested_tlb_hit;
};

/// What the walker drives. Payloads hold where their valid is set.
struct output_pins {
  bool request_ready = false;
  bool response_valid = false;
  std::uint16_t response_tag = 0;
  std::uint64_t response_page = 0;
  response_words response{};
  bool memory_request_valid = false;
  std::uint8_t memory_request_id = 0;
  std::uint16_t memory_request_tag = 0;
  bool memory_request_exchange = false;
  std::uint64_t memory_request_address = 0;  ///< in bytes
  std::uint64_t memory_request_expected = 0;
  std::uint64_t memory_request_desired = 0;
  bool memory_response_ready = false;
  bool invalidate_ready = false;
  bool invalidated_valid = false;
  unsigned busy = 0;
  event_pins events{};
};

}  // namespace nestwalk::tb
