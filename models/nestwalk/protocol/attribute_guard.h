// Restores what a module changes of a payload that it passes on.
#pragma once

#include <tlm>

namespace nestwalk::protocol {

/// Puts address, data, byte enables and streaming width back as they were when it was made. For a payload that is sent
/// in pieces by debug transport, or whose streaming width of 0 is made good on its way down.
class attribute_guard {
 public:
  explicit attribute_guard(tlm::tlm_generic_payload& payload)
      : payload_(payload),
        address_(payload.get_address()),
        data_(payload.get_data_ptr()),
        length_(payload.get_data_length()),
        enables_(payload.get_byte_enable_ptr()),
        enables_length_(payload.get_byte_enable_length()),
        width_(payload.get_streaming_width()) {}
  ~attribute_guard() {
    payload_.set_address(address_);
    payload_.set_data_ptr(data_);
    payload_.set_data_length(length_);
    payload_.set_byte_enable_ptr(enables_);
    payload_.set_byte_enable_length(enables_length_);
    payload_.set_streaming_width(width_);
  }
  attribute_guard(const attribute_guard&) = delete;
  attribute_guard& operator=(const attribute_guard&) = delete;

  unsigned char* data() const { return data_; }
  unsigned length() const { return length_; }
  unsigned char* enables() const { return enables_; }
  unsigned enables_length() const { return enables_length_; }

 private:
  tlm::tlm_generic_payload& payload_;
  sc_dt::uint64 address_;
  unsigned char* data_;
  unsigned length_;
  unsigned char* enables_;
  unsigned enables_length_;
  unsigned width_;
};

}  // namespace nestwalk::protocol
