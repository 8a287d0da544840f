#include "platforms/memory_system.h"

namespace nestwalk::platforms {

memory_system::memory_system(const sc_core::sc_module_name& name, const configuration& c, memory::dram& dram,
                             wiring& wires)
    : sc_module(name),
      dram_(dram),
      l1i_(make("l1i", c.caches.l1i, protocol::memory_level::l1, c)),
      l1d_(make("l1d", c.caches.l1d, protocol::memory_level::l1, c)),
      l2_(make("l2", c.caches.l2, protocol::memory_level::l2, c)),
      llc_(make("llc", c.caches.llc, protocol::memory_level::llc, c)) {
  if (l1i_ != nullptr) wires.connect(l1i_->memory_side, at(table_entry_level::l2));
  if (l1d_ != nullptr) wires.connect(l1d_->memory_side, at(table_entry_level::l2));
  if (l2_ != nullptr) wires.connect(l2_->memory_side, at(table_entry_level::llc));
  if (llc_ != nullptr) wires.connect(llc_->memory_side, dram_.cpu_side);
}

std::unique_ptr<memory::cache> memory_system::make(const char* name, memory::cache_config config,
                                                   protocol::memory_level level, const configuration& c) const {
  if (config.size == 0) return nullptr;
  config.cycle = c.core.cycle;
  config.level = level;
  return std::make_unique<memory::cache>(name, config);
}

protocol::memory_target_socket& memory_system::at(table_entry_level level) {
  switch (level) {
    case table_entry_level::l1d: return entry(l1d_.get(), at(table_entry_level::l2));
    case table_entry_level::l2: return entry(l2_.get(), at(table_entry_level::llc));
    case table_entry_level::llc: return entry(llc_.get(), at(table_entry_level::dram));
    case table_entry_level::dram: break;
  }
  return dram_.cpu_side;
}

void memory_system::describe(statistics::group& into) {
  into.describe("l1i", l1i_);
  into.describe("l1d", l1d_);
  into.describe("l2", l2_);
  into.describe("llc", llc_);
}

void memory_system::clear() {
  for (memory::cache* const each : {l1i_.get(), l1d_.get(), l2_.get(), llc_.get()})
    if (each != nullptr) each->clear();
}

}  // namespace nestwalk::platforms
