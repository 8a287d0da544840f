#include "nestwalk/memory/data_transfer.h"

namespace nestwalk::memory {

void move_enabled_bytes(tlm::tlm_generic_payload& payload, unsigned char* host, unsigned first, unsigned count) {
  unsigned char* const data = payload.get_data_ptr() + first;
  const unsigned char* const enables = payload.get_byte_enable_ptr();
  const unsigned period = payload.get_byte_enable_length();
  for (unsigned i = 0; i < count; ++i) {
    if (period != 0 && enables[(first + i) % period] != TLM_BYTE_ENABLED) continue;
    if (payload.is_write())
      host[i] = data[i];
    else
      data[i] = host == nullptr ? 0 : host[i];
  }
}

void move_pieces(tlm::tlm_generic_payload& payload, sparse_store& store, unsigned length) {
  for (unsigned done = 0; done < length;) {
    const std::uint64_t address = payload.get_address() + done;
    const std::uint64_t rest = store.rest(address);
    const unsigned count = length - done < rest ? length - done : static_cast<unsigned>(rest);
    // A read does not change what it finds.
    unsigned char* const host =
        payload.is_write() ? store.at(address) : const_cast<unsigned char*>(store.find(address));
    move_bytes(payload, host, done, count);
    done += count;
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
