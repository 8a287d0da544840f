#include "platforms/image/map_table.h"

#include <string_view>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "platforms/image/image_words.h"
#include "platforms/report/wrapped.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

using image::mapped_range;
using image::mapping_census;
using paging::rights;

constexpr const char* heading = "{:<19}{:>9} {:<13}{:<13}{:>5}{:>5} {:<8}{}\n";
constexpr std::size_t block_bytes = 1 << 16;

/// "rwx", a byte each.
template <class Out>
void add_flags(Out& to, bool read, bool write, bool execute) {
  to.push_back(read ? 'r' : '-');
  to.push_back(write ? 'w' : '-');
  to.push_back(execute ? 'x' : '-');
}

template <class Out>
void add_guest_flags(Out& to, const mapped_range& r) {
  add_flags(to, true, r.granted.has(rights::writable), r.granted.has(rights::executable));
  to.push_back(' ');
  to.push_back(r.granted.has(rights::user) ? 'u' : 's');
  const std::string_view global = r.global ? " g " : "   ";
  to.append(global.data(), global.data() + global.size());
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{:.1f} %", whole == 0 ? 0.0 : 100 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

map_table::map_table(std::ostream& out) : out_(out) {
  for (unsigned log2 = 0; log2 < page_names_.size(); ++log2) page_names_[log2] = page_size(log2);
}

void map_table::begin(const image_state& state, const image::memory_image& image) {
  nested_ = state.nested();
  out_ << state_text(state, image) << '\n'
       << fmt::format(heading, "GVA", "size", "GPA", nested_ ? "HPA" : "", "guest", nested_ ? "host" : "", "guest",
                      nested_ ? "host" : "");
}

/// One of perhaps millions: what neighbours have in common is not made anew, and nothing is allocated.
void map_table::range(const mapped_range& r) {
  const auto add = [this](const auto& form, const auto&... parts) {
    fmt::format_to(std::back_inserter(lines_), form, parts...);
  };
  if (r.bytes != last_bytes_) last_size_ = size_text(r.bytes);
  last_bytes_ = r.bytes;
  add(FMT_COMPILE("{:<#19x}{:>9} "), r.first.value, last_size_);
  if (!r.known_to_guest()) {
    add(FMT_COMPILE("{}\n"), trouble_of(r));
  } else {
    add(FMT_COMPILE("{:<#13x}"), r.guest_physical.value);
    if (nested_ && r.mapped())
      add(FMT_COMPILE("{:<#13x}"), r.host_physical.value);
    else
      add(FMT_COMPILE("{:<13}"), nested_ ? "-" : "");
    add(FMT_COMPILE("{:>5}{:>5} "), page_names_[r.guest_size_log2],
        !nested_     ? ""
        : r.mapped() ? std::string_view(page_names_[r.nested_size_log2])
                     : "-");
    add_guest_flags(lines_, r);
    add_last_column(r);
  }
  if (lines_.size() >= block_bytes) print_lines();
}

void map_table::add_last_column(const mapped_range& r) {
  if (nested_ && r.mapped())
    add_flags(lines_, r.granted.has(rights::nested_read), r.granted.has(rights::nested_write),
              r.granted.has(rights::nested_execute));
  else if (nested_)
    fmt::format_to(std::back_inserter(lines_), "{}", trouble_of(r));
  if (r.one_page) fmt::format_to(std::back_inserter(lines_), " one page");
  lines_.push_back('\n');
}

void map_table::print_lines() {
  out_.write(lines_.data(), static_cast<std::streamsize>(lines_.size()));
  lines_.clear();
}

void map_table::end(const mapping_census& census, std::optional<paging::gva> ended_at) {
  print_lines();
  out_ << '\n';
  if (ended_at) out_ << fmt::format("ended at {:#x}; until there:\n", ended_at->value);
  print_sizes(census);
  print_large_pages(census);
  const mapping_census::amount all = census.total();
  out_ << wrapped(fmt::format("A TLB needs {} entries for all of it; one of {} reaches {}, the largest pages first.",
                              all.pages, tlb_entries, share(census.reached_by(tlb_entries), all.bytes)),
                  "", "  ");
}

void map_table::print_sizes(const mapping_census& census) {
  constexpr const char* line = "{:<7}{:<7}{:>12}{:>14}\n";
  out_ << fmt::format(line, "guest", nested_ ? "host" : "", "pages", "size");
  for (const auto& [sizes, each] : census.by_size())
    out_ << fmt::format(line, page_size(sizes.first), nested_ ? page_size(sizes.second) : "", each.pages,
                        size_text(each.bytes));
  for (const auto& [log2, bytes] : census.not_backed_bytes())
    out_ << fmt::format(line, page_size(log2), "-", bytes >> log2, size_text(bytes));
  const mapping_census::amount all = census.total();
  out_ << fmt::format(line, "mapped", "", all.pages, size_text(all.bytes));
  if (nested_) out_ << "Pages are those of the smaller size; - is what the second stage does not map.\n";
  if (census.unusable_bytes() != 0)
    out_ << fmt::format("{} lie below entries or tables that cannot be used.\n", size_text(census.unusable_bytes()));
}

void map_table::print_large_pages(const mapping_census& census) {
  if (!nested_) return;
  for (const auto& [log2, each] : census.by_large_page()) {
    std::string text = fmt::format(
        "Of the guest's {} pages of {} the host backs {} whole and splinters {} ({} of their bytes)", each.pages,
        page_size(log2), each.whole, each.splintered, share(each.splintered_bytes, each.pages << log2));
    if (each.not_backed != 0)
      text += fmt::format("; {} are not backed wholly ({} of their bytes)", each.not_backed,
                          share(each.not_backed_bytes, each.pages << log2));
    out_ << wrapped(text + '.', "", "  ");
  }
}

}  // namespace nestwalk::platforms
