// Which process-context identifier a process runs under.
#pragma once

#include <cstdint>
#include <vector>

namespace nestwalk::guest {

/// A few PCIDs, from 1 up, dealt out in turn and taken from whoever had them longest, as Linux deals its ASIDs.
class pcid_pool {
 public:
  struct grant {
    std::uint16_t pcid = 0;
    bool still_its = false;  ///< what is cached under it is this context's: nothing to flush
  };

  explicit pcid_pool(unsigned pcids) : owners_(pcids) {}

  /// The PCID for a context; contexts are numbered from 1 and no number comes twice.
  grant take(std::uint64_t context) {
    for (std::size_t slot = 0; slot < owners_.size(); ++slot)
      if (owners_[slot] == context) return {static_cast<std::uint16_t>(slot + 1), true};
    const std::size_t slot = next_;
    next_ = (next_ + 1) % owners_.size();
    recycled_ += owners_[slot] != 0 ? 1 : 0;
    owners_[slot] = context;
    return {static_cast<std::uint16_t>(slot + 1), false};
  }
  /// PCIDs taken from another context so far.
  std::uint64_t& recycled() { return recycled_; }

 private:
  std::vector<std::uint64_t> owners_;  // 0: nobody yet
  std::size_t next_ = 0;
  std::uint64_t recycled_ = 0;
};

}  // namespace nestwalk::guest
