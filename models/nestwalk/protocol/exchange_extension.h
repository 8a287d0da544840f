// Compare-and-exchange over the base protocol, by convention: a TLM_READ with this ignorable extension.
#pragma once

#include <cstdint>

#include <tlm>

namespace nestwalk::protocol {

/// A target that knows the extension compares the qword (or dword, by the payload's length) at the address with
/// `expected`, stores `desired` where they are equal, sets `performed`, says in `swapped` whether it stored, and
/// returns the old value as the data read. A target that does not know it has simply read: the initiator sees
/// `performed` false, compares, and sends a plain write, which is atomic as long as the target does not wait.
/// Interconnect passes it on.
class exchange_extension : public tlm::tlm_extension<exchange_extension> {
 public:
  std::uint64_t expected = 0;
  std::uint64_t desired = 0;
  bool performed = false;
  bool swapped = false;

  tlm::tlm_extension_base* clone() const override { return new exchange_extension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const exchange_extension&>(other);
  }
  exchange_extension() = default;
  exchange_extension(const exchange_extension&) = default;
  exchange_extension& operator=(const exchange_extension&) = default;
  ~exchange_extension() override = default;
};

}  // namespace nestwalk::protocol
