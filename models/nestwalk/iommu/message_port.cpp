#define SC_INCLUDE_DYNAMIC_PROCESSES  // for sc_spawn
#include "nestwalk/iommu/message_port.h"

namespace nestwalk::iommu {

message_port::message_port(const sc_core::sc_module_name& name, protocol::memory_initiator_socket& memory)
    : sc_module(name), memory_(memory) {
  sc_core::sc_spawn([this] { run(); }, "run");
}

void message_port::send(const message& m) {
  waiting_.push_back(m);
  ++given_;
  arrived_.notify(sc_core::SC_ZERO_TIME);
}

void message_port::run() {
  for (;;) {
    while (waiting_.empty()) wait(arrived_);
    const message m = waiting_.front();
    waiting_.pop_front();
    sc_core::sc_time delay;
    memory_->b_transport(payload_.write(m.address, &m.data, sizeof m.data), delay);
    ++(payload_.ok() ? counts_.sent : counts_.refused);
    wait(delay);
    ++answered_;
    ended_.notify(sc_core::SC_ZERO_TIME);
  }
}

void message_port::drain() {
  const std::uint64_t before = given_;
  while (answered_ < before) sc_core::wait(ended_);
}

void message_port::describe(statistics::group& into) {
  into.add("sent", "messages", "Interrupt messages that memory took.", counts_.sent);
  into.add("refused", "messages", "Interrupt messages that memory answered with an error.", counts_.refused);
}

}  // namespace nestwalk::iommu
