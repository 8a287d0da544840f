#include "platforms/device/device_explain.h"

#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nestwalk/paging/device_walk.h"
#include "nestwalk/paging/vtd_domain.h"
#include "nestwalk/protocol/error.h"
#include "platforms/device/device_edit.h"
#include "platforms/device/device_walk_recorder.h"
#include "platforms/device/device_words.h"
#include "platforms/explain/explain_table.h"
#include "platforms/explain/table_way.h"
#include "platforms/report/wrapped.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

namespace vtd = paging::vtd;

/// The device-table entries that a request comes to, found by looking, and what they lead to.
class device_way {
 public:
  device_way(device_machine& m, const vtd::request& r)
      : memory_(m.dram().store()),
        tables_(vtd::device_tables::of(m.config().iommu.unit, m.tables().root_table_address())) {
    vtd::device_walk walk(tables_, r);
    while (walk.state() == vtd::device_step::read) {
      vtd::entry e{};
      at_[name_of(walk.reads())] = walk.at();
      std::memcpy(e.data(), memory_.at(walk.at().value), walk.bytes());
      walk.value(e);
    }
    if (walk.state() == vtd::device_step::done) assigned_ = walk.result();
  }

  void apply(const device_edit& edit) {
    const auto found = at_.find(edit.entry);
    if (found == at_.end())
      throw input_error(fmt::format("--entry \"{}\": the request uses no such entry of the device tables", edit.text));
    for (const unsigned bit : edit.set) byte(found->second, bit) |= mask(bit);
    for (const unsigned bit : edit.clear) byte(found->second, bit) &= static_cast<unsigned char>(~mask(bit));
  }
  /// The stages that translate the request; null where none does.
  std::unique_ptr<table_way> stages(std::uint64_t address) {
    if (!assigned_ || assigned_->kind == vtd::translation_kind::pass_through) return nullptr;
    domain_ = vtd::domain_of(*assigned_, tables_.unit);
    if (assigned_->kind == vtd::translation_kind::second_stage)
      return std::make_unique<table_way>(domain_, paging::gpa(address), memory_);
    return std::make_unique<table_way>(domain_, paging::gva(address), memory_);
  }

 private:
  unsigned char& byte(paging::hpa entry, unsigned bit) { return *memory_.at(entry.value + bit / 8); }
  static unsigned char mask(unsigned bit) { return static_cast<unsigned char>(1u << bit % 8); }

  memory::sparse_store& memory_;
  vtd::device_tables tables_;
  std::map<std::string, paging::hpa> at_;
  std::optional<vtd::assignment> assigned_;
  paging::domain domain_;
};

bool has_second(device_mode mode) {
  return mode == device_mode::second_stage || mode == device_mode::nested;
}

// The page beside the one of `address`: both are mapped by the same tables.
std::uint64_t neighbour(const device_machine& m, device_mode mode, std::uint64_t address) {
  const driver_config& c = m.config().driver;
  const bool by_first = mode == device_mode::first_stage || mode == device_mode::nested;
  return address ^ std::uint64_t{1} << (by_first ? c.first_page_log2 : c.second_page_log2);
}

void change_tables(device_machine& m, device_mode mode, const device_question& q) {
  device_way devices(m, q.request);
  const std::unique_ptr<table_way> stages = devices.stages(q.address);
  std::optional<paging::nested_kind> second;
  if (has_second(mode)) second = paging::nested_kind::vtd;
  for (const std::string& text : q.entries) {
    if (const auto of_device = parsed_device_edit(text)) {
      devices.apply(*of_device);
      continue;
    }
    const entry_edit edit = parsed_edit(text, second);
    if (stages == nullptr) throw input_error(fmt::format("--entry \"{}\": no stage translates this request", text));
    stages->apply(edit);
  }
}

void prepare(device_machine& m, device_mode mode, const device_question& q) {
  const std::uint64_t beside = neighbour(m, mode, q.address);
  m.tables().assign(q.request.source, q.request.has_pasid ? q.request.pasid : 0);
  if (!q.unmapped) m.tables().map(q.address);
  if (q.warm || q.unmapped) m.tables().map(beside);
  m.start();
  if (!q.unmapped) m.request(q.request, q.address);
  if (q.warm || q.unmapped) m.request(q.request, beside);
  m.clear_caches();
  for (unsigned n = 0; n < m.config().iommu.unit.fault_records(); ++n) m.clear_fault(n);
  if (q.warm) m.request(q.request, beside);
  if (!q.entries.empty()) change_tables(m, mode, q);
}

std::string request_words(const device_question& q, device_mode mode) {
  const vtd::request& r = q.request;
  return fmt::format("{} of {:#x} by device {}, {}{}, mode {}", name_of(r.access), q.address, source_words(r.source),
                     r.has_pasid ? fmt::format("PASID {:#x}, ", r.pasid) : "without PASID",
                     !r.has_pasid   ? ""
                     : r.privileged ? "privileged"
                                    : "user",
                     name_of(mode));
}

// What software finds in the fault record.
void print_fault(device_machine& m, std::ostream& out) {
  const std::uint32_t record = m.config().iommu.unit.fault_record_offset();
  const std::uint64_t high = m.read_register(record + 8, 8);
  const std::uint64_t low = m.read_register(record, 8);
  if ((high & iommu::fault_record::f) == 0) {
    out << "blocked, and nothing is recorded\n";
    return;
  }
  const auto why = static_cast<vtd::reason>(high >> 32 & 0xff);
  out << wrapped(fmt::format("blocked, reason {:02X}h: {}", static_cast<unsigned>(why), vtd::title_of(why)), "", "  ");
  out << fmt::format("  fault record 0: {:#018x} {:016x}\n", high, low);
  out << wrapped(fmt::format("FI {:#x}, source {}, {}{}", low, source_words(static_cast<std::uint16_t>(high)),
                             (high >> 62 & 1) != 0 ? "read" : "write",
                             (high >> 31 & 1) != 0 ? fmt::format(", PASID {:#x}", high >> 40 & 0xfffff) : ""),
                 "  ", "    ");
}

}  // namespace

void explain_request(device_machine& m, device_mode mode, const device_question& q, std::ostream& out) {
  prepare(m, mode, q);
  const iommu::iommu_config& c = m.config().iommu;
  const bool first_stage = mode == device_mode::first_stage || mode == device_mode::nested;
  const tlb::tlb_config& asked = first_stage ? c.iotlb : c.second_stage_tlb;
  const sc_core::sc_time look_up = asked.built() ? asked.latency_cycles * m.config().core.cycle : sc_core::SC_ZERO_TIME;
  device_walk_recorder recorder(m.config().core.cycle, look_up);
  m.observe(&recorder, &recorder);
  const bool allowed = m.request(q.request, q.address);
  m.observe(nullptr, nullptr);

  const walk_record& record = recorder.told();
  walk_titles titles;
  titles.heading = request_words(q, mode);
  titles.first = "first";
  titles.second = "second";
  titles.second_tlb = "second-stage TLB";
  print_steps(record, titles, out);
  if (!allowed)
    print_fault(m, out);
  else if (mode == device_mode::passthrough)
    out << fmt::format("passed to HPA {:#x}\n", q.address);
  else if (record.mapped)
    print_mapping(record, titles, out);
  else
    out << "translated by the unit's TLB\n";
}

}  // namespace nestwalk::platforms
