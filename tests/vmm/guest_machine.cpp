#include "guest_machine.h"

#include <gtest/gtest.h>

#include "nestwalk/paging/register_flush.h"

namespace nestwalk::test {

namespace {

using paging::walk_step;
using protocol::control_register;
using protocol::exit_action;
using protocol::exit_reason;
using guest_walk = paging::walk<paging::gva, paging::gpa>;

constexpr unsigned most_exits = 12;

}  // namespace

// Host memory as the hardware's walkers see it.
struct guest_machine::host_tables {
  test_memory& memory;
  bool read(paging::hpa at, unsigned, std::uint64_t& value) {
    value = memory.read(at.value);
    return true;
  }
  paging::exchange_result exchange(paging::hpa at, unsigned, std::uint64_t expected, std::uint64_t desired) {
    if (memory.read(at.value) != expected) return paging::exchange_result::changed;
    memory.write(at.value, desired);
    return paging::exchange_result::stored;
  }
  bool read(paging::gpa at, unsigned, unsigned bytes, std::uint64_t& value) {
    return read(paging::hpa(at.value), bytes, value);
  }
  paging::exchange_result exchange(paging::gpa at, unsigned, unsigned bytes, std::uint64_t expected,
                                   std::uint64_t desired) {
    return exchange(paging::hpa(at.value), bytes, expected, desired);
  }
};

exit_action guest_machine::raise(protocol::vm_exit& exit) {
  exits.push_back(exit.reason);
  const sc_core::sc_time before = time;
  exit_->handle_exit(exit, time);
  EXPECT_GT(time, before) << "an exit takes time";
  cpu.enter();
  return exit.action;
}

bool guest_machine::write_exits(control_register which, std::uint64_t value) const {
  const protocol::vm_controls& c = cpu.written;
  if (which == control_register::cr0) return ((value ^ c.cr0_shadow) & c.cr0_mask) != 0;
  if (which == control_register::cr4) return ((value ^ c.cr4_shadow) & c.cr4_mask) != 0;
  if (which == control_register::cr3) return c.cr3_load_exiting;
  return which == control_register::efer && c.efer_write_exiting;
}

void guest_machine::write_directly(control_register which, std::uint64_t value) {
  const protocol::vm_controls& c = cpu.written;
  const std::uint64_t owned = which == control_register::cr0   ? c.cr0_mask
                              : which == control_register::cr4 ? c.cr4_mask
                                                               : 0;
  const paging::paging_registers before = cpu.registers();
  cpu.reg(which) = (cpu.reg(which) & owned) | (value & ~owned);
  if (owned == 0)
    cpu.reg(control_register::efer) =
        paging::efer_with_lma(cpu.reg(control_register::efer), cpu.reg(control_register::cr0));
  const bool flushes = which == control_register::cr3
                           ? paging::flush_by_cr3(before, value, {}).has_value()
                           : paging::flush_by_change(before, cpu.registers(), {}).has_value();
  if (flushes) tlb.take({flush::kind::tag, tag(), {}});
}

bool guest_machine::write_register(control_register which, std::uint64_t value) {
  bool done = true;
  if (write_exits(which, value)) {
    protocol::vm_exit exit;
    exit.reason = which == control_register::efer ? exit_reason::efer_write : exit_reason::control_register_write;
    exit.which = which;
    exit.value = value;
    const exit_action action = raise(exit);
    EXPECT_EQ(exit.injected.kind == paging::fault_kind::general_protection, action == exit_action::inject);
    done = action == exit_action::skip;
  } else {
    write_directly(which, value);
  }
  if (!done) return false;
  if (which == control_register::cr0) registers.cr0 = value;
  if (which == control_register::cr3) registers.cr3 = value & ~paging::cr3::no_flush;
  if (which == control_register::cr4) registers.cr4 = value;
  if (which == control_register::efer) registers.efer = value;
  if (which == control_register::pkru) registers.pkru = static_cast<std::uint32_t>(value);
  if (which == control_register::pkrs) registers.pkrs = static_cast<std::uint32_t>(value);
  registers.efer = paging::efer_with_lma(registers.efer, registers.cr0);
  return true;
}

void guest_machine::enter_long_mode(std::uint64_t root, std::uint64_t cr4_more, unsigned levels) {
  namespace c4 = paging::cr4;
  const std::uint64_t cr4 = c4::pae | c4::pge | (levels == 5 ? c4::la57 : 0);
  EXPECT_TRUE(write_register(control_register::cr4, cr4 | (cr4_more & ~c4::pcide)));
  EXPECT_TRUE(write_register(control_register::efer, paging::efer::lme | paging::efer::nxe));
  EXPECT_TRUE(write_register(control_register::cr3, root));
  EXPECT_TRUE(write_register(control_register::cr0, paging::cr0::pe | paging::cr0::wp | paging::cr0::pg));
  if ((cr4_more & c4::pcide) == 0) return;
  EXPECT_TRUE(write_register(control_register::cr4, cr4 | cr4_more));
}

void guest_machine::invlpg(paging::gva at) {
  if (!cpu.written.invlpg_exiting) {
    tlb.take({flush::kind::tag, tag(), {}});  // more than the address: it may lie in a large guest page
    return;
  }
  protocol::vm_exit exit;
  exit.reason = exit_reason::invlpg;
  exit.linear = at;
  EXPECT_EQ(raise(exit), exit_action::skip);
}

void guest_machine::invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva at) {
  protocol::vm_exit exit;
  exit.reason = exit_reason::invpcid;
  exit.invpcid = type;
  exit.pcid = pcid;
  exit.linear = at;
  EXPECT_EQ(raise(exit), exit_action::skip);
}

// A walk may begin at any table that was ever reached; one that faults is walked again from the root, and only that
// one faults.
paging::fault guest_machine::walk_shadow(paging::gva at, const paging::access& a, worst_tlb::mapping& page) {
  const paging::guest_stage stage = paging::decode_guest(cpu.registers(), monitor.config().processor);
  host_tables tables{memory};
  const auto cached = tlb.find_table(tag(), at);
  guest_walk walk = cached ? guest_walk(stage, at, a, *cached) : guest_walk(stage, at, a);
  paging::drive(walk, stage.format.entry_log2, tables);
  if (cached && walk.state() == walk_step::faulted) {
    walk = guest_walk(stage, at, a);
    paging::drive(walk, stage.format.entry_log2, tables);
  }
  if (walk.state() == walk_step::faulted) {
    tlb.drop(tag(), at);
    return walk.why();
  }
  page = paging::untranslated(walk.result());
  const unsigned leaf = (page.guest_size_log2 - 12) / 9 + 1;
  for (unsigned level = leaf; level < walk.began_at(); ++level) tlb.put_table(tag(), at, walk.reached(level));
  return {};
}

std::optional<paging::hpa> guest_machine::translate(paging::gva at, const paging::access& a, paging::fault& fault) {
  paging::domain c;
  c.guest = paging::decode_guest(cpu.registers(), monitor.config().processor);
  const protocol::translation_controls& t = cpu.written.translation;
  if (const auto hit = tlb.find(tag(), at, a, c.guest.policy)) return hit;
  worst_tlb::mapping page;
  if (t.nested_paging) {
    c.nested_on = true;
    c.nested = t.format == paging::nested_kind::ept ? paging::decode_ept(t.ept, monitor.config().processor)
                                                    : paging::decode_npt(t.host, monitor.config().processor);
    host_tables tables{memory};
    const paging::outcome o = paging::two_stage_walk<host_tables>(c, tables).translate(at, a);
    fault = o.failure;
    page = o.page;
  } else {
    fault = walk_shadow(at, a, page);
  }
  if (fault) return std::nullopt;
  tlb.put(tag(), at, page);
  return page.translate(at);
}

// On the machine of the VMM, all or nothing.
paging::fault guest_machine::store_bytes(paging::gva at, const paging::access& a, const unsigned char* bytes) {
  std::array<paging::hpa, 8> places;
  for (unsigned i = 0; i < places.size(); ++i) {
    paging::fault fault;
    const auto place = translate(at + i, a, fault);
    if (!place) return fault;
    places[i] = *place;
  }
  for (unsigned i = 0; i < places.size(); ++i) memory.write(places[i].value, bytes[i], 1);
  return {};
}

guest_machine::outcome guest_machine::store_across(std::uint64_t at, std::uint64_t value, paging::access_mode mode) {
  const paging::access a{paging::access_type::write, mode};
  std::array<unsigned char, 8> bytes{};
  std::memcpy(bytes.data(), &value, bytes.size());
  outcome result;
  for (; result.exits < most_exits; ++result.exits) {
    protocol::vm_exit exit;
    exit.reason = exit_reason::exception;
    exit.fault = store_bytes(paging::gva(at), a, bytes.data());
    if (!exit.fault) break;
    exit.access = a;
    exit.address = paging::gva(at);
    exit.size = bytes.size();
    exit.stored = bytes.data();
    const exit_action action = raise(exit);
    if (action == exit_action::inject) {
      result.fault = exit.injected;
      return result;
    }
    result.emulated = action == exit_action::skip;
    if (result.emulated) break;
  }
  paging::domain alone;
  alone.guest = paging::decode_guest(registers, monitor.config().processor);
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const paging::outcome to = paging::two_stage_walk<native_memory>(alone, native).translate(paging::gva(at + i), a);
    EXPECT_TRUE(to.mapped()) << i;
    native.write_bytes(to.output.value, &bytes[i], 1);
  }
  return result;
}

guest_machine::outcome guest_machine::access(paging::gva at, paging::access a, const unsigned char* stored,
                                             unsigned size) {
  paging::domain alone;
  alone.guest = paging::decode_guest(registers, monitor.config().processor);
  const paging::outcome expected = paging::two_stage_walk<native_memory>(alone, native).translate(at, a);
  outcome result;
  result.at = paging::gpa(expected.output.value);
  std::optional<paging::hpa> where;
  while (result.exits < most_exits) {
    paging::fault fault;
    where = translate(at, a, fault);
    if (where) break;
    const bool reflected = fault.kind == paging::fault_kind::page_fault &&
                           (cpu.written.exception_bitmap >> protocol::page_fault_vector & 1) == 0;
    if (reflected || fault.kind == paging::fault_kind::general_protection) {
      result.fault = fault;
      break;
    }
    protocol::vm_exit exit;
    exit.reason = fault.kind == paging::fault_kind::ept_violation       ? exit_reason::ept_violation
                  : fault.kind == paging::fault_kind::nested_page_fault ? exit_reason::nested_page_fault
                                                                        : exit_reason::exception;
    exit.fault = fault;
    exit.access = a;
    exit.address = at;
    exit.size = a.type == paging::access_type::fetch ? 0 : size;
    exit.stored = stored;
    ++result.exits;
    const exit_action action = raise(exit);
    if (action == exit_action::inject) result.fault = exit.injected;
    result.emulated = action == exit_action::skip;
    if (action != exit_action::retry) break;
  }
  EXPECT_LT(result.exits, most_exits) << "the guest does not get on at 0x" << std::hex << at.value;
  EXPECT_EQ(static_cast<int>(result.fault.kind), static_cast<int>(expected.failure.kind))
      << std::hex << at.value << " type " << static_cast<int>(a.type) << " mode " << static_cast<int>(a.mode);
  EXPECT_EQ(result.fault.error_code, expected.failure.error_code) << std::hex << at.value;
  if (!expected.mapped() || result.fault) {
    EXPECT_EQ(result.fault.linear, expected.failure.linear);
    return result;
  }
  if (a.type == paging::access_type::write && stored != nullptr) {
    native.write_bytes(expected.output.value, stored, size);
    for (unsigned i = 0; where && i < size; ++i) memory.write(where->value + i, stored[i], 1);
  }
  if (!where) return result;  // emulated; the page may have been taken back since
  const auto backed = monitor.backing(result.at);
  EXPECT_TRUE(backed) << std::hex << at.value;
  if (!backed) return result;
  EXPECT_EQ(where->value, backed->value) << std::hex << at.value << " should reach gpa " << result.at.value;
  result.loaded = memory.read(where->value);
  return result;
}

}  // namespace nestwalk::test
