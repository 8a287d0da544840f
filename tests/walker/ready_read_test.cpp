// The fast path of a walker's reads asks memory the same and answers the same as the general one.
#include "nestwalk/walker/ready_read.h"

#include <cstring>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "nestwalk/walker/table_memory.h"

namespace {

namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;
namespace walker = nestwalk::walker;

constexpr unsigned seed = 31415;

/// What a target may see of a payload.
using request = std::tuple<tlm::tlm_command, std::uint64_t, unsigned, unsigned, const unsigned char*, bool,
                           tlm::tlm_response_status, bool, protocol::memory_level, sc_core::sc_time>;

/// Answers by the address alone: data, errors, levels and times.
class noting_memory : public sc_core::sc_module, private protocol::blocking_target {
 public:
  protocol::memory_target_socket socket{"socket"};
  std::vector<request> requests;

  explicit noting_memory(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) override {
    auto* const access = p.get_extension<protocol::access_extension>();
    requests.emplace_back(p.get_command(), p.get_address(), p.get_data_length(), p.get_streaming_width(),
                          p.get_byte_enable_ptr(), p.is_dmi_allowed(), p.get_response_status(), access->only_extension,
                          access->served_by, delay);
    std::mt19937_64 answer(p.get_address());
    const std::uint64_t value = answer();
    std::memcpy(p.get_data_ptr(), &value, p.get_data_length());
    delay += sc_core::sc_time(static_cast<double>(answer() % 100), sc_core::SC_NS);
    p.set_dmi_allowed(answer() % 2 == 0);
    access->served_by = answer() % 2 == 0 ? protocol::memory_level::dram : protocol::memory_level::l2;
    p.set_response_status(answer() % 5 == 0 ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
};

/// A walker's side of a memory of its own.
struct reader : sc_core::sc_module {
  protocol::memory_initiator_socket socket{"socket"};
  noting_memory memory{"memory"};
  walker::table_memory tables{socket, /*use_dmi=*/false};

  explicit reader(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(tables);
    socket.bind(memory.socket);
  }
};

auto seen(const walker::read_answer& a) {
  return std::tuple(a.ok ? a.value : 0, a.time, a.served_by, a.ok);
}

TEST(ready_read, asks_and_answers_as_the_general_read) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  reader fast("fast"), general("general");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  fast.tables.end_of_elaboration();
  general.tables.end_of_elaboration();
  for (unsigned i = 0; i < 10000; ++i) {
    const paging::hpa at(random() & 0xffff'ffff'fff8);
    const unsigned bytes = i % 7 == 0 ? 4 : 8;  // which the general way serves in between
    const sc_core::sc_time time(static_cast<double>(random() % 1000), sc_core::SC_NS);
    walker::read_answer by_fast;
    const auto take = [&](const walker::read_answer& a) {
      by_fast = a;
      return a.ok;
    };
    const bool ok = fast.tables.read_by_transport(at, bytes, time, take);
    const walker::read_answer by_general = general.tables.read(at, bytes, time);
    ASSERT_EQ(ok, by_general.ok);
    ASSERT_EQ(seen(by_fast), seen(by_general)) << "read " << i << " at " << at.value;
  }
  EXPECT_EQ(fast.memory.requests, general.memory.requests);
}

}  // namespace
