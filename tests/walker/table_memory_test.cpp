// Table entries in memory: flags set by compare-and-exchange, whichever way they go.
#include "nestwalk/walker/table_memory.h"

#include <gtest/gtest.h>

#include "support/test_memory.h"

namespace {

namespace paging = nestwalk::paging;
namespace protocol = nestwalk::protocol;
namespace test = nestwalk::test;
namespace walker = nestwalk::walker;

constexpr paging::hpa at(0x1008);

/// A walker's memory side over a memory that grants DMI, exchanges, or does neither.
struct side : sc_core::sc_module {
  protocol::memory_initiator_socket socket{"socket"};
  test::test_memory memory{"memory"};
  walker::table_memory tables;

  side(const sc_core::sc_module_name& name, bool grants_dmi, bool knows_exchange)
      : sc_module(name), tables(socket, grants_dmi) {
    socket.bind(tables);
    socket.bind(memory.socket);
    memory.grants_dmi = memory.hints_dmi = grants_dmi;
    memory.knows_exchange = knows_exchange;
  }
  /// Once the modules stand: reads the entry, which holds 1, so that a grant is there where one is given.
  void begin() {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    tables.end_of_elaboration();
    memory.write(at.value, 1);
    EXPECT_EQ(tables.read(at, 8, sc_core::SC_ZERO_TIME).value, 1U);
  }
  paging::exchange_result exchange(std::uint64_t expected, std::uint64_t desired) {
    sc_core::sc_time delay;
    return tables.exchange(at, 8, expected, desired, delay);
  }
};

class exchange : public testing::TestWithParam<std::pair<bool, bool>> {
 protected:
  exchange() { side_.begin(); }
  side side_{"side", GetParam().first, GetParam().second};
};

TEST_P(exchange, stores_where_the_entry_is_as_expected) {
  EXPECT_EQ(side_.exchange(1, 2), paging::exchange_result::stored);
  EXPECT_EQ(side_.memory.read(at.value), 2U);
}

TEST_P(exchange, stores_nothing_over_what_changed_meanwhile) {
  side_.memory.write(at.value, 7);
  EXPECT_EQ(side_.exchange(1, 2), paging::exchange_result::changed);
  EXPECT_EQ(side_.memory.read(at.value), 7U);
}

INSTANTIATE_TEST_SUITE_P(by, exchange,
                         testing::Values(std::pair(true, true), std::pair(false, true), std::pair(false, false)),
                         [](const auto& info) {
                           return info.param.first ? "dmi" : info.param.second ? "exchange" : "plain_write";
                         });

}  // namespace
