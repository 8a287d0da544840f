// One key of a command's configuration.
#pragma once

#include <string>
#include <vector>

#include "nestwalk/configuration/key.h"
#include "platforms/configuration/readers.h"

namespace nestwalk::platforms {

using nestwalk::configuration::domain;
using nestwalk::configuration::unit_words;
using nestwalk::configuration::value;
using nestwalk::configuration::written;

/// A key: its path, what it means, what it takes, who reads it, and where its value stands. A setting of several
/// generated workloads is one key with a place in the configuration of each.
class key {
 public:
  std::string path;   ///< "mmu.l2_tlb.entries"
  std::string unit;   ///< "entries", "bytes", "cycles", "ns"; empty for truths and names
  std::string about;  ///< one line
  domain allowed;
  unsigned read_by = 0;  ///< the readers of all its places

  /// The value that `readers` find: that of the first place that any of them reads.
  value get(unsigned readers = reader::everyone) const;
  /// What somebody gave, as this key takes it: text is read for the value that it writes.
  value read(value given) const;
  /// Writes an admitted value into every place.
  void set(const value& v) const;

 private:
  friend class key_table;
  struct place {
    unsigned read_by;
    const nestwalk::configuration::key* described;
  };
  std::vector<place> places_;
};

}  // namespace nestwalk::platforms
