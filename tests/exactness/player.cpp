#include "player.h"

#include <algorithm>

#include <fmt/format.h>

#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::test {

using protocol::control_register;

namespace {

// The present tables; what the walk writes goes to an overlay and is lost.
struct present_tables {
  const entry_history& entries;
  std::map<std::uint64_t, std::uint64_t> overlay = {};

  bool read(paging::hpa at, unsigned, std::uint64_t& value) {
    const auto own = overlay.find(at.value);
    value = own != overlay.end() ? own->second : entries.now(at.value);
    return true;
  }
  paging::exchange_result exchange(paging::hpa at, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
    std::uint64_t value = 0;
    read(at, bytes, value);
    if (value != expected) return paging::exchange_result::changed;
    overlay[at.value] = desired;
    return paging::exchange_result::stored;
  }
  bool log(paging::hpa, std::uint64_t) const { return true; }
};

bool same(const paging::fault& a, const paging::fault& b) {
  return a.kind == b.kind && a.stage == b.stage && a.level == b.level && a.error_code == b.error_code &&
         a.qualification == b.qualification && a.linear == b.linear && a.guest_physical == b.guest_physical;
}

std::string to_string(const paging::fault& f) {
  return fmt::format("fault kind {}, stage {}, level {}, code {:#x}, qualification {:#x}, linear {:#x}, gpa {:#x}",
                     static_cast<int>(f.kind), static_cast<int>(f.stage), f.level, f.error_code, f.qualification,
                     f.linear.value, f.guest_physical.value);
}

}  // namespace

void player::restart() {
  machine_.clear_memory();
  machine_.flush_everything();
  oracle_.clear();
  now_ = 1;
  which_eptp_ = 0;
  registers_ = {};
  registers_.cr0 = paging::cr0::pe | paging::cr0::pg | paging::cr0::wp;
  registers_.cr4 = paging::cr4::pae | paging::cr4::pge | (world_.pae() ? 0 : paging::cr4::pcide);
  registers_.efer = paging::efer::nxe | (world_.pae() ? 0 : paging::efer::lme | paging::efer::lma);
  const std::uint16_t pcid = world_.pae() ? 0 : 1;
  registers_.cr3 = world_.cr3(0) | pcid;
  controls_ = {};
  controls_.ept.log_index = 3;
  choose_controls();
  machine_.enter(controls_, registers_);
  oracle_.select_root(controls_.vpid, pcid, world_.cr3(0), now_);
  decode();
  for (const operation& o : world_.beginning()) play(o);
}

void player::choose_controls() {
  controls_.nested_paging = world_.nested();
  controls_.format = world_.format();
  controls_.ept.eptp = world_.eptp(which_eptp_);
  controls_.ept.page_modification_logging = world_.logs();
  controls_.ept.log_address = world::log_address;
  controls_.guest_mode_execute_trap = world_.traps();
  controls_.host.cr0 = paging::cr0::pe | paging::cr0::pg | paging::cr0::wp;
  controls_.host.cr4 = paging::cr4::pae;
  controls_.host.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
  controls_.host.cr3 = world::nested_root(which_eptp_);
}

void player::decode() {
  const paging::capabilities processor;
  domain_ = {};
  domain_.guest = paging::decode_guest(registers_, processor);
  domain_.nested_on = world_.nested();
  domain_.tags.space = controls_.vpid;
  domain_.tags.process = static_cast<std::uint16_t>(registers_.cr3 & paging::cr3::pcid);
  if (!domain_.nested_on) return;
  const bool ept = world_.format() == paging::nested_kind::ept;
  domain_.nested = ept ? paging::decode_ept(controls_.ept, processor)
                       : paging::decode_npt(controls_.host, processor, world_.traps());
  domain_.guest = paging::decode_guest(registers_, processor, &domain_.nested);
  if (world_.logs()) domain_.nested.log = &log_;
  domain_.tags.second = domain_.nested.root.value >> 12;
}

// Flags that the walkers have set since the last look; the nested leaves that are newly dirty.
std::vector<std::uint64_t> player::see_flags() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> changed;
  std::vector<std::uint64_t> dirtied;
  for (const auto& [address, values] : oracle_.entries.entries())
    if (const std::uint64_t value = machine_.read(address); value != values.back().value) {
      changed.emplace_back(address, value);
      if ((value & ~values.back().value & paging::ept_entry::d) != 0) dirtied.push_back(address);
    }
  for (const auto& [address, value] : changed) oracle_.entries.store(address, value, now_);
  return dirtied;
}

std::string player::access(const operation& o) {
  const paging::access a{static_cast<paging::access_type>(o.b / 3), static_cast<paging::access_mode>(o.b % 3)};
  const paging::gva in(o.a);
  const std::uint16_t index = machine_.registers().page_modification_log_index();
  log_ = {paging::hpa(world::log_address), index};
  present_tables tables{oracle_.entries};
  const paging::outcome expected = paging::two_stage_walk<present_tables>(domain_, tables).translate(in, a);
  const bool succeeded = machine_.access(in, a, 1);
  ++accesses_;
  const std::vector<std::uint64_t> dirtied = see_flags();
  std::size_t records = 0;
  if (world_.logs())
    if (std::string wrong = check_log(dirtied, index, records); !wrong.empty()) return wrong;
  std::string wrong = judge(a, in, succeeded, expected, records != 0);
  if (!succeeded && machine_.fault.kind == paging::fault_kind::page_modification_log_full) empty_log();
  return wrong;
}

// A stale walk that came to nothing may have used up what the log had left.
std::string player::judge(const paging::access& a, paging::gva in, bool succeeded, const paging::outcome& expected,
                          bool recorded) {
  if (!succeeded) {
    ++faults_;
    if (!expected.mapped() && same(expected.failure, machine_.fault)) return {};
    const bool full = machine_.registers().page_modification_log_index() >= paging::page_modification_log::entries;
    if (machine_.fault.kind == paging::fault_kind::page_modification_log_full && recorded && full) return {};
    return fmt::format("got {}; the tables say {}", to_string(machine_.fault),
                       expected.mapped() ? fmt::format("{:#x}", expected.output.value) : to_string(expected.failure));
  }
  if (expected.mapped() && expected.output == machine_.output) return {};
  ++stale_;
  if (oracle_.allows(domain_, in, a, machine_.output)) return {};
  return fmt::format("got {:#x}, which no entry since the last flush allows; the tables say {}", machine_.output.value,
                     expected.mapped() ? fmt::format("{:#x}", expected.output.value) : to_string(expected.failure));
}

// Each leaf that is newly dirty has one record, of a page that it maps, and each record such a leaf.
std::string player::check_log(std::vector<std::uint64_t> dirtied, std::uint16_t before, std::size_t& records) {
  const std::uint16_t after = machine_.registers().page_modification_log_index();
  const std::size_t newly = dirtied.size();
  for (std::uint16_t at = before; at != after; --at) {
    const std::uint64_t page = machine_.read(world::log_address + at * std::uint64_t{8});
    const auto leaf =
        std::find_if(dirtied.begin(), dirtied.end(), [&](auto entry) { return world::maps(entry, page); });
    if (leaf == dirtied.end()) return fmt::format("the log holds {:#x} at {}, which nothing has dirtied", page, at);
    dirtied.erase(leaf);
    ++records;
    ++records_;
  }
  if (dirtied.empty()) return {};
  return fmt::format("{} leaves newly dirty, {} records; none for the one at {:#x}", newly, records, dirtied.front());
}

void player::empty_log() {
  ++full_logs_;
  controls_.ept.log_index = static_cast<std::uint16_t>(now_ % 7);
  machine_.enter(controls_, registers_);
}

void player::invpcid(const operation& o) {
  sc_core::sc_time delay;
  const auto type = static_cast<paging::invpcid_type>(o.b);
  const auto pcid = static_cast<std::uint16_t>(o.c);
  machine_.registers().invpcid(type, pcid, paging::gva(o.a), delay);
  flushed(paging::invpcid(type, pcid, paging::gva(o.a), domain_.tags));
}

void player::invvpid(const operation& o) {
  sc_core::sc_time delay;
  const auto type = static_cast<paging::invvpid_type>(o.b);
  const auto vpid = static_cast<std::uint16_t>(o.c);
  machine_.registers().invvpid(type, vpid, paging::gva(o.a), delay);
  flushed(paging::invvpid(type, vpid, paging::gva(o.a)));
}

void player::mov_cr3(const operation& o) {
  sc_core::sc_time delay;
  const auto pcid = static_cast<std::uint16_t>(o.c);
  const std::uint64_t root = world_.cr3(o.a);
  registers_.cr3 = root | o.c;
  machine_.registers().write_register(control_register::cr3, registers_.cr3 | (o.b != 0 ? paging::cr3::no_flush : 0),
                                      delay);
  if (o.b == 0) flushed(paging::mov_cr3(pcid, domain_.tags));
  oracle_.select_root(controls_.vpid, pcid, root, now_);
  decode();
}

// SMEP from 0 to 1 and any change of PGE drop every mapping of the VPID; SMAP and WP none (SDM vol. 3, 4.10.4.1).
void player::toggle_cr4(std::uint64_t bits) {
  sc_core::sc_time delay;
  registers_.cr4 ^= bits;
  machine_.registers().write_register(control_register::cr4, registers_.cr4, delay);
  const bool smep_rises = (registers_.cr4 & bits & paging::cr4::smep) != 0;
  oracle_.set_global_pages((registers_.cr4 & paging::cr4::pge) != 0, now_);
  if (smep_rises || (bits & paging::cr4::pge) != 0) flushed(paging::whole_vpid(domain_.tags));
  decode();
}

void player::toggle_cr0(std::uint64_t bits) {
  sc_core::sc_time delay;
  registers_.cr0 ^= bits;
  machine_.registers().write_register(control_register::cr0, registers_.cr0, delay);
  decode();
}

std::string player::play(const operation& o) {
  sc_core::sc_time delay;
  ++now_;
  switch (o.what) {
    case step::access: return access(o);
    case step::edit:
      machine_.write(o.a, o.b);
      oracle_.entries.store(o.a, o.b, now_);
      break;
    case step::invlpg:
      machine_.registers().invlpg(paging::gva(o.a), delay);
      flushed(paging::invlpg(paging::gva(o.a), domain_.tags));
      break;
    case step::invpcid: invpcid(o); break;
    case step::invept: {
      const auto type = static_cast<paging::invept_type>(o.b);
      machine_.registers().invept(type, world_.eptp(o.c), delay);
      flushed(paging::invept(type, world_.eptp(o.c)));
      break;
    }
    case step::invvpid: invvpid(o); break;
    case step::mov_cr3: mov_cr3(o); break;
    case step::toggle_cr4: toggle_cr4(o.b); break;
    case step::toggle_cr0: toggle_cr0(o.b); break;
    case step::switch_vm:
      which_eptp_ = o.b;
      controls_.ept.log_index = machine_.registers().page_modification_log_index();
      controls_.vpid = static_cast<std::uint16_t>(o.c);
      choose_controls();
      machine_.enter(controls_, registers_);
      oracle_.select_root(controls_.vpid, static_cast<std::uint16_t>(registers_.cr3 & paging::cr3::pcid),
                          registers_.cr3 & ~paging::cr3::pcid, now_);
      decode();
      break;
  }
  return {};
}

std::size_t player::play_all(const std::vector<operation>& operations, std::string& wrong) {
  restart();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    wrong = play(operations[i]);
    if (!wrong.empty()) return i;
  }
  return operations.size();
}

std::vector<operation> shortened(player& p, std::vector<operation> failing) {
  std::string wrong;
  for (std::size_t chunk = failing.size() / 2; chunk > 0; chunk /= 2) {
    for (std::size_t at = 0; at + chunk <= failing.size();) {
      std::vector<operation> fewer(failing.begin(), failing.begin() + static_cast<std::ptrdiff_t>(at));
      fewer.insert(fewer.end(), failing.begin() + static_cast<std::ptrdiff_t>(at + chunk), failing.end());
      const std::size_t stopped = p.play_all(fewer, wrong);
      if (stopped == fewer.size()) {
        at += chunk;
        continue;
      }
      fewer.resize(stopped + 1);
      failing = std::move(fewer);
    }
  }
  return failing;
}

}  // namespace nestwalk::test
