// Accesses through a DMI grant that take the time and count as they would by transport.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

namespace nestwalk::protocol {

/// Offered by a target whose accesses do not all take the same time, or which counts them: whoever reaches for its
/// bytes through a grant tells it of each access.
class access_meter {
 public:
  enum class act : std::uint8_t { read, write, exchange };

  virtual ~access_meter() = default;
  /// The local time, ahead of sc_time_stamp(), after an access of `length` bytes at the target's `address` that begins
  /// at `delay`. Moves no data.
  virtual sc_core::sc_time after(act what, std::uint64_t address, unsigned length, sc_core::sc_time delay) = 0;
};

/// Ignorable extension of a DMI request, by which an initiator asks for a grant that changes neither time nor counts. A
/// target that needs to meter what is done through the grant sets `meter`; one that leaves it null says that the
/// latencies of the grant (IEEE 1666, 11.2.5) are what its accesses take. What stands between and adds time or counts
/// of its own refuses the request.
class meter_extension : public tlm::tlm_extension<meter_extension> {
 public:
  access_meter* meter = nullptr;  ///< answered; good as long as the grant

  tlm::tlm_extension_base* clone() const override { return new meter_extension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const meter_extension&>(other); }
  meter_extension() = default;
  meter_extension(const meter_extension&) = default;
  meter_extension& operator=(const meter_extension&) = default;
  ~meter_extension() override = default;
};

/// For what stands between: where the request asks for metering, refuses it for all addresses.
inline bool refuses_to_meter(const tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  if (payload.get_extension<meter_extension>() == nullptr) return false;
  grant.init();
  grant.allow_none();
  return true;
}

}  // namespace nestwalk::protocol
