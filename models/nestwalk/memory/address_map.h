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
    std::size_t bank;   ///< counted over all channels and ranks
    std::uint64_t row;  ///< its address bits, in their place: a row of the bank has one value, and none has all ones
  };

  address_map(unsigned burst_bytes, unsigned channels, unsigned ranks, unsigned banks, unsigned row_bytes)
      : channels_(channels),
        divided_((channels & (channels - 1)) != 0),
        channel_mask_(channels - 1),
        bank_mask_((std::uint64_t{ranks} * banks - 1) << channel_log2()),
        burst_bytes_(burst_bytes),
        burst_log2_(log2_of(burst_bytes)),
        bank_log2_(burst_log2_ + log2_of(row_bytes / burst_bytes)),
        row_mask_(~std::uint64_t{0} << (bank_log2_ + channel_log2() + log2_of(std::uint64_t{ranks} * banks))) {}

  place of(std::uint64_t address) const { return divided_ ? by_division(address) : by_bits(address); }

  /// Whether channels are no power of two.
  bool divided() const { return divided_; }
  /// As `of`, where they are one.
  place by_bits(std::uint64_t address) const {
    const std::uint64_t channel = (address >> burst_log2_) & channel_mask_;
    return {static_cast<unsigned>(channel), ((address >> bank_log2_) & bank_mask_) | channel, address & row_mask_};
  }

  /// Where the burst after that of `address` begins.
  std::uint64_t next_burst(std::uint64_t address) const { return (address | (burst_bytes_ - 1)) + 1; }
  bool same_burst(std::uint64_t a, std::uint64_t b) const { return (a ^ b) < burst_bytes_; }

 private:
  unsigned channel_log2() const { return divided_ ? 0 : log2_of(channels_); }

  place by_division(std::uint64_t address) const {
    const std::uint64_t burst = address >> burst_log2_;
    const std::uint64_t channel = burst % channels_;
    const std::uint64_t within = burst / channels_ << burst_log2_;  // the address among those of the channel
    return {static_cast<unsigned>(channel), ((within >> bank_log2_) & bank_mask_) * channels_ + channel,
            within & row_mask_};
  }

  std::uint64_t channels_;
  bool divided_;  // channels are no power of two: the fields above them are those of an address within its channel
  std::uint64_t channel_mask_;
  std::uint64_t bank_mask_;  // above the bits of the channel
  std::uint64_t burst_bytes_;
  unsigned burst_log2_;
  unsigned bank_log2_;  // an address shifted by this has the bank above the bits of the channel
  std::uint64_t row_mask_;
};

}  // namespace nestwalk::memory
