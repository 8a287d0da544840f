#include "nestwalk/statistics/write_json.h"

#include <nlohmann/json.hpp>

#include "nestwalk/statistics/group.h"

namespace nestwalk::statistics {
namespace {

using nlohmann::ordered_json;

ordered_json distribution(const histogram& values) {
  ordered_json buckets = ordered_json::array();
  for (const histogram::bucket& each : values.buckets())
    buckets.push_back(ordered_json::array({each.from, each.to, each.count}));
  return {{"count", values.count()},         {"sum", values.sum()},          {"mean", values.mean()},
          {"median", values.percentile(50)}, {"p99", values.percentile(99)}, {"max", values.max()},
          {"buckets", std::move(buckets)}};
}

ordered_json value_of(const leaf& statistic) {
  if (const histogram* values = statistic.distribution()) return distribution(*values);
  if (const auto* count = std::get_if<counter*>(&statistic.from())) return **count;
  if (const auto* all = std::get_if<sum>(&statistic.from())) return all->value();
  if (const auto* now = std::get_if<leaf::state>(&statistic.from())) return (*now)();
  return statistic.value();
}

}  // namespace

ordered_json write_json(const group& statistics) {
  ordered_json object = ordered_json::object();
  statistics.visit([&object](const std::string& path, const leaf& each) {
    object[path] = {{"value", value_of(each)}, {"unit", each.unit()}, {"about", each.about()}};
  });
  return object;
}

}  // namespace nestwalk::statistics
