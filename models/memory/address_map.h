// Where in the dram an address lies.
#pragma once

#include <cstdint>

namespace nestwalk::memory {

/// Splits an address, from its lowest bits up, into: byte of a burst, channel, column (burst of a row), bank, rank,
/// row. So neighbouring bursts go to different channels, a run of addresses stays in the open rows, and the next run
/// lies in another bank. Channels may be any number; the rest are powers of two.
class address_map {
 public:
  struct place {
    unsigned channel;
    unsigned bank;  ///< counted over all channels and ranks
    std::uint64_t row;
  };

  address_map(unsigned burst_bytes, unsigned channels, unsigned ranks, unsigned banks, unsigned row_bytes)
      : burst_log2_(log2(burst_bytes)),
        column_log2_(log2(row_bytes) - log2(burst_bytes)),
        bank_log2_(log2(ranks * banks)),
        channels_(channels),
        channel_log2_((channels & (channels - 1)) == 0 ? log2(channels) : divided) {}

  place of(std::uint64_t address) const {
    const std::uint64_t burst = address >> burst_log2_;
    const std::uint64_t run = channel_log2_ == divided ? burst / channels_ : burst >> channel_log2_;
    const auto channel = static_cast<unsigned>(burst - run * channels_);
    const std::uint64_t above_column = run >> column_log2_;
    const auto bank = static_cast<unsigned>(above_column & ((std::uint64_t{1} << bank_log2_) - 1));
    return {channel, (channel << bank_log2_) + bank, above_column >> bank_log2_};
  }

  /// log2 of a power of two.
  static constexpr unsigned log2(std::uint64_t power) {
    unsigned bits = 0;
    while (power > 1) power >>= 1, ++bits;
    return bits;
  }

 private:
  static constexpr unsigned divided = 64;

  unsigned burst_log2_;
  unsigned column_log2_;
  unsigned bank_log2_;
  unsigned channels_;
  unsigned channel_log2_;  // `divided` where channels are no power of two
};

}  // namespace nestwalk::memory
