// A payload that a module keeps and reuses for its own blocking calls, its extensions attached for good.
#pragma once

#include <cstdint>

#include <tlm>

#include "nestwalk/protocol/access_extension.h"
#include "nestwalk/protocol/exchange_extension.h"

namespace nestwalk::protocol {

/// One payload for blocking calls made one at a time: nothing is allocated, and a call sets only what a target may have
/// changed or what differs between calls. Whoever may have two calls under way at once takes a `payload_pool`.
class owned_payload {
 public:
  owned_payload() { payload_.set_extension(&access_); }
  ~owned_payload() {
    payload_.clear_extension(&access_);
    if (exchanging_) payload_.clear_extension(&exchange_);
  }
  owned_payload(const owned_payload&) = delete;
  owned_payload& operator=(const owned_payload&) = delete;

  /// The payload made ready to read `length` bytes at `address` into `data`.
  tlm::tlm_generic_payload& read(std::uint64_t address, void* data, unsigned length) {
    payload_.set_command(tlm::TLM_READ_COMMAND);
    return prepare(address, data, length);
  }

  /// The payload as the last `read` made it ready, but for `address`: what no target may change is left as it is.
  tlm::tlm_generic_payload& read_next(std::uint64_t address) {
    payload_.set_address(address);
    expect_answer();
    return payload_;
  }

  /// The payload made ready to write `length` bytes at `address` from `data`.
  tlm::tlm_generic_payload& write(std::uint64_t address, const void* data, unsigned length) {
    payload_.set_command(tlm::TLM_WRITE_COMMAND);
    return prepare(address, const_cast<void*>(data), length);
  }

  /// The payload made ready to compare the `length` (4 or 8) bytes at `address` with `expected` and to store `desired`
  /// where they are equal; the old value is read into `old`. `exchange()` says what became of it.
  tlm::tlm_generic_payload& exchange(std::uint64_t address, void* old, unsigned length, std::uint64_t expected,
                                     std::uint64_t desired) {
    payload_.set_command(tlm::TLM_READ_COMMAND);
    prepare(address, old, length);
    exchange_.expected = expected;
    exchange_.desired = desired;
    exchange_.performed = exchange_.swapped = false;
    payload_.set_extension(&exchange_);
    exchanging_ = true;
    access_.only_extension = false;
    return payload_;
  }

  /// The payload as the last call left it.
  tlm::tlm_generic_payload& current() { return payload_; }
  access_extension& access() { return access_; }
  const exchange_extension& exchange() const { return exchange_; }
  bool ok() const { return payload_.is_response_ok(); }

 private:
  void expect_answer() {
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    payload_.set_dmi_allowed(false);
    access_.served_by = memory_level::none;
  }

  tlm::tlm_generic_payload& prepare(std::uint64_t address, void* data, unsigned length) {
    payload_.set_address(address);
    payload_.set_data_ptr(static_cast<unsigned char*>(data));
    payload_.set_data_length(length);
    payload_.set_streaming_width(length);
    expect_answer();
    if (exchanging_) {
      payload_.clear_extension(&exchange_);
      exchanging_ = false;
    }
    access_.only_extension = true;
    return payload_;
  }

  tlm::tlm_generic_payload payload_;
  access_extension access_;
  exchange_extension exchange_;
  bool exchanging_ = false;
};

}  // namespace nestwalk::protocol
