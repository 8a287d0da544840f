#include "platforms/explain/explain_table.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "platforms/device/device_words.h"
#include "platforms/report/wrapped.h"
#include "platforms/walks/entry_flags.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

// What a row shows behind its number.
struct row {
  std::string stage;
  std::string entry;
  std::string space;
  std::string address;
  std::string value;
  std::string flags;
  std::string served;
  std::string cycles;
};

constexpr unsigned no_page = 63;  // of a stage that took no part in a mapping

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

class walk_printer {
 public:
  walk_printer(const walk_record& r, const walk_titles& titles, std::ostream& out)
      : record_(r), titles_(titles), out_(out) {}

  void print() {
    out_ << titles_.heading << "\n\n";
    const row heading = {"stage", "entry", "in", "address", "value", "flags", "from", "cycles"};
    measure(heading);
    for (const walk_step& s : record_.steps)
      if (is_row(s)) measure(row_of(s));
    print("", heading);
    for (const walk_step& s : record_.steps) print(s);
    out_ << fmt::format("\n{}, {}, {} of them in memory\n", counted(reads_, "memory read"),
                        counted(record_.cycles, "cycle"), record_.memory_cycles);
  }

 private:
  const char* dimension(paging::stage_kind stage) const {
    return stage == paging::stage_kind::nested ? titles_.second : titles_.first;
  }
  // A guest's tables lie in guest-physical memory; those that a VMM made, and all on bare hardware, in host memory.
  const char* space(paging::stage_kind stage) const {
    return stage == paging::stage_kind::guest && record_.nested ? "GPA" : "HPA";
  }
  std::string entry(const walk_step& s) const { return entry_name(s.stage, record_.nested_format, s.level); }

  static bool is_row(const walk_step& s) {
    return s.kind == step_kind::read || s.kind == step_kind::exchange || s.kind == step_kind::device_entry;
  }

  static row device_row(const walk_step& s) {
    const auto kind = static_cast<paging::vtd::entry_kind>(s.level);
    return {"device",
            name_of(kind),
            "HPA",
            hex(s.entry),
            s.answered ? hex(s.value) : "",
            s.answered ? device_entry_flags(kind, s.value) : "memory error",
            protocol::name_of(s.served_by),
            fmt::to_string(s.cycles)};
  }

  row row_of(const walk_step& s) const {
    if (s.kind == step_kind::device_entry) return device_row(s);
    const bool read = s.kind == step_kind::read;
    const std::uint64_t value = read ? s.value : s.desired;
    const char* const stored = s.result == paging::exchange_result::stored ? "stored" : "lost";
    return {dimension(s.stage),
            read ? entry(s) : "exchange",
            space(s.stage),
            hex(s.entry),
            hex(value),
            entry_flags(s.stage, record_.nested_format, s.level, value),
            read ? protocol::name_of(s.served_by) : stored,
            fmt::to_string(s.cycles)};
  }

  void measure(const row& r) {
    address_width_ = std::max(address_width_, r.address.size());
    value_width_ = std::max(value_width_, r.value.size());
  }

  // Flags that a terminal has no room for stand below.
  void print(const std::string& number, const row& r) {
    const std::string before = fmt::format("{:>3}  {:7}{:10}{:4}{:{}} {:{}} ", number, r.stage, r.entry, r.space,
                                           r.address, address_width_, r.value, value_width_);
    const std::string behind = fmt::format(" {:6}{:>7}", r.served, r.cycles);
    const std::size_t room = terminal_columns - before.size() - behind.size();
    const bool fits = r.flags.size() <= room;
    out_ << fmt::format("{}{:{}}{}\n", before, fits ? r.flags : "", room, behind);
    if (!fits) note(r.flags);
  }

  void note(const std::string& text) { out_ << wrapped(text, "     ", "       "); }
  // What takes cycles of its own, in the column of cycles.
  void note(const std::string& text, std::uint64_t cycles) {
    out_ << fmt::format("     {:{}}{:>7}\n", text, terminal_columns - 5 - 7, cycles);
  }

  void print(const walk_step& s) {
    switch (s.kind) {
      case step_kind::read: print(fmt::to_string(++reads_), row_of(s)); break;
      case step_kind::exchange: print("", row_of(s)); break;
      case step_kind::walk_cache:
        note(fmt::format("the walk cache has the {} {}: on from the table at {} {:#x}", dimension(s.stage), entry(s),
                         space(s.stage), s.value));
        break;
      case step_kind::second: note(fmt::format("second stage for GPA {:#x} ({})", s.entry, name_of(s.why))); break;
      case step_kind::nested_tlb:
        note(fmt::format("the {} has GPA {:#x} ({})", titles_.second_tlb, s.entry, name_of(s.why)), s.cycles);
        break;
      case step_kind::missed:
        note(fmt::format("the {} does not have GPA {:#x}", titles_.second_tlb, s.entry), s.cycles);
        break;
      case step_kind::question:
        note(fmt::format("the {} walker takes the question", dimension(s.stage)), s.cycles);
        break;
      case step_kind::look_up:
        note(fmt::format("the {} walk caches are looked up", dimension(s.stage)), s.cycles);
        break;
      case step_kind::logged:
        note(fmt::format("the page-modification log gets GPA {:#x} at HPA {:#x}", s.value, s.entry), s.cycles);
        break;
      case step_kind::device_start: print_start(s); break;
      case step_kind::device_entry: print_device_entry(s); break;
      case step_kind::tlb_missed: note("the TLB does not have the page", s.cycles); break;
      case step_kind::again: note("something cached led to a fault: from the root, with nothing cached"); break;
    }
  }

  void print_start(const walk_step& s) {
    const char* const kept = !s.context_kept ? "neither cache of device entries has the device's"
                             : s.pasid_kept  ? "the context cache and the PASID cache have the device's entries"
                                             : "the context cache has the device's entry";
    note(kept, s.cycles);
  }
  void print_device_entry(const walk_step& s) {
    print(fmt::to_string(++reads_), device_row(s));
    const auto kind = static_cast<paging::vtd::entry_kind>(s.level);
    const std::string words = device_entry_words(kind, record_.device_entries.at(device_entries_++));
    if (s.answered && !words.empty()) note(words);
  }

  const walk_record& record_;
  const walk_titles& titles_;
  std::ostream& out_;
  unsigned reads_ = 0;
  std::size_t device_entries_ = 0;
  std::size_t address_width_ = 0;
  std::size_t value_width_ = 0;
};

}  // namespace

void print_steps(const walk_record& record, const walk_titles& titles, std::ostream& out) {
  walk_printer(record, titles, out).print();
}

void print_mapping(const walk_record& record, const walk_titles& titles, std::ostream& out) {
  const auto& m = record.mapping;
  out << fmt::format("mapped to HPA {:#x}\n", record.output.value);
  if (m.guest_size_log2 < no_page)
    out << fmt::format("  {} stage: {} page, {}\n", titles.first, page_size(m.guest_size_log2),
                       guest_rights(m.granted));
  if (record.nested)
    out << fmt::format("  {} stage: {} page, {}\n", titles.second, page_size(m.nested_size_log2),
                       nested_rights(m.granted));
}

void print_walk(const walk_record& record, machine_mode mode, std::ostream& out) {
  walk_titles titles;
  titles.heading = fmt::format("{} of {:#x}, {} mode, {} machine", name_of(record.access.type), record.address.value,
                               name_of(record.access.mode), name_of(mode));
  if (mode == machine_mode::shadow) titles.first = "shadow";
  print_steps(record, titles, out);
  if (record.mapped)
    print_mapping(record, titles, out);
  else
    out << wrapped("fault: " + described(record.fault), "", "  ");
}

}  // namespace nestwalk::platforms
