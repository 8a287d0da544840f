#include "platforms/image/map_json.h"

#include <string>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platforms/image/image_words.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

using image::mapped_range;
using image::mapping_census;
using json = nlohmann::ordered_json;
using paging::rights;

constexpr std::size_t block_bytes = 1 << 16;

/// A size as a power of two, or null.
json log2_or_null(std::uint8_t log2) {
  return log2 == mapping_census::none ? json() : json(log2);
}

json counts_of(const mapping_census& census) {
  json sizes = json::array();
  for (const auto& [log2s, each] : census.by_size())
    sizes.push_back({{"guest_log2", log2s.first},
                     {"host_log2", log2_or_null(log2s.second)},
                     {"pages", each.pages},
                     {"bytes", each.bytes}});
  json missing = json::array();
  for (const auto& [log2, bytes] : census.not_backed_bytes())
    missing.push_back({{"guest_log2", log2}, {"bytes", bytes}});
  json large = json::array();
  for (const auto& [log2, each] : census.by_large_page())
    large.push_back({{"guest_log2", log2},
                     {"pages", each.pages},
                     {"whole", each.whole},
                     {"splintered", each.splintered},
                     {"splintered_bytes", each.splintered_bytes},
                     {"not_backed", each.not_backed},
                     {"not_backed_bytes", each.not_backed_bytes}});
  const mapping_census::amount all = census.total();
  const std::uint64_t reached = census.reached_by(map_writer::tlb_entries);
  return {{"mapped_bytes", all.bytes},
          {"by_size", sizes},
          {"not_mapped_by_second_stage", missing},
          {"unusable_bytes", census.unusable_bytes()},
          {"large_pages", large},
          {"tlb_entries_needed", all.pages},
          {"tlb",
           {{"entries", map_writer::tlb_entries},
            {"reached_bytes", reached},
            {"reached_share", all.bytes == 0 ? 0.0 : static_cast<double>(reached) / static_cast<double>(all.bytes)}}}};
}

}  // namespace

void map_json::begin(const image_state& state, const image::memory_image& image) {
  nested_ = state.nested();
  out_ << "{\n\"image\": "
       << json{{"file", image.name()},
               {"format", name_of(image.kind())},
               {"bytes", image.bytes()},
               {"pieces", image.segments().size()}}
       << ",\n\"machine\": " << state_json(state) << ",\n\"ranges\": [";
}

/// One of perhaps millions.
void map_json::range(const mapped_range& r) {
  const auto has = [&r](unsigned right) { return r.granted.has(right); };
  const auto add = [this](const auto& form, const auto&... parts) {
    fmt::format_to(std::back_inserter(lines_), form, parts...);
  };
  add(FMT_COMPILE("{}\n{{\"gva\": \"{:#x}\", \"bytes\": {}"), any_ ? "," : "", r.first.value, r.bytes);
  if (r.known_to_guest()) {
    add(FMT_COMPILE(", \"gpa\": \"{:#x}\""), r.guest_physical.value);
    if (r.mapped()) add(FMT_COMPILE(", \"hpa\": \"{:#x}\""), r.host_physical.value);
    if (!r.mapped()) add(FMT_COMPILE(", \"hpa\": null"));
    add(FMT_COMPILE(", \"guest_log2\": {}"), r.guest_size_log2);
    if (nested_ && r.mapped()) add(FMT_COMPILE(", \"host_log2\": {}"), r.nested_size_log2);
    if (!nested_ || !r.mapped()) add(FMT_COMPILE(", \"host_log2\": null"));
    add(FMT_COMPILE(", \"guest_write\": {}, \"guest_user\": {}, \"guest_execute\": {}, \"global\": {}, \"key\": {}"),
        has(rights::writable), has(rights::user), has(rights::executable), r.global, r.granted.key);
    if (nested_ && r.mapped())
      add(FMT_COMPILE(", \"host_read\": {}, \"host_write\": {}, \"host_execute\": {}"), has(rights::nested_read),
          has(rights::nested_write), has(rights::nested_execute));
    if (r.one_page) add(FMT_COMPILE(", \"one_page\": true"));
  } else {
    add(FMT_COMPILE(", \"gpa\": null, \"hpa\": null, \"guest_log2\": null, \"host_log2\": null"));
  }
  if (!r.mapped()) add(FMT_COMPILE(", \"fault\": \"{}\", \"why\": \"{}\""), name_of(r.why.kind), trouble_of(r));
  lines_.push_back('}');
  any_ = true;
  if (lines_.size() >= block_bytes) print_lines();
}

void map_json::print_lines() {
  out_.write(lines_.data(), static_cast<std::streamsize>(lines_.size()));
  lines_.clear();
}

void map_json::end(const mapping_census& census, std::optional<paging::gva> ended_at) {
  print_lines();
  out_ << "\n],\n\"counts\": " << counts_of(census);
  if (ended_at) out_ << ",\n\"ended_at\": \"" << hex(ended_at->value) << '"';
  out_ << "\n}\n";
}

}  // namespace nestwalk::platforms
