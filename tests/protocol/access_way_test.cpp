// Calls with the access extension at hand: what each kind of target is given.
#include "nestwalk/protocol/access_way.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_target_socket.h>

#include "nestwalk/protocol/owned_payload.h"

namespace {

namespace protocol = nestwalk::protocol;

class caller : public sc_core::sc_module, private protocol::blocking_initiator {
 public:
  protocol::memory_initiator_socket socket{"socket"};
  explicit caller(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }
};

/// A target of ours that asks for the extension, or one that does not.
class knowing : public sc_core::sc_module, public protocol::blocking_target {
 public:
  protocol::memory_target_socket socket{"socket"};
  const protocol::access_extension* given = nullptr;
  unsigned with_extension = 0;

  explicit knowing(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }
  void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override { ADD_FAILURE() << "it is at hand"; }
  void transport(tlm::tlm_generic_payload&, protocol::access_extension* access, sc_core::sc_time&) override {
    ++with_extension;
    given = access;
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
};

/// Somebody else's.
class foreign : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<foreign> socket{"socket"};
  const protocol::access_extension* found = nullptr;
  unsigned calls = 0;

  explicit foreign(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_b_transport(this, &foreign::call);
  }

 private:
  void call(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    ++calls;
    found = payload.get_extension<protocol::access_extension>();
  }
};

template <class Target>
struct bound {
  caller from{"from"};
  Target to{"to"};
  protocol::access_way way;
  protocol::owned_payload own;

  bound() {
    from.socket.bind(to.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    way.lead_to(from.socket);
  }
  void call(protocol::access_extension* access) {
    std::uint64_t data = 0;
    sc_core::sc_time delay;
    way.transport(own.read(0, &data, sizeof data), access, delay);
  }
};

TEST(access_way, gives_a_target_of_ours_the_extension) {
  bound<knowing> b;
  b.call(&b.own.access());
  EXPECT_EQ(b.to.given, &b.own.access());
  b.call(nullptr);
  EXPECT_EQ(b.to.given, nullptr);
  EXPECT_EQ(b.to.with_extension, 2U);
}

TEST(access_way, leaves_it_to_others_to_find_it) {
  bound<foreign> b;
  b.call(&b.own.access());
  EXPECT_EQ(b.to.calls, 1U);
  EXPECT_EQ(b.to.found, &b.own.access());
}

}  // namespace
