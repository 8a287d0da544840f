#include "platforms/configuration/assignments.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "platforms/configuration/configuration.h"
#include "protocol/error.h"

namespace nestwalk::platforms {
namespace {

std::string place_of(const std::string& file, const toml::source_region& region) {
  return fmt::format("{}:{}", file, region.begin.line);
}

// The scalar that TOML holds; nothing for what no key takes (arrays, dates).
std::optional<value> scalar(const toml::node& node) {
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  const auto* const v = node.as_integer();
  if (v == nullptr) return std::nullopt;
  if (v->get() < 0) return static_cast<double>(v->get());  // out of any range of whole numbers
  return static_cast<std::uint64_t>(v->get());
}

// The value as a TOML file would say it: a number with a fraction shows one.
std::string as_given(const value& v, const std::string& unit) {
  const double* const fraction = std::get_if<double>(&v);
  const bool looks_whole = fraction != nullptr && std::isfinite(*fraction) && std::floor(*fraction) == *fraction;
  return written(v, unit) + (looks_whole ? ".0" : "");
}

[[noreturn]] void refuse(const key& k, const value& given, const std::string& where) {
  const std::string unit = k.unit.empty() ? "" : " " + k.unit;
  if (!has_type(k.allowed, given))
    throw input_error(fmt::format("{}: {} = {}: {}{} is expected", where, k.path, as_given(given, k.unit),
                                  described_with_type(k.allowed, k.unit), unit));
  throw input_error(fmt::format("{}: {} = {} is out of range: it is {}{}", where, k.path, written(given, k.unit),
                                described(k.allowed, k.unit), unit));
}

// What the file holds; a pipe will do for one.
std::string content_of(const std::string& path) {
  const auto fail = [&path](const char* why) {
    throw input_error(fmt::format("{}: cannot read this configuration: {}; a file in TOML is expected", path, why));
  };
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) fail(std::strerror(EISDIR));
  std::ifstream input(path);
  if (!input) fail(std::strerror(errno));
  std::string content;
  for (char part[4096]; input.read(part, sizeof part), input.gcount() > 0;)
    content.append(part, static_cast<std::size_t>(input.gcount()));
  if (input.bad()) fail(std::strerror(errno));
  return content;
}

toml::table parse(const std::string& content, const std::string& path) {
  try {
    return toml::parse(content, path);
  } catch (const toml::parse_error& problem) {
    throw input_error(fmt::format("{}: this is not TOML: {}", place_of(path, problem.source()), problem.description()));
  }
}

}  // namespace

const key& assignments::known_key(const std::string& path, const std::string& where) const {
  if (const key* k = keys_.find(path)) return *k;
  if (keys_.is_group(path))
    throw input_error(fmt::format("{}: {} is a group of keys (run --describe lists all keys)", where, path));
  const std::string near = keys_.nearest(path);
  throw input_error(fmt::format("{}: there is no key {}{} (run --describe lists all keys)", where, path,
                                near.empty() ? "" : "; did you mean " + near + "?"));
}

void assignments::take(const std::string& path, value given, const std::string& where) {
  const key& k = known_key(path, where);
  if (const std::string* text = std::get_if<std::string>(&given)) given = parsed(k.allowed, *text);
  if (!admits(k.allowed, given)) refuse(k, given, where);
  list_.push_back({&k, std::move(given), where});
}

void assignments::read_file(const std::string& path) {
  const toml::table root = parse(content_of(path), path);

  // Depth first, by an explicit stack of tables and their paths.
  std::vector<std::pair<std::string, const toml::table*>> open = {{"", &root}};
  while (!open.empty()) {
    const auto [prefix, table] = open.back();
    open.pop_back();
    for (const auto& [name, below] : *table) {
      const std::string full = prefix.empty() ? std::string(name.str()) : fmt::format("{}.{}", prefix, name.str());
      const std::string where = place_of(path, below.source());
      if (const toml::table* const inner = below.as_table()) {
        if (!keys_.is_group(full)) known_key(full, where);
        open.emplace_back(full, inner);
      } else if (const auto given = scalar(below)) {
        take(full, *given, where);
      } else {
        known_key(full, where);
        throw input_error(fmt::format("{}: {} takes one value", where, full));
      }
    }
  }
}

void assignments::read_option(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw input_error(fmt::format("--set {}: it should read key=value, as in mmu.l2_tlb.entries=768", text));
  take(text.substr(0, equals), text.substr(equals + 1), "--set");
}

void assignments::apply(configuration& into, unsigned readers) const {
  for (const assignment& a : list_) {
    if ((a.which->read_by & readers) == 0)
      throw input_error(fmt::format("{}: unused key {}: it is read by {}, and this command runs none of those", a.where,
                                    a.which->path, described_readers(a.which->read_by)));
    a.which->set(into, a.to);
  }
}

}  // namespace nestwalk::platforms
