// The data caches of a machine, between its core and its main memory.
#pragma once

#include <memory>

#include <systemc>

#include "nestwalk/memory/cache.h"
#include "nestwalk/memory/dram.h"
#include "nestwalk/statistics/group.h"
#include "platforms/configuration/configuration.h"
#include "platforms/wiring.h"

namespace nestwalk::platforms {

/// L1I, L1D, L2, LLC, each there unless its size is 0, bound to one another and to the dram. Its name is the group of
/// its keys, so that what a cache objects to names them.
class memory_system : public sc_core::sc_module {
 public:
  /// Throws `input_error` where the settings make no cache.
  memory_system(const sc_core::sc_module_name& name, const configuration& c, memory::dram& dram, wiring& wires);

  /// Where instruction fetches and data accesses enter.
  protocol::memory_target_socket& instructions() { return entry(l1i_.get(), at(table_entry_level::l2)); }
  protocol::memory_target_socket& data() { return at(table_entry_level::l1d); }
  /// Where accesses enter at that level, or at the next one below that is there.
  protocol::memory_target_socket& at(table_entry_level level);

  void describe(statistics::group& into);
  /// Empties every cache: what `explain` walks with. Nothing is written back, as data live in the dram.
  void clear();

 private:
  std::unique_ptr<memory::cache> make(const char* name, memory::cache_config config, protocol::memory_level level,
                                      const configuration& c) const;
  static protocol::memory_target_socket& entry(memory::cache* cache, protocol::memory_target_socket& below) {
    return cache != nullptr ? cache->cpu_side : below;
  }

  memory::dram& dram_;
  std::unique_ptr<memory::cache> l1i_;
  std::unique_ptr<memory::cache> l1d_;
  std::unique_ptr<memory::cache> l2_;
  std::unique_ptr<memory::cache> llc_;
};

}  // namespace nestwalk::platforms
