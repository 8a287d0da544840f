// Memory that waits, and several threads that share an mmu: right data and right faults, and nothing that an
// invalidation has overtaken is kept.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <array>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mmu_machine.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/statistics/write_json.h"
#include "support/environment.h"
#include "support/waiting_memory.h"

namespace {

using namespace nestwalk;
using namespace nestwalk::test;

constexpr unsigned pages = 12;
constexpr unsigned frames = 8;
constexpr std::uint64_t first_page = 0x4000'0000;
constexpr std::uint64_t first_frame = 0x200'0000;
constexpr std::uint64_t unmapped = ~std::uint64_t{0};

/// What a page of a context has led to, and until when that may still be seen.
struct version {
  std::uint64_t frame;
  std::uint64_t born;
  std::uint64_t dead = unmapped;  ///< when the flush that its end owed was done
};

/// One thread of a core model: it makes accesses of its own.
struct thread_port : protocol::blocking_initiator {
  explicit thread_port(const char* name) : socket(name) { socket.bind(*this); }
  protocol::memory_initiator_socket socket;
};

struct shared_mmu : sc_core::sc_module {
  test_memory memory{"memory"};
  waiting_memory slow{"slow"};
  std::array<std::unique_ptr<two_stage_tables>, 2> contexts;  // under PCID 1 and PCID 2
  mmu::mmu mmu;
  test_core control{"control"};
  std::vector<std::unique_ptr<thread_port>> threads;
  std::mt19937_64 draw;
  std::map<std::pair<unsigned, unsigned>, std::vector<version>> history;
  std::vector<std::pair<std::uint64_t, unsigned>> switches{{0, 0}};  // when which context came in
  std::uint64_t now = 0;
  std::uint64_t done = 0;
  std::uint64_t faults = 0;
  std::uint64_t stale = 0;
  std::uint64_t flushes = 0;
  unsigned current = 0;

  shared_mmu(const sc_core::sc_module_name& name, unsigned thread_count, bool waits, std::uint64_t seed)
      : sc_module(name), mmu("mmu", with_walk_caches()), draw(seed) {
    slow.waits = waits;
    for (unsigned c = 0; c < 2; ++c) {
      two_stage_tables::config t;
      t.guest_tables = 0x4000'0000 + c * 0x1000'0000;
      t.nested_tables = 0x8000'0000 + c * 0x2000'0000;
      contexts[c] = std::make_unique<two_stage_tables>(tables_in(memory), t);
    }
    for (unsigned i = 0; i < thread_count; ++i) {
      threads.push_back(std::make_unique<thread_port>(("thread" + std::to_string(i)).c_str()));
      threads.back()->socket.bind(mmu.data);
    }
    control.data.socket.bind(mmu.data);
    control.fetch.socket.bind(mmu.fetch);
    control.control.bind(mmu.control);
    mmu.data_memory.bind(slow.socket);
    mmu.fetch_memory.bind(slow.socket);
    mmu.guest_table_memory.bind(slow.socket);
    mmu.nested_table_memory.bind(slow.socket);
    slow.below.bind(memory.socket);
  }

  static mmu::mmu_config with_walk_caches() {
    mmu::mmu_config c = small_mmu();
    for (walker::walker_config* w : {&c.guest_walker, &c.nested_walker}) {
      w->caches.pde = w->caches.pdpte = {4, 0};
      w->use_dmi = false;
    }
    return c;
  }

  std::uint64_t below(std::uint64_t n) { return draw() % n; }

  void begin() {
    mmu::processor_state s;
    static_cast<paging::paging_registers&>(s) = contexts[0]->guest_registers();
    s.cr4 |= paging::cr4::pcide;
    s.cr3 |= 1;
    s.eptp = contexts[0]->eptp();
    s.vpid = 1;
    // Both contexts live under one second stage: that of the first backs the tables and frames of both.
    for (unsigned c = 0; c < 2; ++c)
      for (unsigned p = 0; p < pages; ++p) edit(c, p, first_frame + (c * frames + below(frames)) * 0x1000);
    for (unsigned f = 0; f < 2 * frames; ++f) {
      contexts[0]->back(first_frame + f * 0x1000, paging::page_4k);
      memory.write(contexts[0]->hpa_of(first_frame + f * 0x1000), first_frame + f * 0x1000);
    }
    for (unsigned t = 0; t < 64; ++t) contexts[0]->back(0x5000'0000 + t * 0x1000, paging::page_4k);
    mmu.configure(s);
  }

  void edit(unsigned c, unsigned p, std::uint64_t frame) {
    auto& versions = history[{c, p}];
    versions.push_back({frame, now});
    const std::uint64_t at = first_page + p * 0x1000;
    if (frame == unmapped)
      contexts[c]->guest.unmap(at, 1);
    else
      contexts[c]->guest.map(at, frame, paging::page_4k, leaf::x86_clean);
  }
  void edit_and_flush() {
    const auto c = static_cast<unsigned>(below(2));
    const auto p = static_cast<unsigned>(below(pages));
    ++now;
    edit(c, p, below(6) == 0 ? unmapped : first_frame + (c * frames + below(frames)) * 0x1000);
    sc_core::sc_time spent;
    const paging::gva at(first_page + p * 0x1000);
    if (c == current && below(2) == 0)
      control.control->invlpg(at, spent);
    else
      control.control->invpcid(paging::invpcid_type::individual_address, static_cast<std::uint16_t>(c + 1), at, spent);
    ++flushes;
    ++now;
    auto& versions = history[{c, p}];
    for (std::size_t i = 0; i + 1 < versions.size(); ++i) versions[i].dead = std::min(versions[i].dead, now);
    if (versions.size() > 64) versions.erase(versions.begin(), versions.end() - 32);
  }
  void change_context() {
    ++now;
    current = 1 - current;
    switches.emplace_back(now, current);
    control.write_register(protocol::control_register::cr3,
                           contexts[current]->guest.root() | (current + 1) | paging::cr3::no_flush);
  }

  // Whether context `c` was in at any moment from `from` on.
  bool was_in(unsigned c, std::uint64_t from) const {
    for (std::size_t i = switches.size(); i-- > 0;) {
      if (switches[i].second == c) return true;
      if (switches[i].first <= from) return false;
    }
    return false;
  }
  bool allowed(unsigned p, std::uint64_t frame, std::uint64_t from, bool& newest) const {
    for (unsigned c = 0; c < 2; ++c) {
      if (!was_in(c, from)) continue;
      const auto& versions = history.at({c, p});
      for (const version& v : versions)
        if (v.frame == frame && v.dead > from) {
          newest = newest || &v == &versions.back();
          return true;
        }
    }
    return false;
  }

  void access(thread_port& by, sc_core::sc_time& delay) {
    const auto p = static_cast<unsigned>(below(pages));
    const std::uint64_t from = ++now;
    std::uint64_t value = 0;
    tlm::tlm_generic_payload payload;
    protocol::access_extension asked;
    asked.mode = access_mode::user;
    payload.set_extension(&asked);
    payload.set_read();
    payload.set_address(first_page + p * 0x1000);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(8);
    payload.set_streaming_width(8);
    const sc_core::sc_time start = sc_core::sc_time_stamp() + delay;
    by.socket->b_transport(payload, delay);
    EXPECT_GE(sc_core::sc_time_stamp() + delay, start);
    payload.clear_extension(&asked);
    const bool ok = payload.is_response_ok();
    if (!ok) ++faults;
    bool newest = false;
    EXPECT_TRUE(allowed(p, ok ? value : unmapped, from, newest))
        << "page " << p << (ok ? " read " : " faulted ") << std::hex << value << std::dec << " at " << now;
    if (!newest) ++stale;
  }

  void run(thread_port& by, std::uint64_t total) {
    sc_core::sc_time delay;
    while (done < total && !testing::Test::HasFailure()) {
      ++done;
      const std::uint64_t what = below(40);
      if (what < 2)
        edit_and_flush();
      else if (what == 2)
        change_context();
      else
        access(by, delay);
    }
  }

  std::string statistics() {
    statistics::group root;
    mmu.describe(root.child("mmu"));
    std::ostringstream text;
    text << write_json(root).dump();
    return text.str();
  }
};

TEST(waiting_mmu, threads_that_share_it_get_right_data_through_flushes_and_switches) {
  const std::uint64_t seed = from_environment("NESTWALK_SEED", 1);
  const std::uint64_t total = from_environment("NESTWALK_OPERATIONS", 200'000);
  shared_mmu m("machine", 4, true, seed);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  m.begin();
  for (auto& t : m.threads) sc_core::sc_spawn([&m, &t, total] { m.run(*t, total); });
  sc_core::sc_start();
  std::cout << "seed " << seed << ": " << m.done << " operations, " << m.flushes << " flushes, " << m.switches.size()
            << " switches, " << m.faults << " faults, " << m.stale << " overtaken answers\n";
  EXPECT_EQ(m.done, total);
  EXPECT_GT(m.slow.most_under_way, 1u);
  EXPECT_GT(m.faults, total / 200);
  EXPECT_GT(m.stale, 0u) << "no access was ever overtaken: the test shows nothing";
}

TEST(waiting_mmu, one_thread_counts_as_over_a_memory_that_does_not_wait) {
  const std::uint64_t seed = from_environment("NESTWALK_SEED", 1);
  constexpr std::uint64_t total = 10'000;
  shared_mmu waiting("waiting", 1, true, seed);
  shared_mmu plain("plain", 1, false, seed);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  waiting.begin();
  plain.begin();
  sc_core::sc_spawn([&] { waiting.run(*waiting.threads[0], total); });
  sc_core::sc_spawn([&] { plain.run(*plain.threads[0], total); });
  sc_core::sc_start();
  EXPECT_EQ(waiting.statistics(), plain.statistics());
  EXPECT_GT(waiting.mmu.data_counts().accesses, total / 2);
}

}  // namespace
