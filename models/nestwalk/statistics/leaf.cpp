#include "nestwalk/statistics/leaf.h"

namespace nestwalk::statistics {

double leaf::value() const {
  if (const auto* count = std::get_if<counter*>(&source_)) return static_cast<double>(**count);
  if (const auto* values = distribution()) return static_cast<double>(values->count());
  if (const auto* all = std::get_if<sum>(&source_)) return static_cast<double>(all->value());
  if (const auto* now = std::get_if<state>(&source_)) return static_cast<double>((*now)());
  return std::get<computed>(source_)();
}

const histogram* leaf::distribution() const {
  const auto* values = std::get_if<histogram*>(&source_);
  return values == nullptr ? nullptr : *values;
}

void leaf::reset() {
  if (auto* count = std::get_if<counter*>(&source_)) **count = 0;
  if (auto* values = std::get_if<histogram*>(&source_)) (*values)->reset();
  if (auto* all = std::get_if<sum>(&source_)) all->reset();
}

}  // namespace nestwalk::statistics
