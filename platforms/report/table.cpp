#include "platforms/report/table.h"

#include <algorithm>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "nestwalk/protocol/memory_level.h"
#include "nestwalk/tlb/page_size.h"

namespace nestwalk::platforms {
namespace {

// Three machines fit a terminal of 80 columns.
constexpr int label_width = 38;
constexpr std::size_t cell_width = 13;  // beside the blank before it

double ratio(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

/// Digits with a thin grouping where they fit so, as "12 345 678"; the largest numbers as 1.234567e+15.
std::string grouped(double value) {
  const std::string plain = fmt::format("{:.0f}", value);
  std::string digits = plain;
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ' ');
  if (digits.size() <= cell_width) return digits;
  return plain.size() <= cell_width ? plain : fmt::format("{:.6e}", value);
}

using measure = std::function<double(const figures&)>;

class printer {
 public:
  printer(const std::vector<figures>& machines, std::ostream& out) : machines_(machines), out_(out) {}

  void heading() {
    out_ << fmt::format("{:{}}", "", label_width);
    for (const figures& each : machines_) out_ << fmt::format(" {:>{}}", each.mode(), cell_width);
    out_ << '\n';
  }
  void title(const std::string& label) { out_ << label << '\n'; }
  /// A row, unless all of it is zero.
  void row(const std::string& label, const measure& of, int digits) {
    if (std::all_of(machines_.begin(), machines_.end(), [&](const figures& f) { return of(f) == 0; })) return;
    out_ << fmt::format("{:{}}", label, label_width);
    for (const figures& each : machines_) {
      const double value = of(each);
      out_ << fmt::format(" {:>{}}", digits == 0 ? grouped(value) : fmt::format("{:.{}f}", value, digits), cell_width);
    }
    out_ << '\n';
  }
  void count(const std::string& label, const std::string& path) {
    row(
        label, [&](const figures& f) { return f.value(path); }, 0);
  }

 private:
  const std::vector<figures>& machines_;
  std::ostream& out_;
};

void print_tlb(printer& p, const std::string& label, const std::string& path) {
  const auto misses = [&](const char* kind) {
    p.row(
        fmt::format("{} misses per 1000, {}", label, kind),
        [&](const figures& f) { return 1000 * ratio(f.value(path + ".misses_" + kind), f.value("core.accesses")); }, 3);
  };
  for (const char* const size : tlb::page_size_names) misses(size);
  misses("faulted");
}

void print_walker(printer& p, const std::string& label, const std::string& path) {
  const std::string walks = "mmu.guest_walker.walks";
  p.row(
      label + " reads per walk", [&](const figures& f) { return ratio(f.value(path + ".reads"), f.value(walks)); }, 2);
  for (unsigned level = 1; level < protocol::memory_levels; ++level) {
    const char* const name = protocol::name_of(static_cast<protocol::memory_level>(level));
    p.row(
        fmt::format("  served by {}, %", name),
        [&](const figures& f) {
          return 100 * ratio(f.value(path + ".reads_by_server." + name), f.value(path + ".reads"));
        },
        1);
  }
}

// Every cycle in one row, as shares of all.
void print_stack(printer& p, const std::vector<figures>& machines) {
  std::vector<std::string> parts;
  for (const figures& each : machines)
    for (const std::string& name : each.names_below("stack."))
      if (std::find(parts.begin(), parts.end(), name) == parts.end()) parts.push_back(name);
  if (!parts.empty()) p.title("cycle stack, % of all cycles");
  for (const std::string& each : parts) {
    std::string words = each;
    std::replace(words.begin(), words.end(), '_', ' ');
    std::replace(words.begin(), words.end(), '.', ' ');
    p.row(
        "  " + words, [&](const figures& f) { return 100 * ratio(f.value("stack." + each), f.value("core.cycles")); },
        2);
  }
}

void print_exits(printer& p, const std::vector<figures>& machines) {
  std::vector<std::string> reasons;
  for (const figures& each : machines)
    for (const std::string& name : each.names_below("core.vmm.exits."))
      if (std::find(reasons.begin(), reasons.end(), name) == reasons.end()) reasons.push_back(name);
  p.row(
      "VM exits",
      [&](const figures& f) {
        double all = 0;
        for (const std::string& each : reasons) all += f.value("core.vmm.exits." + each);
        return all;
      },
      0);
  for (const std::string& each : reasons) {
    std::string words = each;
    std::replace(words.begin(), words.end(), '_', ' ');
    p.count("  " + words, "core.vmm.exits." + each);
  }
  p.count("VMM cycles", "core.vmm_cycles");
}

}  // namespace

void print_table(const std::vector<figures>& machines, std::ostream& out) {
  printer p(machines, out);
  p.heading();
  p.count("accesses", "core.accesses");
  p.count("cycles", "core.cycles");
  p.row(
      "cycles per access", [](const figures& f) { return f.value("core.cycles_per_access"); }, 2);
  if (machines.size() > 1 && machines.front().mode() == "native") {
    // Per access: where runs were ended early, the machines have come to different places.
    const double native = machines.front().value("core.cycles_per_access");
    p.row(
        "cycles relative to native",
        [native](const figures& f) { return ratio(f.value("core.cycles_per_access"), native); }, 3);
  }
  p.row(
      "share of cycles in translation, %", [](const figures& f) { return 100 * f.value("translation_share"); }, 1);
  print_tlb(p, "L1I TLB", "mmu.l1i_tlb");
  print_tlb(p, "L1D TLB", "mmu.l1d_tlb");
  print_tlb(p, "L2 TLB", "mmu.l2_tlb");
  print_tlb(p, "nested TLB", "mmu.nested_tlb");
  // The walks of whichever walker was built.
  p.row(
      "walks", [](const figures& f) { return f.value("mmu.guest_walker.walks") + f.value("rtl_walker.walks"); }, 0);
  print_walker(p, "guest", "mmu.guest_walker");
  print_walker(p, "nested", "mmu.nested_walker");
  p.row(
      "RTL walker's reads per walk",
      [](const figures& f) { return ratio(f.value("rtl_walker.reads"), f.value("rtl_walker.walks")); }, 2);
  const auto latency = [](const figures& f, const char* member) {
    return f.of_histogram("mmu.guest_walker.latency", member) + f.of_histogram("rtl_walker.latency", member);
  };
  p.row(
      "walk latency, median, cycles", [&](const figures& f) { return latency(f, "median"); }, 0);
  p.row(
      "walk latency, 99th percentile", [&](const figures& f) { return latency(f, "p99"); }, 0);
  p.count("walks done again after a fault", "mmu.guest_walker.rewalks");
  p.row(
      "  share of cycles, %",
      [](const figures& f) { return 100 * ratio(f.value("mmu.guest_walker.rewalk_cycles"), f.value("core.cycles")); },
      1);
  p.count("guest page faults", "core.page_faults");
  p.row(
      "splintered fills",
      [](const figures& f) {
        return f.value("mmu.l1i_tlb.splintered_fills") + f.value("mmu.l1d_tlb.splintered_fills") +
               f.value("mmu.l2_tlb.splintered_fills");
      },
      0);
  print_exits(p, machines);
  print_stack(p, machines);
}

}  // namespace nestwalk::platforms
