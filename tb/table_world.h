// Tables without end: memory whose entries are drawn, from a seed and their address, when they are first read.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/stage.h"
#include "tb/random_source.h"
#include "tb/rtl_request.h"

namespace nestwalk::tb {

/// One address space under its registers.
struct domain {
  paging::domain context;
  rtl_context registers;
};

/// Guest, EPT and NPT tables for several domains. A page number carries the level of the table that stands there and,
/// in host-physical memory, the format of its entries, and mappings keep it, so that walks lead from table to table.
/// The few values that index bits take make walks meet in the same tables.
class table_world {
 public:
  static constexpr unsigned domains = 8;

  explicit table_world(std::uint64_t seed);

  std::uint64_t read(std::uint64_t address);
  bool exchange(std::uint64_t address, std::uint64_t expected, std::uint64_t desired);
  /// Changes an entry as software might in the middle of a walk, and perhaps mends one of the same kind of table that
  /// was changed before.
  void disturb(std::uint64_t address);
  /// Makes an entry read of late, of a guest table that may be cached, allow writes, which software may do without an
  /// invalidation. Returns whether there was one that did not.
  bool allow_writes();
  /// One of the entries read last, or 0 where none was.
  std::uint64_t recent_entry();
  static bool is_guest_table(std::uint64_t address);
  /// Forgets all tables and draws new domains.
  void renew();

  std::shared_ptr<const domain> at(unsigned number) const { return domains_[number]; }
  /// An address that may be asked in a domain, and an access.
  paging::gva draw_address(const domain& d);
  paging::access draw_access();

 private:
  // What is drawn once a world.
  struct profile {
    unsigned accessed, dirty, large, fault, user;  // parts in 10,000
  };

  std::shared_ptr<const domain> draw_domain();
  paging::paging_registers draw_registers(unsigned levels);
  std::uint64_t draw_entry(std::uint64_t address);
  std::uint64_t draw_x86(random_source& r, unsigned level, bool nested, std::uint64_t address) const;
  std::uint64_t draw_ept(random_source& r, unsigned level, std::uint64_t address) const;
  std::uint64_t draw_target(random_source& r, unsigned level, bool leaf, unsigned region, bool nested,
                            std::uint64_t address) const;

  random_source random_;
  std::uint64_t content_seed_ = 0;
  profile profile_{};
  paging::capabilities processor_;
  std::vector<std::shared_ptr<const domain>> domains_;
  std::unordered_map<std::uint64_t, std::uint64_t> entries_;
  std::array<std::uint64_t, 64> recent_{};
  unsigned reads_ = 0;
  std::vector<std::uint64_t> disturbed_;
};

}  // namespace nestwalk::tb
