#include "platforms/explain/explain_table.h"

#include <string>

#include <fmt/format.h>

#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

constexpr const char* row = "{:>3}  {:8}{:11}{:6}{:<16}{:<20}{:28}{:10}{:>6}\n";

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

class walk_printer {
 public:
  walk_printer(const walk_record& r, machine_mode mode, std::ostream& out) : record_(r), mode_(mode), out_(out) {}

  void print() {
    out_ << fmt::format("{} of {:#x}, {} mode, {} machine\n\n", name_of(record_.access.type), record_.address.value,
                        name_of(record_.access.mode), name_of(mode_));
    out_ << fmt::format(row, "", "stage", "entry", "space", "address", "value", "flags", "served by", "cycles");
    for (const walk_step& s : record_.steps) print(s);
    out_ << fmt::format("\n{}, {}, {} of them in memory\n", counted(reads_, "memory read"),
                        counted(record_.cycles, "cycle"), cycles_of_memory());
    if (record_.mapped)
      print_mapping();
    else
      out_ << "fault: " << described(record_.fault) << '\n';
  }

 private:
  const char* dimension(paging::stage_kind stage) const {
    if (stage == paging::stage_kind::nested) return "nested";
    return mode_ == machine_mode::shadow ? "shadow" : "guest";
  }
  // A guest's tables lie in guest-physical memory; those that a VMM made, and all on bare hardware, in host memory.
  const char* space(paging::stage_kind stage) const {
    return stage == paging::stage_kind::guest && record_.nested ? "GPA" : "HPA";
  }
  std::string entry(const walk_step& s) const { return entry_name(s.stage, record_.nested_format, s.level); }

  std::uint64_t cycles_of_memory() const {
    std::uint64_t all = 0;
    for (const walk_step& s : record_.steps)
      if (s.kind == step_kind::read || s.kind == step_kind::exchange) all += s.cycles;
    return all;
  }

  void note(const std::string& text) { out_ << fmt::format("{:5}{}\n", "", text); }

  void print(const walk_step& s) {
    switch (s.kind) {
      case step_kind::read:
        out_ << fmt::format(row, ++reads_, dimension(s.stage), entry(s), space(s.stage), hex(s.entry), hex(s.value),
                            entry_flags(s.stage, record_.nested_format, s.level, s.value),
                            protocol::name_of(s.served_by), s.cycles);
        break;
      case step_kind::exchange:
        out_ << fmt::format(row, "", dimension(s.stage), "exchange", space(s.stage), hex(s.entry), hex(s.desired),
                            entry_flags(s.stage, record_.nested_format, s.level, s.desired),
                            s.result == paging::exchange_result::stored ? "stored" : "lost", s.cycles);
        break;
      case step_kind::walk_cache:
        note(fmt::format("the walk cache has the {} {}: on from the table at {} {:#x}", dimension(s.stage), entry(s),
                         space(s.stage), s.value));
        break;
      case step_kind::second: note(fmt::format("second stage for GPA {:#x} ({})", s.entry, name_of(s.why))); break;
      case step_kind::nested_tlb:
        note(fmt::format("the nested TLB has GPA {:#x} ({}), {}", s.entry, name_of(s.why), counted(s.cycles, "cycle")));
        break;
      case step_kind::again: note("something cached led to a fault: from the root, with nothing cached"); break;
    }
  }

  void print_mapping() {
    const auto& m = record_.mapping;
    out_ << fmt::format("mapped to HPA {:#x}\n  {} stage: {} page, {}\n", record_.output.value,
                        dimension(paging::stage_kind::guest), page_size(m.guest_size_log2), guest_rights(m.granted));
    if (record_.nested)
      out_ << fmt::format("  nested stage: {} page, {}\n", page_size(m.nested_size_log2), nested_rights(m.granted));
  }

  const walk_record& record_;
  machine_mode mode_;
  std::ostream& out_;
  unsigned reads_ = 0;
};

}  // namespace

void print_walk(const walk_record& record, machine_mode mode, std::ostream& out) {
  walk_printer(record, mode, out).print();
}

}  // namespace nestwalk::platforms
