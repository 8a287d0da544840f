// Qwords in a map, as the memory of an untimed walk; it records the order of reads and exchanges.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "nestwalk/paging/drive.h"

namespace nestwalk::test {

class flat_memory {
 public:
  std::map<std::uint64_t, std::uint64_t> qwords;
  std::vector<std::uint64_t> reads;
  std::vector<std::uint64_t> exchanges;
  std::uint64_t fails_at = ~std::uint64_t{0};               ///< memory answers an error there
  std::function<void(std::uint64_t)> before_exchange = {};  ///< called with the address

  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) {
    reads.push_back(at.value);
    if (at.value == fails_at) return false;
    value = qwords[at.value & ~std::uint64_t{7}];
    if (bytes == 4) value = (value >> ((at.value & 4) * 8)) & 0xffffffff;
    return true;
  }

  paging::exchange_result exchange(paging::hpa at, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    if (before_exchange) before_exchange(at.value);
    exchanges.push_back(at.value);
    std::uint64_t& qword = qwords[at.value & ~std::uint64_t{7}];
    const unsigned shift = bytes == 4 ? static_cast<unsigned>(at.value & 4) * 8 : 0;
    const std::uint64_t mask = bytes == 4 ? std::uint64_t{0xffffffff} << shift : ~std::uint64_t{0};
    if ((qword & mask) != expected << shift) return paging::exchange_result::changed;
    qword = (qword & ~mask) | desired << shift;
    return paging::exchange_result::stored;
  }

  bool log(paging::hpa slot, std::uint64_t record) {
    if (slot.value == fails_at) return false;
    qwords[slot.value] = record;
    return true;
  }
};

}  // namespace nestwalk::test
