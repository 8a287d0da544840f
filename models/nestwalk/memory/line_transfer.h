// What a cache sends down: transfers of lines that move no data.
#pragma once

#include <tlm>

namespace nestwalk::memory {

/// Bytes of the shortest cache line.
inline constexpr unsigned smallest_line = 16;

/// Ignorable extension of what a cache sends to the level below. Data live once, in the dram, and caches hold tags,
/// state and time, so:
///  - on b_transport, a read (the fill of a line) or a write (the write-back of one) of which only time and state
///    count: a target that knows the extension moves no data. One that does not reads the line into a buffer that
///    nobody looks at, or writes the line's own bytes onto themselves, and comes to the same;
///  - on get_direct_mem_ptr, asked by a cache that models the time of what it does with the pointer: caches below pass
///    the request on, where they refuse a timed initiator's.
class line_transfer : public tlm::tlm_extension<line_transfer> {
 public:
  tlm::tlm_extension_base* clone() const override { return new line_transfer(*this); }
  void copy_from(const tlm::tlm_extension_base&) override {}
  line_transfer() = default;
  line_transfer(const line_transfer&) = default;
  line_transfer& operator=(const line_transfer&) = default;
  ~line_transfer() override = default;
};

/// Whether a payload is such a transfer; the shortest line there is spares most payloads the question.
inline bool is_line_transfer(const tlm::tlm_generic_payload& payload) {
  return payload.get_data_length() >= smallest_line && payload.get_extension<line_transfer>() != nullptr;
}

}  // namespace nestwalk::memory
