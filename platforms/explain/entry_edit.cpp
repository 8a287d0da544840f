#include "platforms/explain/entry_edit.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "nestwalk/paging/format.h"
#include "nestwalk/protocol/error.h"
#include "platforms/walks/entry_flags.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

/// One text, read from left to right.
class reader {
 public:
  reader(const std::string& text, std::optional<paging::nested_kind> second) : text_(text), second_(second) {}

  entry_edit read() {
    entry_edit edit;
    edit.text = text_;
    const std::size_t equals = text_.find('=');
    if (equals == std::string::npos) refuse("there is no '='; write an entry and what to change in it, as PTE=-RW");
    read_entry(plain(text_.substr(0, equals)), edit);
    read_flags(text_.substr(equals + 1), edit);
    return edit;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw input_error(fmt::format("--entry \"{}\": {}", text_, why));
  }

  // In capitals, with single blanks.
  static std::string plain(std::string name) {
    for (char& c : name)
      c = c == '-' || c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    name.erase(std::unique(name.begin(), name.end(), [](char a, char b) { return a == ' ' && b == ' '; }), name.end());
    if (!name.empty() && name.front() == ' ') name.erase(0, 1);
    if (!name.empty() && name.back() == ' ') name.pop_back();
    return name;
  }

  paging::nested_kind format() const { return second_.value_or(paging::nested_kind::ept); }
  std::optional<unsigned> level_named(paging::stage_kind stage, const std::string& name) const {
    for (unsigned level = 1; level <= paging::most_levels; ++level)
      if (plain(entry_name(stage, format(), level)) == name) return level;
    return std::nullopt;
  }

  void read_entry(std::string name, entry_edit& edit) const {
    constexpr std::string_view of = " OF ";
    if (const std::size_t at = name.find(of); at != std::string::npos) {
      const std::string holder = name.substr(at + of.size());
      edit.holder = level_named(paging::stage_kind::guest, holder);
      if (!edit.holder) refuse(fmt::format("\"{}\" is no guest entry; {}", holder, names()));
      name.resize(at);
    }
    if (name != "GUEST") {
      edit.level = level_named(paging::stage_kind::guest, name);
      if (!edit.level) read_nested(name, edit);
    }
    if (edit.holder && edit.stage == paging::stage_kind::guest)
      refuse("only entries of the second stage are those of a page that holds a guest's entry");
  }

  void read_nested(const std::string& name, entry_edit& edit) const {
    edit.stage = paging::stage_kind::nested;
    edit.level = level_named(edit.stage, name);
    if (!edit.level && name != "NESTED") refuse(fmt::format("\"{}\" is no entry; {}", name, names()));
    if (!second_) refuse("this machine has no second stage; --mode nested has one");
  }

  std::string names() const {
    const std::string guest = "the guest's are PML5E, PML4E, PDPTE, PDE, PTE and guest, for all of them";
    if (!second_) return guest;
    const bool of_device = format() == paging::nested_kind::vtd;
    return fmt::format("{}; those of the second stage {} to {} and nested{}", guest,
                       entry_name(paging::stage_kind::nested, format(), paging::most_levels),
                       entry_name(paging::stage_kind::nested, format(), 1),
                       of_device ? "; those of the device tables root, context, PASID-dir and PASID" : "");
  }

  void read_flags(const std::string& flags, entry_edit& edit) const {
    constexpr const char* signs = "+-";
    if (flags.empty() || flags.find_first_of(signs) != 0)
      refuse("behind '=' stands what is set (+) and cleared (-), as -RW or +51-A");
    for (std::size_t at = 0; at < flags.size();) {
      const std::size_t end = std::min(flags.find_first_of(signs, at + 1), flags.size());
      const std::uint64_t bit = bit_named(flags.substr(at + 1, end - at - 1), edit.stage);
      (flags[at] == '+' ? edit.set : edit.clear) |= bit;
      at = end;
    }
    if ((edit.set & edit.clear) != 0) refuse("a bit cannot be both set and cleared");
  }

  std::uint64_t bit_named(const std::string& name, paging::stage_kind stage) const {
    constexpr unsigned bits = 64;
    if (const auto flag = flag_named(stage, format(), name)) return *flag;
    unsigned number = bits;
    const char* const end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc{} || stopped != end || number >= bits)
      refuse(fmt::format("\"{}\" is no flag; take one of {}, or a bit's number, 0 to 63", name,
                         flag_names(stage, format())));
    return std::uint64_t{1} << number;
  }

  const std::string& text_;
  std::optional<paging::nested_kind> second_;
};

}  // namespace

entry_edit parsed_edit(const std::string& text, std::optional<paging::nested_kind> second) {
  return reader(text, second).read();
}

}  // namespace nestwalk::platforms
