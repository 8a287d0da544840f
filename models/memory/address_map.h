// Where in the dram an address lies.
#pragma once

#include <cstdint>

namespace nestwalk::memory {

/// log2 of a power of two.
constexpr unsigned log2_of(std::uint64_t power) {
  unsigned bits = 0;
  while (power > 1) power >>= 1, ++bits;
  return bits;
}

/// Splits an address, from its lowest bits up, into: byte of a burst, channel, column (burst of a row), bank, rank,
/// row. So neighbouring bursts go to different channels, a run of addresses stays in the open rows, and the next run
/// lies in another bank. Channels may be any number; the rest are powers of two.
class address_map {
 public:
  struct place {
    unsigned channel;
    std::size_t bank;  ///< counted over all channels and ranks
    std::uint64_t row;
  };

  address_map(unsigned burst_bytes, unsigned channels, unsigned ranks, unsigned banks, unsigned row_bytes)
      : burst_log2_(log2_of(burst_bytes)),
        channel_log2_((channels & (channels - 1)) == 0 ? log2_of(channels) : divided),
        column_log2_(log2_of(row_bytes / burst_bytes)),
        bank_log2_(log2_of(std::uint64_t{ranks} * banks)),
        channels_(channels),
        bank_mask_(ranks * banks - 1) {}

  place of(std::uint64_t address) const {
    const std::uint64_t burst = address >> burst_log2_;
    const std::uint64_t run = channel_log2_ == divided ? burst / channels_ : burst >> channel_log2_;
    const auto channel = static_cast<unsigned>(burst - run * channels_);
    const std::uint64_t above_column = run >> column_log2_;
    return {channel, (above_column & bank_mask_) * channels_ + channel, above_column >> bank_log2_};
  }

  bool same_burst(std::uint64_t a, std::uint64_t b) const { return (a ^ b) >> burst_log2_ == 0; }

 private:
  static constexpr unsigned divided = 64;

  unsigned burst_log2_;
  unsigned channel_log2_;  // `divided` where channels are no power of two
  unsigned column_log2_;
  unsigned bank_log2_;
  std::uint64_t channels_;
  std::uint64_t bank_mask_;
};

}  // namespace nestwalk::memory
