#include "tb/cosim_report.h"

#include <algorithm>
#include <string>

#include <fmt/ostream.h>

namespace nestwalk::tb {

namespace {

std::size_t failures(const std::vector<seed_result>& done) {
  return static_cast<std::size_t>(
      std::count_if(done.begin(), done.end(), [](const seed_result& r) { return !r.failure.empty(); }));
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return safe;
}

seed_result sum_of(const std::vector<seed_result>& done) {
  seed_result all;
  for (const seed_result& r : done) {
    all.walks += r.walks;
    all.cycles += r.cycles;
    all.reads += r.reads;
    all.exchanges += r.exchanges;
    all.lost += r.lost;
    all.faults += r.faults;
    all.squashed += r.squashed;
    all.errors += r.errors;
    all.invalidations += r.invalidations;
    all.resets += r.resets;
    all.cache_hits += r.cache_hits;
    all.covered.merge(r.covered);
  }
  return all;
}

}  // namespace

void write_summary(const std::vector<seed_result>& done, std::uint64_t asked, bool show_missed, std::ostream& out) {
  const seed_result all = sum_of(done);
  const std::size_t failed = failures(done);
  const std::string part = done.size() == asked ? "" : fmt::format(" of {}, ended before the others", asked);
  fmt::print(out, "{} seed{}{}: {} passed, {} failed\n", done.size(), done.size() == 1 ? "" : "s", part,
             done.size() - failed, failed);
  fmt::print(out, "{} walks in {} cycles: {} reads, {} exchanges ({} lost), {} faults, {} memory errors\n", all.walks,
             all.cycles, all.reads, all.exchanges, all.lost, all.faults, all.errors);
  fmt::print(out, "{} invalidations, {} walks squashed, {} resets, {} cache hits\n", all.invalidations, all.squashed,
             all.resets, all.cache_hits);
  fmt::print(out, "functional coverage: {} of {} combinations ({:.1f} %)\n", all.covered.hit(), all.covered.size(),
             100.0 * static_cast<double>(all.covered.hit()) / static_cast<double>(all.covered.size()));
  if (!show_missed) return;
  for (const std::string& name : all.covered.missed()) fmt::print(out, "  missed: {}\n", name);
}

void write_junit(const std::vector<seed_result>& done, std::ostream& out) {
  fmt::print(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  fmt::print(out, "<testsuite name=\"cosim\" tests=\"{}\" failures=\"{}\">\n", done.size(), failures(done));
  for (const seed_result& r : done) {
    fmt::print(out, "  <testcase classname=\"cosim.{}\" name=\"seed {}\"", r.model, r.seed);
    if (r.failure.empty())
      fmt::print(out, "/>\n");
    else
      fmt::print(out, "><failure message=\"walk {}: {}\"/></testcase>\n", r.failed_walk, escaped(r.failure));
  }
  fmt::print(out, "</testsuite>\n");
}

}  // namespace nestwalk::tb
