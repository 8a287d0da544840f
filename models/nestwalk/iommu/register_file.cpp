#include "nestwalk/iommu/register_file.h"

#include <algorithm>

namespace nestwalk::iommu {

register_file::register_file(const paging::vtd::unit_capabilities& unit, unsigned version)
    : map_(register_map(unit, version)) {
  for (unsigned i = 0; i < map_.size(); ++i) {
    values_.push_back(map_[i].reset);
    for (unsigned word = 0; word < map_[i].bytes; word += 4) words_[map_[i].offset + word] = i;
  }
}

void register_file::reset() {
  for (unsigned i = 0; i < map_.size(); ++i) values_[i] = map_[i].reset;
}

std::uint64_t register_file::read(std::uint32_t offset, unsigned bytes) const {
  std::uint64_t value = 0;
  for (unsigned done = 0; done < bytes; done += 4) {
    const auto found = words_.find(offset + done);
    if (found == words_.end()) continue;
    const register_form& form = map_[found->second];
    const std::uint64_t whole = values_[found->second] & form.readable;
    value |= ((whole >> (8 * (offset + done - form.offset))) & 0xffffffff) << (8 * done);
  }
  return value;
}

unsigned register_file::length_from(unsigned index, std::uint32_t offset, unsigned most) const {
  return std::min(most, map_[index].offset + map_[index].bytes - offset);
}

register_file::touched register_file::store(unsigned index, std::uint32_t offset, unsigned length,
                                            std::uint64_t value) {
  const register_form& form = map_[index];
  const unsigned shift = 8 * (offset - form.offset);
  const std::uint64_t mask = (length == 8 ? ~std::uint64_t{0} : std::uint64_t{0xffffffff}) << shift;
  const std::uint64_t written = (value << shift) & mask;
  std::uint64_t& now = values_[index];
  now = (now & ~(form.writable & mask)) | (written & form.writable);
  now &= ~(written & form.clears);
  return {index, mask, written};
}

}  // namespace nestwalk::iommu
