// One named statistic: where its value is, its unit, and a sentence on what it tells.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/histogram.h"
#include "nestwalk/statistics/sum.h"

namespace nestwalk::statistics {

/// A statistic of a `group`. It refers to the counter or histogram it names, which must outlive it and not move.
class leaf {
 public:
  /// A value worked out when it is read, from statistics that are registered elsewhere, with which it is reset.
  using computed = std::function<double()>;
  /// What there is now, such as processes that live: no reset changes it.
  using state = std::function<counter()>;
  using source = std::variant<counter*, histogram*, sum, computed, state>;

  leaf(std::string name, std::string unit, std::string about, source from)
      : name_(std::move(name)), unit_(std::move(unit)), about_(std::move(about)), source_(std::move(from)) {}

  /// The last part of its path.
  const std::string& name() const { return name_; }
  /// What one is: "accesses", "cycles", "cycles/access".
  const std::string& unit() const { return unit_; }
  /// One sentence on what it tells.
  const std::string& about() const { return about_; }
  /// Where its value stands.
  const source& from() const { return source_; }

  /// The value now; of a histogram, how many values it holds.
  double value() const;
  /// The distribution, or null where this is no histogram.
  const histogram* distribution() const;
  /// Sets what is counted to zero: the counter, the histogram, or every counter of the sum.
  void reset();

 private:
  std::string name_;
  std::string unit_;
  std::string about_;
  source source_;
};

}  // namespace nestwalk::statistics
