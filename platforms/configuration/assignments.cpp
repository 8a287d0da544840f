#include "platforms/configuration/assignments.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/configuration/toml_entries.h"

namespace nestwalk::platforms {
namespace {

// The value as a TOML file would say it: a number with a fraction shows one.
std::string as_given(const value& v, const std::string& unit) {
  const double* const fraction = std::get_if<double>(&v);
  const bool looks_whole = fraction != nullptr && std::isfinite(*fraction) && std::floor(*fraction) == *fraction;
  return written(v, unit) + (looks_whole ? ".0" : "");
}

// What stands in a message for text that somebody gave, of any length.
std::string shown(const std::string& text) {
  constexpr std::size_t most = 80;
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

[[noreturn]] void refuse(const key& k, const value& given, const std::string& where) {
  const std::string unit = k.unit.empty() ? "" : " " + k.unit;
  if (!has_type(k.allowed, given))
    throw input_error(fmt::format("{}: {} = {}: {}{} is expected{}", where, k.path, shown(as_given(given, k.unit)),
                                  described_with_type(k.allowed, k.unit), unit,
                                  k.unit == "bytes" ? "; 4096, 0x1000, 4K, 4KB and 4 KiB are the same size" : ""));
  throw input_error(fmt::format("{}: {} = {} is out of range: it is {}{}", where, k.path, written(given, k.unit),
                                described(k.allowed, k.unit), unit));
}

// What the file holds; a pipe will do for one, but not what never ends.
std::string content_of(const std::string& path) {
  constexpr std::size_t most = 1 << 20;
  const auto fail = [&path](const std::string& why) {
    throw input_error(fmt::format("{}: cannot read this configuration: {}; a file in TOML is expected", path, why));
  };
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) fail(std::strerror(EISDIR));
  std::ifstream input(path);
  if (!input) fail(std::strerror(errno));
  std::string content;
  for (char part[4096]; input.read(part, sizeof part), input.gcount() > 0;) {
    content.append(part, static_cast<std::size_t>(input.gcount()));
    if (content.size() > most) fail(fmt::format("it holds more than {}", written(value(most), "bytes")));
  }
  if (input.bad()) fail(std::strerror(errno));
  return content;
}

}  // namespace

const key& assignments::known_key(const std::string& path, const std::string& where) const {
  if (const key* k = keys_.find(path)) return *k;
  if (keys_.is_group(path))
    throw input_error(fmt::format("{}: {} is a group of keys (run --describe lists all keys)", where, path));
  const std::string near = keys_.nearest(path);
  throw input_error(fmt::format("{}: there is no key {}{} (run --describe lists all keys)", where, shown(path),
                                near.empty() ? "" : "; did you mean " + near + "?"));
}

void assignments::take(const std::string& path, value given, const std::string& where) {
  const key& k = known_key(path, where);
  given = k.read(std::move(given));
  if (!admits(k.allowed, given)) refuse(k, given, where);
  list_.push_back({path, std::move(given), where});
}

void assignments::read_file(const std::string& path) {
  for (const toml_entry& each : toml_entries(content_of(path), path)) {
    if (each.is_table) {
      if (!keys_.is_group(each.path)) known_key(each.path, each.where);
    } else if (each.value) {
      take(each.path, *each.value, each.where);
    } else {
      known_key(each.path, each.where);
      throw input_error(fmt::format("{}: {} takes one value", each.where, each.path));
    }
  }
}

void assignments::read_option(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw input_error(fmt::format("--set {}: it should read key=value, as in mmu.l2_tlb.entries=768", shown(text)));
  take(text.substr(0, equals), text.substr(equals + 1), "--set");
}

void assignments::apply(configuration& into, unsigned readers) const {
  const key_table keys(into);
  for (const assignment& a : list_) {
    const key& which = *keys.find(a.path);
    if ((which.read_by & readers) == 0)
      throw input_error(fmt::format("{}: unused key {}: it is read by {}, and this command runs none of those", a.where,
                                    which.path, described_readers(which.read_by)));
    which.set(a.to);
  }
}

}  // namespace nestwalk::platforms
