#include "nestwalk/protocol/shared_memory_way.h"

namespace nestwalk::protocol {

shared_memory_way::shared_memory_way(memory_initiator_socket& main, memory_backward& own) : main_(main), own_(own) {
  main_.bind(static_cast<memory_backward&>(*this));
}

void shared_memory_way::serve(memory_initiator_socket& socket) {
  if (socket.bound()) return;
  socket.get_base_port().bind(static_cast<memory_forward&>(*this));
  served_.push_back(&socket);
}

void shared_memory_way::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  own_.invalidate_direct_mem_ptr(first, last);
  for (memory_initiator_socket* const each : served_) each->get_base_export()->invalidate_direct_mem_ptr(first, last);
}

}  // namespace nestwalk::protocol
