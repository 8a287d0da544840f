// Moving a payload's bytes to and from host memory, by the rules of the generic payload.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include <tlm>

#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/protocol/exchange_extension.h"
#include "nestwalk/protocol/touched_bytes.h"

namespace nestwalk::memory {

/// Copies `length` bytes, up to 16 of them (table entries, data, instructions) without a call: two words of half of
/// them or more that may overlap.
inline void copy_bytes(unsigned char* to, const unsigned char* from, unsigned length) {
  const auto from_both_ends = [&](auto first, auto last) {
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + length - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + length - sizeof last, &last, sizeof last);
  };
  if (length == 8) {
    std::memcpy(to, from, 8);
  } else if (length > 16 || length == 0) {
    std::memcpy(to, from, length);
  } else if (length > 8) {
    from_both_ends(std::uint64_t{}, std::uint64_t{});
  } else if (length >= 4) {
    from_both_ends(std::uint32_t{}, std::uint32_t{});
  } else if (length >= 2) {
    from_both_ends(std::uint16_t{}, std::uint16_t{});
  } else {
    *to = *from;
  }
}

/// Whether `length` bytes, a multiple of 32, are zero.
inline bool all_zero(const unsigned char* at, unsigned length) {
  std::array<std::uint64_t, 4> words{};
  for (unsigned done = 0; done < length; done += sizeof words) {
    std::memcpy(words.data(), at + done, sizeof words);
    if ((words[0] | words[1] | words[2] | words[3]) != 0) return false;
  }
  return true;
}

/// Stores `length` bytes at `host`, a place of the memory. Once much memory is held, a multiple of 32 bytes of zeros
/// that comes to stand on zeros, as where a kernel clears a new page, is not written: the host need not back memory
/// that was only ever zeroed.
inline void store_bytes(unsigned char* host, const unsigned char* from, unsigned length) {
  const bool may_be_spared = length >= 32 && length % 32 == 0 && sparse_store::spares_zeros();
  if (may_be_spared && all_zero(from, length) && all_zero(host, length)) return;
  copy_bytes(host, from, length);
}

/// Whether a payload asks for nothing: TLM_IGNORE_COMMAND, or a length of 0, which is against the standard but sent.
inline bool has_no_effect(const tlm::tlm_generic_payload& payload) {
  return payload.get_command() == tlm::TLM_IGNORE_COMMAND || payload.get_data_length() == 0;
}

/// What is wrong with the attributes of a payload for memory, or OK (IEEE 1666, 14.14 and 14.15): byte enables of no
/// length, or streaming (a width below the length), which memory does not offer.
inline tlm::tlm_response_status check_attributes(const tlm::tlm_generic_payload& payload) {
  if (protocol::touched_bytes(payload) < payload.get_data_length()) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr && payload.get_byte_enable_length() == 0)
    return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

/// As `move_bytes`, for a payload with byte enables.
void move_enabled_bytes(tlm::tlm_generic_payload& payload, unsigned char* host, unsigned first, unsigned count);

/// Moves the bytes [first, first + count) of the payload's data to or from `host`, the place of byte `first`; the
/// payload's byte enables hold. Reading from a null `host` gives zeroes.
inline void move_bytes(tlm::tlm_generic_payload& payload, unsigned char* host, unsigned first, unsigned count) {
  if (payload.get_byte_enable_ptr() != nullptr) return move_enabled_bytes(payload, host, first, count);
  unsigned char* const data = payload.get_data_ptr() + first;
  if (payload.is_write())
    store_bytes(host, data, count);
  else if (host == nullptr)
    std::memset(data, 0, count);
  else
    copy_bytes(data, host, count);
}

/// Moves the first `length` bytes of the payload's data to or from the store, which holds them. Only a write takes host
/// memory.
void move_pieces(tlm::tlm_generic_payload& payload, sparse_store& store, unsigned length);

/// Moves all of the payload's data to or from the store, which holds them.
inline void move_bytes(tlm::tlm_generic_payload& payload, sparse_store& store) {
  const unsigned length = payload.get_data_length();
  if (unsigned char* const host = store.touched(payload.get_address(), length))
    return move_bytes(payload, host, 0, length);
  move_pieces(payload, store, length);
}

/// The payload's exchange extension where it asks for an exchange, else null.
inline protocol::exchange_extension* exchange_of(const tlm::tlm_generic_payload& payload) {
  return payload.is_read() ? payload.get_extension<protocol::exchange_extension>() : nullptr;
}

/// Whether an exchange can be asked like this: 4 or 8 bytes, naturally aligned, all enabled.
inline bool exchangeable(const tlm::tlm_generic_payload& payload) {
  const unsigned length = payload.get_data_length();
  return (length == 4 || length == 8) && payload.get_address() % length == 0 &&
         payload.get_byte_enable_ptr() == nullptr;
}

/// Performs an exchange that is `exchangeable` on the bytes at `host`.
void exchange_bytes(tlm::tlm_generic_payload& payload, protocol::exchange_extension& exchange, unsigned char* host);

}  // namespace nestwalk::memory
