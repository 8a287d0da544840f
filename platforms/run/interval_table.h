// The counters of a run, interval by interval, as a table.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "nestwalk/statistics/group.h"

namespace nestwalk::platforms {

/// Writes CSV: a line for each interval, with the accesses that it begins after and ends with, since the statistics
/// began, and what each counter counted in it; of a distribution the number of its values and their sum. Ratios and
/// what says what there is now are left out: so each column adds up to the statistic of the whole run.
class interval_table {
 public:
  /// Both outlive this.
  interval_table(const statistics::group& counted, std::ostream& out);

  /// An interval ends here, `accesses` after the statistics began. One of no accesses is not written.
  void ends(std::uint64_t accesses);
  /// The statistics have begun anew.
  void begins_anew();

 private:
  std::vector<std::uint64_t> now() const;
  void write_heading();

  const statistics::group& counted_;
  std::ostream& out_;
  std::uint64_t from_ = 0;
  std::vector<std::uint64_t> before_;
  bool headed_ = false;
};

}  // namespace nestwalk::platforms
