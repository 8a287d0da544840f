#include "platforms/memory_system.h"

#include "cpu/core_time.h"

namespace nestwalk::platforms {

memory_system::memory_system(const sc_core::sc_module_name& name, const configuration& c, memory::dram& dram,
                             wiring& wires)
    : sc_module(name),
      dram_(dram),
      l1i_(make("l1i", c.caches.l1i, protocol::memory_level::l1, c)),
      l1d_(make("l1d", c.caches.l1d, protocol::memory_level::l1, c)),
      l2_(make("l2", c.caches.l2, protocol::memory_level::l2, c)),
      llc_(make("llc", c.caches.llc, protocol::memory_level::llc, c)) {
  if (l1i_ != nullptr) wires.connect(l1i_->below, at(table_entry_level::l2));
  if (l1d_ != nullptr) wires.connect(l1d_->below, at(table_entry_level::l2));
  if (l2_ != nullptr) wires.connect(l2_->below, at(table_entry_level::llc));
  if (llc_ != nullptr) wires.connect(llc_->below, dram_.initiators);
}

std::unique_ptr<memory::cache> memory_system::make(const char* name, const cache_settings& s,
                                                   protocol::memory_level level, const configuration& c) const {
  if (s.size == 0) return nullptr;
  memory::cache_config config;
  config.size = s.size;
  config.ways = s.ways;
  config.line = c.caches.line;
  config.latency = cpu::cycles(s.latency, c.core.cycle);
  config.level = level;
  config.filter = c.caches.filter;
  return std::make_unique<memory::cache>(name, config);
}

protocol::memory_target_socket& memory_system::at(table_entry_level level) {
  switch (level) {
    case table_entry_level::l1d: return entry(l1d_.get(), at(table_entry_level::l2));
    case table_entry_level::l2: return entry(l2_.get(), at(table_entry_level::llc));
    case table_entry_level::llc: return entry(llc_.get(), at(table_entry_level::dram));
    case table_entry_level::dram: break;
  }
  return dram_.initiators;
}

void memory_system::describe(statistics::group& into) {
  if (l1i_ != nullptr) l1i_->describe(into.child("l1i"));
  if (l1d_ != nullptr) l1d_->describe(into.child("l1d"));
  if (l2_ != nullptr) l2_->describe(into.child("l2"));
  if (llc_ != nullptr) llc_->describe(into.child("llc"));
}

void memory_system::clear() {
  for (memory::cache* const each : {l1i_.get(), l1d_.get(), l2_.get(), llc_.get()})
    if (each != nullptr) each->clear();
}

}  // namespace nestwalk::platforms
