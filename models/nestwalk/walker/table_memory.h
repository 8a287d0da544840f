// Table entries in memory: read and exchanged over a memory socket, or through the DMI that it grants.
#pragma once

#include <cstdint>
#include <cstring>

#include <systemc>
#include <tlm>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/drive.h"
#include "nestwalk/paging/usually.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/walker/dmi_grants.h"
#include "nestwalk/walker/ready_read.h"

namespace nestwalk::walker {

/// The memory side of a walker, and the backward interface of its memory socket. Entries have 4 or 8 bytes, naturally
/// aligned. Calls add what memory takes to `delay`; any number may be under way at once. DMI serves speed only: grants
/// are asked for with a meter_extension, so that time and counts are those of transport.
class table_memory : public protocol::blocking_initiator {
 public:
  table_memory(protocol::memory_initiator_socket& socket, bool use_dmi) : socket_(socket), use_dmi_(use_dmi) {}

  /// To be called once the socket is bound.
  void end_of_elaboration() { target_.lead_to(socket_); }

  /// The grant through which the entry at `at` is read, where it is the one that served last; else null.
  const dmi_grants::grant* recent_grant(paging::hpa at) const { return grants_.recent(at.value); }
  /// The entry at `at` of a grant.
  static std::uint64_t load(const dmi_grants::grant& g, paging::hpa at, unsigned bytes) {
    return load(g.at(at.value), bytes);
  }

  using answer = read_answer;
  /// Reads an entry at local time `time`, through any grant or by transport.
  answer read(paging::hpa at, unsigned bytes, sc_core::sc_time time);
  /// As `read`, by transport; gives what `take` makes of the answer, as `ready_read` does.
  template <class Take>
  [[gnu::always_inline]] bool read_by_transport(paging::hpa at, unsigned bytes, sc_core::sc_time time, Take&& take) {
    if (!paging::usually(ready_.serves(bytes))) return take(read(at, bytes, time));
    return ready_.read(target_, at, time, take);
  }
  /// Whether grants are asked for and used.
  bool uses_dmi() const { return use_dmi_; }

  /// Sets flags by compare-and-exchange: in place under a write grant, in the time that it takes by transport; else
  /// by `exchange_extension`; else, where the target does not know that, by comparing and a plain write.
  paging::exchange_result exchange(paging::hpa at, unsigned bytes, std::uint64_t expected, std::uint64_t desired,
                                   sc_core::sc_time& delay);

  /// Writes a qword that is no entry: a record of the page-modification log. False where memory answers an error.
  bool write(paging::hpa at, std::uint64_t qword, sc_core::sc_time& delay);

  /// Reads an entry without effect or time, through debug transport or a grant; false where memory has no such bytes.
  bool look(paging::hpa at, unsigned bytes, std::uint64_t& value);

 private:
  struct range {
    std::uint64_t first;
    std::uint64_t last;
    bool holds(std::uint64_t address) const { return first <= address && address <= last; }
  };
  static constexpr range nothing{1, 0};
  struct swap {
    paging::hpa at;
    unsigned bytes;
    std::uint64_t expected;
    std::uint64_t desired;
  };

  void read_with(protocol::owned_payload& own, paging::hpa at, unsigned bytes, answer& a);
  void read_with_another(paging::hpa at, unsigned bytes, answer& a);
  template <class Call>
  void with_payload(Call&& call);
  paging::exchange_result exchange_by_transport(protocol::owned_payload& own, const swap& s, sc_core::sc_time& delay);
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    grants_.drop(first, last);
    refused_ = nothing;
  }
  void ask_for_grant(tlm::tlm_generic_payload& payload, protocol::memory_level served_by);

  static std::uint64_t load(const unsigned char* from, unsigned bytes) {
    if (bytes == 8) {
      std::uint64_t value;
      std::memcpy(&value, from, 8);
      return value;
    }
    std::uint32_t value;
    std::memcpy(&value, from, 4);
    return value;
  }

  protocol::memory_initiator_socket& socket_;
  bool use_dmi_;
  protocol::access_way target_;
  dmi_grants grants_;
  range refused_ = nothing;  // where a grant was last refused
  ready_read ready_;
  protocol::owned_payload payload_;  // for all else
  bool payload_taken_ = false;
};

}  // namespace nestwalk::walker
