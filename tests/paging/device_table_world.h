// Device tables in a map of qwords, and the walk over them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "nestwalk/paging/device_walk.h"

namespace nestwalk::test {

namespace vtd = paging::vtd;

/// A unit that can do all that is modelled, 57-bit tables of both stages included.
inline vtd::unit_capabilities everything() {
  namespace c = vtd::cap;
  namespace e = vtd::ecap;
  vtd::unit_capabilities u;
  u.cap = std::uint64_t{6} << c::nd | std::uint64_t{0xe} << c::sagaw | std::uint64_t{56} << c::mgaw |
          std::uint64_t{0x22} << c::fro | c::sslps_2m | c::sslps_1g | c::psi | std::uint64_t{18} << c::mamv | c::dwd |
          c::drd | c::fs1gp | c::fs5lp;
  u.ecap = e::c | e::qi | e::dt | e::pt | e::sc | std::uint64_t{0xf} << e::iro | e::mts | e::nest | e::ers | e::srs |
           e::eafs | std::uint64_t{19} << e::pss | e::pasid | e::smts | e::ssads | e::ssts | e::fsts | e::smpwcs |
           e::rps | e::adms | e::rprivs;
  return u;
}

/// The tables of one device, 1:02.3, and of its PASID: entries that a test may change before it walks.
struct device_table_world {
  static constexpr std::uint16_t source = 0x0113;
  static constexpr std::uint32_t pasid = 0x12345;
  static constexpr std::uint64_t root_table = 0x10000;
  static constexpr std::uint64_t context_table = 0x20000;
  static constexpr std::uint64_t directory = 0x30000;
  static constexpr std::uint64_t pasid_table = 0x40000;
  static constexpr std::uint64_t second_root = 0x50000;
  static constexpr std::uint64_t first_root = 0x60000;

  std::map<std::uint64_t, std::uint64_t> qwords;
  std::vector<std::uint64_t> reads;
  std::uint64_t fails_at = ~std::uint64_t{0};  ///< memory answers an error there

  /// Legacy tables of an entry of translation type `type`.
  static device_table_world legacy(unsigned type = 0) {
    device_table_world w;
    w.qwords[root_entry_at()] = context_table | 1;
    w.qwords[context_at()] = second_root | type << 2 | 1;
    w.qwords[context_at() + 8] = 0x7700 | 2;
    return w;
  }
  /// Scalable-mode tables in which RID_PASID and `pasid` have entries of type `pgtt`.
  static device_table_world scalable(unsigned pgtt = 2) {
    device_table_world w;
    w.qwords[sm_root_at()] = context_table | 1;
    w.qwords[sm_context_at()] = directory | 7 << 9 | 8 | 4 | 1;
    w.qwords[sm_context_at() + 8] = 5;
    for (const std::uint32_t p : {std::uint32_t{5}, std::uint32_t{9}, pasid}) {
      w.qwords[directory_at(p)] = (pasid_table + (p >> 6) * 0x1000) | 1;
      w.qwords[pasid_at(p)] = second_root | pgtt << 6 | 2 << 2 | 1;
      w.qwords[pasid_at(p) + 8] = 0x77;
      w.qwords[pasid_at(p) + 16] = first_root | 0x3;  // SRE, ERE
    }
    return w;
  }

  static std::uint64_t root_entry_at() { return root_table + 16; }
  static std::uint64_t context_at() { return context_table + 0x13 * 16; }
  static std::uint64_t sm_root_at() { return root_table + 16; }
  static std::uint64_t sm_context_at() { return context_table + 0x13 * 32; }
  static std::uint64_t directory_at(std::uint32_t p) { return directory + (p >> 6) * 8; }
  static std::uint64_t pasid_at(std::uint32_t p) { return pasid_table + (p >> 6) * 0x1000 + (p & 63) * 64; }

  /// Walks until done or faulted.
  vtd::device_walk walk(const vtd::device_tables& tables, const vtd::request& r, vtd::device_walk::kept kept = {}) {
    reads.clear();
    vtd::device_walk w(tables, r, kept);
    while (w.state() == vtd::device_step::read) {
      reads.push_back(w.at().value);
      if (w.at().value == fails_at) {
        w.unreadable();
        continue;
      }
      vtd::entry e{};
      for (unsigned i = 0; i < w.bytes() / 8; ++i) e[i] = qwords[w.at().value + i * 8];
      w.value(e);
    }
    return w;
  }
};

}  // namespace nestwalk::test
