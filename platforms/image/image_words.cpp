#include "platforms/image/image_words.h"

#include <array>

#include <fmt/format.h>

#include "platforms/report/wrapped.h"

namespace nestwalk::platforms {
namespace {

using paging::fault_kind;

const char* second_stage_trouble(const paging::fault& f) {
  switch (f.cause) {
    case paging::walk_cause::forbidden: return "forbidden";
    case paging::walk_cause::malformed:
      return f.kind == fault_kind::ept_misconfiguration ? "misconfigured" : "reserved bit";
    default: return "not mapped";
  }
}

}  // namespace

const char* name_of(image::memory_image::format kind) {
  switch (kind) {
    case image::memory_image::format::elf_core: return "ELF core";
    case image::memory_image::format::lime: return "LiME image";
    case image::memory_image::format::raw: break;
  }
  return "raw memory";
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, units[unit]);
}

std::string state_text(const image_state& state, const image::memory_image& image) {
  const std::size_t pieces = image.segments().size();
  std::string text = fmt::format("{}:\n{}, {} in {} piece{}, from {:#x} to {:#x}\n", image.name(),
                                 name_of(image.kind()), size_text(image.bytes()), pieces, pieces == 1 ? "" : "s",
                                 image.segments().front().first, image.end() - 1);
  std::string group;
  std::size_t column = 0;
  for (const stated_value& each : state.values) {
    const std::string value = fmt::format("{} {} ({})", each.name, each.text, name_of(each.from));
    std::string before = each.group == group ? ", " : fmt::format("{}{}: ", group.empty() ? "" : "\n", each.group);
    const bool full = column + before.size() + value.size() + 1 > terminal_columns;
    if (each.group == group && full) before = ",\n  ";
    if (each.group != group || full) column = 0;
    text += before + value;
    column += before.size() + value.size();
    group = each.group;
  }
  text += '\n';
  for (const std::string& each : state.remarks) text += wrapped(each + '.', "", "  ");
  return text;
}

nlohmann::ordered_json state_json(const image_state& state) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const stated_value& each : state.values)
    all[each.group][each.name] = {{"value", each.text}, {"from", name_of(each.from)}};
  all["remarks"] = state.remarks;
  return all;
}

std::string trouble_of(const image::mapped_range& r) {
  const paging::fault& f = r.why;
  if (f.kind == fault_kind::memory_error)
    return fmt::format("the image lacks the {} entry at HPA {:#x}",
                       f.stage == paging::stage_kind::guest ? "guest's" : "second stage's", f.entry.value);
  if (f.kind == fault_kind::page_fault) return "reserved bit in a guest entry";
  const std::string trouble = second_stage_trouble(f);
  return r.known_to_guest() ? trouble : fmt::format("guest table at GPA {:#x}: {}", f.guest_physical.value, trouble);
}

}  // namespace nestwalk::platforms
