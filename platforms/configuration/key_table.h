// All keys of the configuration, in the order in which they are listed.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <systemc>

#include "platforms/configuration/key.h"

namespace nestwalk::platforms {

/// The one registry of keys. A `field` is a function from a configuration to a reference of where the value stands;
/// what a default configuration holds there is the key's default.
class key_table {
 public:
  /// Every key of every room.
  static const key_table& all();

  /// The keys added from here on are read by those of the mask.
  void read_by(unsigned readers) { readers_ = readers; }

  /// Each adds a key; the domain of names is a list of names and values.
  template <class Field>
  void truth(std::string path, std::string about, Field field) {
    add({std::move(path), "", std::move(about), truths{}, readers_, getter<bool>(field),
         [field](configuration& c, const value& v) { field(c) = std::get<bool>(v); }});
  }
  template <class Field>
  void whole(std::string path, std::string unit, std::uint64_t least, std::uint64_t most, std::string about,
             Field field) {
    using stored = std::remove_reference_t<std::invoke_result_t<Field, configuration&>>;
    add({std::move(path), std::move(unit), std::move(about), whole_numbers{least, most}, readers_,
         getter<std::uint64_t>(field),
         [field](configuration& c, const value& v) { field(c) = static_cast<stored>(std::get<std::uint64_t>(v)); }});
  }
  template <class Field>
  void number(std::string path, std::string unit, double least, double most, std::string about, Field field) {
    add({std::move(path), std::move(unit), std::move(about), numbers{least, most}, readers_, getter<double>(field),
         [field](configuration& c, const value& v) { field(c) = std::get<double>(v); }});
  }
  /// A time, in nanoseconds.
  template <class Field>
  void time(std::string path, double least, double most, std::string about, Field field) {
    add({std::move(path), "ns", std::move(about), numbers{least, most}, readers_,
         [field](const configuration& c) -> value {
           return static_cast<double>(field(const_cast<configuration&>(c)).value()) /
                  static_cast<double>(sc_core::sc_time(1, sc_core::SC_NS).value());
         },
         [field](configuration& c, const value& v) {
           field(c) = sc_core::sc_time(std::get<double>(v), sc_core::SC_NS);
         }});
  }
  /// Values that may stay unset: the field is an optional.
  template <class Field>
  void optional_whole(std::string path, std::string unit, std::uint64_t least, std::uint64_t most, std::string about,
                      Field field) {
    add({std::move(path), std::move(unit), std::move(about), whole_numbers{least, most}, readers_,
         optional_getter(field), [field](configuration& c, const value& v) { field(c) = std::get<std::uint64_t>(v); }});
  }
  template <class Field>
  void optional_number(std::string path, std::string unit, double least, double most, std::string about, Field field) {
    add({std::move(path), std::move(unit), std::move(about), numbers{least, most}, readers_, optional_getter(field),
         [field](configuration& c, const value& v) { field(c) = std::get<double>(v); }});
  }
  template <class Choice, class Field>
  void choice(std::string path, std::vector<std::pair<std::string, Choice>> choices, std::string about, Field field) {
    names known;
    for (const auto& [name, meaning] : choices) known.names.push_back(name);
    add({std::move(path), "", std::move(about), std::move(known), readers_,
         [field, choices](const configuration& c) -> value {
           for (const auto& [name, meaning] : choices)
             if (meaning == field(const_cast<configuration&>(c))) return name;
           return std::string();
         },
         [field, choices](configuration& c, const value& v) {
           for (const auto& [name, meaning] : choices)
             if (name == std::get<std::string>(v)) field(c) = meaning;
         }});
  }

  const std::vector<key>& keys() const { return keys_; }
  /// The key of that path, or null.
  const key* find(const std::string& path) const;
  /// Whether keys stand below `path`: "mmu.l2_tlb".
  bool is_group(const std::string& path) const;
  /// The path that was probably meant, or empty.
  std::string nearest(const std::string& path) const;

 private:
  template <class Held, class Field>
  static std::function<value(const configuration&)> getter(Field field) {
    // A field gives a mutable reference; reading through it changes nothing.
    return [field](const configuration& c) -> value { return static_cast<Held>(field(const_cast<configuration&>(c))); };
  }
  template <class Field>
  static std::function<value(const configuration&)> optional_getter(Field field) {
    return [field](const configuration& c) -> value {
      const auto& held = field(const_cast<configuration&>(c));
      if (!held) return std::monostate{};
      return *held;
    };
  }
  void add(key k);

  std::vector<key> keys_;
  unsigned readers_ = reader::every_machine;
};

}  // namespace nestwalk::platforms
