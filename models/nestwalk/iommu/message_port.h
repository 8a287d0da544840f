// Sends a remapping unit's interrupt messages, one after the other.
#pragma once

#include <cstdint>
#include <deque>

#include <systemc>

#include "nestwalk/iommu/event_line.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::iommu {

/// A process of its own writes each message, so that neither a register write nor a blocked request carries it.
class message_port : public sc_core::sc_module, public message_sender {
 public:
  message_port(const sc_core::sc_module_name& name, protocol::memory_initiator_socket& memory);

  void send(const message& m) override;
  void drain() override;

  struct counters {
    statistics::counter sent = 0;
    statistics::counter refused = 0;  ///< memory answered an error
  };
  void describe(statistics::group& into);
  const counters& counts() const { return counts_; }

 private:
  void run();

  protocol::memory_initiator_socket& memory_;
  std::deque<message> waiting_;
  sc_core::sc_event arrived_;
  sc_core::sc_event ended_;
  std::uint64_t given_ = 0;     // messages to send, since the beginning
  std::uint64_t answered_ = 0;  // and those that memory has answered
  protocol::owned_payload payload_;
  counters counts_;
};

}  // namespace nestwalk::iommu
