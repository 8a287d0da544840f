// A trace performed several times over.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "nestwalk/workload/source.h"

namespace nestwalk::workload {

/// The operations of a source, `times` times, as if it were so much longer. It is opened anew for each pass, so what it
/// reads must be there each time: a file, and not standard input.
class repeated final : public source {
 public:
  using opener = std::function<std::unique_ptr<source>()>;

  /// Opens the first pass. `times` is 1 at least. When `stop` (may be null) becomes true the pass under way is the
  /// last. Throws what `open` throws.
  repeated(opener open, std::uint64_t times, const std::atomic<bool>* stop = nullptr);

  std::size_t next(operation* out, std::size_t capacity) override;
  const char* format() const override { return pass_->format(); }
  /// "FILE: line 3, pass 2 of 5".
  std::string place_of(const operation* batch, std::size_t index) const override;
  double progress() const override;
  /// Of one pass: each passes over the same.
  std::uint64_t passed_over() const override;
  std::string first_passed_over() const override;

 private:
  bool over() const { return passes_ == times_ || (stop_ != nullptr && *stop_); }

  opener open_;
  std::uint64_t times_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<source> pass_;   ///< the one under way
  std::uint64_t passes_ = 1;       ///< begun
  std::uint64_t passed_over_ = 0;  ///< by a pass that ended
  std::string first_passed_over_;  ///< likewise
};

}  // namespace nestwalk::workload
