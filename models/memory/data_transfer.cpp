#include "memory/data_transfer.h"

namespace nestwalk::memory {

void move_bytes(tlm::tlm_generic_payload& payload, unsigned char* host, unsigned first, unsigned count) {
  unsigned char* const data = payload.get_data_ptr() + first;
  const unsigned char* const enables = payload.get_byte_enable_ptr();
  const bool write = payload.is_write();
  if (enables == nullptr || payload.get_byte_enable_length() == 0) {
    if (write)
      copy_bytes(host, data, count);
    else if (host == nullptr)
      std::memset(data, 0, count);
    else
      copy_bytes(data, host, count);
    return;
  }
  const unsigned period = payload.get_byte_enable_length();
  for (unsigned i = 0; i < count; ++i) {
    if (enables[(first + i) % period] != TLM_BYTE_ENABLED) continue;
    if (write)
      host[i] = data[i];
    else
      data[i] = host == nullptr ? 0 : host[i];
  }
}

void exchange_bytes(tlm::tlm_generic_payload& payload, protocol::exchange_extension& exchange, unsigned char* host) {
  const unsigned length = payload.get_data_length();
  std::uint64_t old = 0;
  std::uint64_t expected = 0;
  std::memcpy(&old, host, length);
  std::memcpy(&expected, &exchange.expected, length);
  exchange.performed = true;
  exchange.swapped = old == expected;
  if (exchange.swapped) std::memcpy(host, &exchange.desired, length);
  std::memcpy(payload.get_data_ptr(), &old, length);
}

}  // namespace nestwalk::memory
