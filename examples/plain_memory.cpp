// The mmu before a memory that is not nestwalk's: a plain loosely timed target, which waits inside its transport call
// and grants DMI, with an initiator that uses what it is granted and gives back what is taken back.
#include <array>
#include <cstdint>
#include <cstring>
#include <iostream>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "nestwalk/mmu/mmu.h"

namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;

// A target like any other's: one socket for each initiator socket before it.
class plain_memory : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t size = 0x10000;
  std::array<tlm_utils::simple_target_socket_tagged<plain_memory>, 4> sides;
  std::array<unsigned char, size> bytes{};

  explicit plain_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    for (auto& side : sides) {
      side.register_b_transport(this, &plain_memory::transport, 0);
      side.register_get_direct_mem_ptr(this, &plain_memory::direct, 0);
      side.register_transport_dbg(this, &plain_memory::debug, 0);
    }
  }
  void put(std::uint64_t address, std::uint64_t value) { std::memcpy(&bytes[address], &value, sizeof value); }

 private:
  void transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    wait(delay + sc_core::sc_time(20, sc_core::SC_NS));  // whatever it does, it may wait
    delay = sc_core::SC_ZERO_TIME;
    payload.set_response_status(debug(0, payload) != 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    payload.set_dmi_allowed(true);
  }
  bool direct(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& grant) {
    grant.set_dmi_ptr(bytes.data());
    grant.set_start_address(0);
    grant.set_end_address(size - 1);
    grant.allow_read_write();
    grant.set_read_latency({20, sc_core::SC_NS});
    grant.set_write_latency({20, sc_core::SC_NS});
    return true;
  }
  unsigned debug(int, tlm::tlm_generic_payload& payload) {
    const unsigned length = payload.get_data_length();
    if (payload.get_address() + length > size) return 0;
    unsigned char* const here = &bytes[payload.get_address()];
    if (payload.is_write()) std::memcpy(here, payload.get_data_ptr(), length);
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), here, length);
    return length;
  }
};

// Reads by DMI where it can. A grant is of linear addresses: the mmu has taken the page of both ends.
class reader : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<reader> instructions{"instructions"};
  tlm_utils::simple_initiator_socket<reader> data{"data"};
  unsigned by_dmi = 0;
  unsigned by_transport = 0;
  unsigned taken_back = 0;

  explicit reader(const sc_core::sc_module_name& name) : sc_module(name) {
    data.register_invalidate_direct_mem_ptr(this, &reader::take_back);
  }

  std::uint64_t read(std::uint64_t address) {
    std::uint64_t value = 0;
    if (granted_ && address >= grant_.get_start_address() && address + 7 <= grant_.get_end_address()) {
      std::memcpy(&value, grant_.get_dmi_ptr() + (address - grant_.get_start_address()), sizeof value);
      ++by_dmi;
      wait(grant_.get_read_latency());
      return value;
    }
    tlm::tlm_generic_payload payload;
    payload.set_read();
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(sizeof value);
    payload.set_streaming_width(sizeof value);
    sc_core::sc_time delay;
    data->b_transport(payload, delay);
    wait(delay);
    ++by_transport;
    grant_.init();
    granted_ = payload.is_dmi_allowed() && data->get_direct_mem_ptr(payload, grant_) && grant_.is_read_allowed();
    return value;
  }

 private:
  void take_back(sc_dt::uint64 first, sc_dt::uint64 last) {
    if (!granted_ || first > grant_.get_end_address() || last < grant_.get_start_address()) return;
    granted_ = false;
    ++taken_back;
  }

  tlm::tlm_dmi grant_;
  bool granted_ = false;
};

class platform : public sc_core::sc_module, private protocol::control_bw_if {
 public:
  bool as_expected = false;

  SC_CTOR(platform) {
    cpu_.instructions.bind(mmu_.fetch);
    cpu_.data.bind(mmu_.data);
    mmu_.fetch_memory.bind(memory_.sides[0]);
    mmu_.data_memory.bind(memory_.sides[1]);
    mmu_.guest_table_memory.bind(memory_.sides[2]);
    mmu_.nested_table_memory.bind(memory_.sides[3]);
    control_.bind(*this);
    control_.bind(mmu_.control);
    SC_THREAD(run);
  }

 private:
  using reg = protocol::control_register;

  // Linear 0 to 0xfff lie at 0x8000, then at 0x9000. The tables are 32-bit ones.
  void run() {
    memory_.put(0x1000, 0x2007);
    memory_.put(0x2000, 0x8007);
    memory_.put(0x8010, 1);
    memory_.put(0x9010, 2);
    sc_core::sc_time delay;
    control_->write_register(reg::cr3, 0x1000, delay);
    control_->write_register(reg::cr0, paging::cr0::pg | paging::cr0::pe, delay);

    const std::uint64_t before = cpu_.read(0x10);
    for (int i = 0; i < 100; ++i) cpu_.read(0x10);
    memory_.put(0x2000, 0x9007);  // the tables change, and software owes the invalidation
    control_->invlpg(paging::gva(0), delay);
    const std::uint64_t after = cpu_.read(0x10);
    std::cout << "read " << before << ", then " << after << "; " << cpu_.by_transport << " by transport, "
              << cpu_.by_dmi << " by DMI, " << cpu_.taken_back << " grant taken back, at " << sc_core::sc_time_stamp()
              << '\n';
    as_expected = before == 1 && after == 2 && cpu_.by_dmi == 100 && cpu_.taken_back == 1;
  }

  reader cpu_{"cpu"};
  nestwalk::mmu::mmu mmu_{"mmu", {}};
  plain_memory memory_{"memory"};
  protocol::control_initiator_socket control_{"control"};
};

int sc_main(int, char*[]) {
  const platform all("platform");
  sc_core::sc_start();
  return all.as_expected ? 0 : 1;
}
