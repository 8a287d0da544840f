// The registers of a remapping unit as software reads and writes them, and as the unit does.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "nestwalk/iommu/register_map.h"

namespace nestwalk::iommu {

/// Keeps the values of the registers and applies what the map says of their bits; what a write sets off is its
/// caller's.
class register_file {
 public:
  register_file(const paging::vtd::unit_capabilities& unit, unsigned version);

  /// Every register as at power-on.
  void reset();

  /// The value of a register, as the unit knows it.
  std::uint64_t operator[](unit_register r) const { return values_[index(r)]; }
  std::uint64_t at(unsigned index) const { return values_[index]; }
  /// The unit's own write: all bits.
  void set(unit_register r, std::uint64_t value) { values_[index(r)] = value; }
  void set(unsigned index, std::uint64_t value) { values_[index] = value; }
  /// The unit's own write of some bits.
  void set_bits(unit_register r, std::uint64_t mask, bool on) {
    values_[index(r)] = on ? values_[index(r)] | mask : values_[index(r)] & ~mask;
  }

  /// What software reads: `bytes` (4 or 8) at `offset`, a multiple of `bytes`. Where no register stands it reads 0.
  std::uint64_t read(std::uint32_t offset, unsigned bytes) const;

  /// One register that a write touched.
  struct touched {
    unsigned index = 0;
    std::uint64_t mask = 0;     ///< which bits of it the write covered
    std::uint64_t written = 0;  ///< what was written to them
  };
  /// Software's write. Calls `see(const touched&)` for each register that it covers, from the lower on, once the
  /// register has its new value.
  template <class See>
  void write(std::uint32_t offset, unsigned bytes, std::uint64_t value, See&& see) {
    for (unsigned done = 0; done < bytes;) {
      const auto found = words_.find(offset + done);
      if (found == words_.end()) {
        done += 4;
        continue;
      }
      const unsigned length = length_from(found->second, offset + done, bytes - done);
      const touched t = store(found->second, offset + done, length, value >> (8 * done));
      done += length;
      see(t);
    }
  }

 private:
  static unsigned index(unit_register r) { return static_cast<unsigned>(r); }
  unsigned length_from(unsigned index, std::uint32_t offset, unsigned most) const;
  touched store(unsigned index, std::uint32_t offset, unsigned length, std::uint64_t value);

  std::vector<register_form> map_;
  std::vector<std::uint64_t> values_;
  std::unordered_map<std::uint32_t, unsigned> words_;  // register by the offset of each of its dwords
};

}  // namespace nestwalk::iommu
