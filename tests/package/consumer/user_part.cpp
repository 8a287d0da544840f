#include "user_part.h"

#include "nestwalk/memory/dram.h"
#include "nestwalk/mmu/mmu.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/statistics/group.h"
#include "protocol/error.h"

namespace user {
namespace {

namespace protocol = nestwalk::protocol;

class platform : public sc_core::sc_module, private protocol::blocking_initiator, private protocol::control_bw_if {
 public:
  explicit platform(const sc_core::sc_module_name& name) : sc_module(name), mmu_("mmu", {}), dram_("dram", {}) {
    for (protocol::memory_initiator_socket* each : {&fetch_, &data_}) each->bind(*this);
    control_.bind(*this);
    control_.bind(mmu_.control);
    fetch_.bind(mmu_.fetch);
    data_.bind(mmu_.data);
    for (protocol::memory_initiator_socket* each : {&mmu_.fetch_memory, &mmu_.data_memory}) each->bind(dram_.cpu_side);
    mmu_.guest_table_memory.bind(dram_.cpu_side);
    mmu_.nested_table_memory.bind(dram_.cpu_side);
  }

  // Paging is off: a linear address is a physical one.
  bool reads() {
    *dram_.store().at(0x1234) = own_error;
    unsigned char byte = 0;
    sc_core::sc_time delay;
    data_->b_transport(payload_.read(0x1234, &byte, 1), delay);
    return payload_.ok() && byte == own_error && delay > sc_core::SC_ZERO_TIME;
  }

 private:
  protocol::memory_initiator_socket fetch_{"fetch"};
  protocol::memory_initiator_socket data_{"data"};
  protocol::control_initiator_socket control_{"control"};
  nestwalk::mmu::mmu mmu_;
  nestwalk::memory::dram dram_;
  protocol::owned_payload payload_;
};

}  // namespace

bool reads_through_the_mmu() {
  platform all("platform");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  return all.reads();
}

}  // namespace user
