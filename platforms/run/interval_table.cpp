#include "platforms/run/interval_table.h"

#include <functional>
#include <variant>

namespace nestwalk::platforms {
namespace {

using statistics::counter;
using statistics::leaf;

// Calls `see` for each column: its name, and what it has counted so far.
void each_column(const statistics::group& counted, const std::function<void(const std::string&, std::uint64_t)>& see) {
  counted.visit([&](const std::string& path, const leaf& each) {
    if (const auto* const one = std::get_if<counter*>(&each.from())) {
      see(path, **one);
    } else if (const auto* const all = std::get_if<statistics::sum>(&each.from())) {
      see(path, all->value());
    } else if (const statistics::histogram* const values = each.distribution()) {
      see(path + ".count", values->count());
      see(path + ".sum", values->sum());
    }
  });
}

}  // namespace

interval_table::interval_table(const statistics::group& counted, std::ostream& out)
    : counted_(counted), out_(out), before_(now()) {}

std::vector<std::uint64_t> interval_table::now() const {
  std::vector<std::uint64_t> values;
  each_column(counted_, [&](const std::string&, std::uint64_t value) { values.push_back(value); });
  return values;
}

void interval_table::begins_anew() {
  from_ = 0;
  before_ = now();
}

void interval_table::write_heading() {
  if (headed_) return;
  headed_ = true;
  out_ << "from,to";
  each_column(counted_, [&](const std::string& name, std::uint64_t) { out_ << ',' << name; });
  out_ << '\n';
}

void interval_table::ends(std::uint64_t accesses) {
  if (accesses == from_) return;
  write_heading();
  std::vector<std::uint64_t> values = now();
  out_ << from_ << ',' << accesses;
  for (std::size_t i = 0; i < values.size(); ++i) out_ << ',' << values[i] - before_[i];
  out_ << '\n';
  from_ = accesses;
  before_ = std::move(values);
}

}  // namespace nestwalk::platforms
