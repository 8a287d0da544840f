#include "platforms/explain/table_way.h"

#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/paging/drive.h"
#include "nestwalk/paging/walk.h"
#include "nestwalk/protocol/error.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

using entries = std::map<unsigned, paging::hpa>;

/// Answers a walk from memory, keeps where its entries lie, and changes nothing.
template <class Out, class Locate>
class looking_port {
 public:
  looking_port(const memory::sparse_store& memory, entries& found, const Locate& locate)
      : memory_(memory), found_(found), locate_(locate) {}

  bool read(Out entry, unsigned level, unsigned bytes, std::uint64_t& value) {
    paging::hpa at;
    if (!locate_(entry, level, at) || !memory_.holds(at.value, bytes)) return false;
    found_[level] = at;
    value = 0;
    if (const unsigned char* const host = memory_.find(at.value)) std::memcpy(&value, host, bytes);
    return true;
  }
  paging::exchange_result exchange(Out, unsigned, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
  bool log(paging::hpa, std::uint64_t) { return true; }

 private:
  const memory::sparse_store& memory_;
  entries& found_;
  const Locate& locate_;
};

// Whether the second stage maps the address, and where to.
bool look_nested(const paging::domain& d, paging::gpa in, paging::purpose why, const memory::sparse_store& memory,
                 entries& found, paging::hpa& output) {
  const auto itself = [](paging::hpa entry, unsigned, paging::hpa& at) {
    at = entry;
    return true;
  };
  paging::nested_access question;
  question.why = why;
  question.looks = true;
  paging::walk<paging::gpa, paging::hpa> walk(d.nested, in, question);
  const bool answered = paging::drive(walk, d.nested.format.entry_log2,
                                      looking_port<paging::hpa, decltype(itself)>(memory, found, itself));
  if (!answered || walk.state() != paging::walk_step::mapped) return false;
  output = walk.output();
  return true;
}

}  // namespace

table_way::table_way(const paging::domain& d, paging::gva address, memory::sparse_store& memory)
    : memory_(memory), format_(d.nested.kind) {
  const auto in_memory = [&](paging::gpa entry, unsigned level, paging::hpa& at) {
    at = paging::hpa(entry.value);
    return !d.nested_on || look_nested(d, entry, paging::purpose::table_entry, memory, nested_[level], at);
  };
  const paging::access question{paging::access_type::read,
                                paging::access_mode::user};  // of a program's page, never refused
  paging::walk<paging::gva, paging::gpa> walk(d.guest, address, question);
  const bool answered = paging::drive(walk, d.guest.format.entry_log2,
                                      looking_port<paging::gpa, decltype(in_memory)>(memory, guest_, in_memory));
  if (!d.nested_on || !answered || walk.state() != paging::walk_step::mapped) return;
  paging::hpa data;
  look_nested(d, walk.output(), paging::purpose::data_page, memory, nested_[data_page], data);
}

table_way::table_way(const paging::domain& d, paging::gpa address, memory::sparse_store& memory)
    : memory_(memory), format_(d.nested.kind) {
  paging::hpa data;
  look_nested(d, address, paging::purpose::data_page, memory, nested_[data_page], data);
}

std::vector<paging::hpa> table_way::named_by(const entry_edit& edit) const {
  std::vector<paging::hpa> named;
  const auto take = [&](const entries& from) {
    for (const auto& [level, at] : from)
      if (!edit.level || *edit.level == level) named.push_back(at);
  };
  if (edit.stage == paging::stage_kind::guest) {
    take(guest_);
    return named;
  }
  const bool every_page = !edit.level && !edit.holder;
  for (const auto& [holder, way] : nested_)
    if (every_page || holder == edit.holder.value_or(data_page)) take(way);
  return named;
}

std::string table_way::names() const {
  std::vector<std::string> names;
  const auto add = [&](paging::stage_kind stage, const entries& from, const std::string& of) {
    for (auto each = from.rbegin(); each != from.rend(); ++each)
      names.push_back(entry_name(stage, format_, each->first) + of);
  };
  add(paging::stage_kind::guest, guest_, "");
  for (const auto& [holder, way] : nested_)
    add(paging::stage_kind::nested, way,
        holder == data_page ? "" : " of " + entry_name(paging::stage_kind::guest, format_, holder));
  return fmt::format("{}", fmt::join(names, ", "));
}

void table_way::apply(const entry_edit& edit) {
  const std::vector<paging::hpa> named = named_by(edit);
  if (named.empty())
    throw input_error(fmt::format("--entry \"{}\": the walk uses no such entry; it uses {}", edit.text, names()));
  for (const paging::hpa entry : named) change(entry, edit);
}

void table_way::change(paging::hpa entry, const entry_edit& edit) {
  std::uint64_t value = 0;
  unsigned char* const host = memory_.at(entry.value);
  std::memcpy(&value, host, sizeof value);
  value = (value | edit.set) & ~edit.clear;
  std::memcpy(host, &value, sizeof value);
}

}  // namespace nestwalk::platforms
