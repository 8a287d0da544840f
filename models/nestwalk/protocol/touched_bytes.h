// How much of its target's address space a payload touches.
#pragma once

#include <vector>

#include <tlm>

namespace nestwalk::protocol {

/// Bytes from the payload's address on that it touches: the streaming width where that is shorter, else the length
/// (IEEE 1666-2011, 14.15). A width of 0 is against the standard, but others send it: it counts as the length.
inline unsigned touched_bytes(const tlm::tlm_generic_payload& payload) {
  const unsigned length = payload.get_data_length();
  const unsigned width = payload.get_streaming_width();
  return width != 0 && width < length ? width : length;
}

/// The byte enables, which repeat with `period` (14.14), of the piece of `length` bytes from `offset` in the data.
inline std::vector<unsigned char> enables_of_piece(const unsigned char* enables, unsigned period, unsigned offset,
                                                   unsigned length) {
  std::vector<unsigned char> piece;
  piece.reserve(length);
  for (unsigned i = 0; i < length; ++i) piece.push_back(enables[(offset + i) % period]);
  return piece;
}

}  // namespace nestwalk::protocol
