// The call sequences of public drivers: an operating system's, which works through the invalidation queue, and a
// firmware's, which works through registers. The order of their accesses is theirs; the code is not.
#include <gtest/gtest.h>

#include "iommu/remapping_machine.h"

namespace nestwalk::iommu {
namespace {

using test::remapping_machine;
using test::translation_shape;
namespace p = paging::vtd::pasid_entry;

constexpr std::uint16_t device = 0x0210;
constexpr std::uint64_t status_frame = 0x30'0000;
constexpr std::uint64_t event_address = 0xfee0'1000;
constexpr std::uint32_t event_data = 0x41;

// What both drivers do with registers: a command is the status with one bit changed, and they poll for its effect.
struct driver {
  remapping_machine& m;
  std::uint32_t global = 0;  // the command bits that stay

  bool poll(std::uint32_t offset, unsigned bytes, std::uint64_t mask, std::uint64_t value) {
    for (unsigned tries = 0; tries < 100; ++tries)
      if ((m.get(offset, bytes) & mask) == value) return true;
    return false;
  }
  bool command(std::uint32_t bit, bool on, bool stays) {
    if (stays) global = on ? global | bit : global & ~bit;
    m.set(0x18, 4, stays ? global : global | bit);
    return poll(0x1c, 4, bit, on ? bit : 0);
  }
};

struct kernel : driver {
  unsigned free_index = 0;

  // Faults that firmware left behind are read and cleared, in the order of the records.
  unsigned handle_faults(std::uint64_t* address = nullptr, unsigned* reason = nullptr) {
    const std::uint64_t capability = m.get(0x8, 8);
    const auto records = static_cast<unsigned>((capability >> 40 & 0xff) + 1);
    const auto first = static_cast<std::uint32_t>((capability >> 24 & 0x3ff) * 16);
    const std::uint64_t status = m.get(0x34, 4);
    unsigned handled = 0;
    if ((status & 2) != 0) {
      auto index = static_cast<unsigned>(status >> 8 & 0xff);
      for (;;) {
        const std::uint32_t at = first + index * 16;
        const std::uint64_t top = m.get(at + 12, 4);
        if ((top & 0x8000'0000) == 0) break;
        if (reason != nullptr) *reason = top & 0xff;
        if (address != nullptr) *address = m.get(at, 8) & ~std::uint64_t{0xfff};
        m.get(at + 8, 4);
        m.set(at + 12, 4, 0x8000'0000);
        ++handled;
        index = (index + 1) % records;
      }
    }
    m.set(0x34, 4, 0x83);  // overflow, pending, page-request overflow
    return handled;
  }

  bool enable_queue() {
    m.set(0x88, 8, 0);
    m.set(0x90, 8, remapping_machine::queue | 1u << 11 | 1);  // 256-bit descriptors, 8 KByte
    return command(1u << 26, true, true);
  }

  // Puts a descriptor and a wait behind it, moves the tail and polls the status in memory.
  bool submit(std::uint64_t low, std::uint64_t high = 0) {
    const std::uint64_t at = remapping_machine::queue + free_index * 32;
    const std::uint64_t status = status_frame + (free_index + 1) % 256 * 4;
    m.memory.write(status, 1, 4);
    put(at, low, high);
    put(remapping_machine::queue + (free_index + 1) % 256 * 32, std::uint64_t{2} << 32 | 0x25, status);
    free_index = (free_index + 2) % 256;
    m.set(0x88, 8, free_index * 32);
    if ((m.get(0x34, 4) & 0x70) != 0) return false;  // errors of the queue
    return m.memory.read(status, 4) == 2;
  }
  void put(std::uint64_t at, std::uint64_t low, std::uint64_t high) {
    m.memory.write(at, low);
    m.memory.write(at + 8, high);
    m.memory.write(at + 16, 0);
    m.memory.write(at + 24, 0);
  }
  bool flush_contexts() { return submit(1 | 1 << 4); }
  bool flush_pasids() { return submit(7 | 3 << 4); }
  bool flush_iotlb() { return submit(2 | 1 << 4 | 3 << 6); }
  // Of a domain, or of 2^order pages of it from an address that is aligned to them.
  bool flush_domain(std::uint16_t id) { return submit(2 | 2 << 4 | 3 << 6 | std::uint64_t{id} << 16); }
  bool flush_pages(std::uint16_t id, std::uint64_t address, unsigned order, bool leaves_only) {
    if (order > (m.get(0x8, 8) >> 48 & 0x3f)) return flush_domain(id);
    return submit(2 | 3 << 4 | 3 << 6 | std::uint64_t{id} << 16, address | (leaves_only ? 0x40 : 0) | order);
  }

  bool set_root() {
    m.set(0x20, 8, remapping_machine::root | 1u << 10);
    if (!command(1u << 30, true, false)) return false;
    return flush_contexts() && flush_pasids() && flush_iotlb();
  }
  void enable_events() {
    m.set(0x38, 4, 0x8000'0000);
    m.set(0x3c, 4, event_data);
    m.set(0x40, 4, static_cast<std::uint32_t>(event_address));
    m.set(0x44, 4, 0);
    m.set(0x38, 4, 0);
    m.get(0x38, 4);
  }
  bool initialise() {
    handle_faults();
    if ((m.get(0x1c, 4) & 1u << 26) != 0 && !command(1u << 26, false, true)) return false;
    m.set(0x34, 4, m.get(0x34, 4));
    if (!enable_queue() || !set_root()) return false;
    enable_events();
    return command(1u << 31, true, true);
  }
  // A PASID entry is made present last; caching mode, which this unit does not have, would ask for flushes here.
  translation_shape attach(std::uint16_t id) {
    translation_shape s;
    s.second_root = m.tables.frame();
    s.domain = id;
    m.put_context(device, 0, 0xc);
    m.put_pasid(device, 0, s);
    return s;
  }
  bool detach(std::uint16_t id) {
    const std::uint64_t at = m.pasid_at(device, 0);
    m.memory.write(at, m.memory.read(at) & ~std::uint64_t{1});
    if (!submit(7 | 1 << 4 | std::uint64_t{id} << 16)) return false;  // the PASID of the domain
    return flush_domain(id) && submit(3 | std::uint64_t{device} << 32, 0x7fff'ffff'ffff'f001);
  }
};

TEST(kernel_driver, initialises_maps_unmaps_and_detaches) {
  remapping_machine m(remapping_machine::configuration({device}));
  kernel k{{m}};
  ASSERT_TRUE(k.initialise());
  const translation_shape s = k.attach(5);
  m.map_second(s, 0x10'0000, 0x5000'0000);
  m.map_second(s, 0x10'1000, 0x5000'1000);
  m.memory.write(0x5000'0000, 0x11);
  EXPECT_TRUE(m.read(device, 0x10'0000));
  EXPECT_EQ(m.data, 0x11u);
  EXPECT_TRUE(m.write(device, 0x10'1000, 0x22));
  EXPECT_EQ(m.memory.read(0x5000'1000), 0x22u);

  m.map_second(s, 0x10'0000, 0, 0);
  EXPECT_TRUE(k.flush_pages(5, 0x10'0000, 0, true));
  EXPECT_FALSE(m.read(device, 0x10'0000));
  EXPECT_TRUE(m.read(device, 0x10'1000));

  EXPECT_TRUE(k.detach(5));
  EXPECT_FALSE(m.read(device, 0x10'1000));
}

TEST(kernel_driver, hears_of_a_fault_and_handles_it) {
  remapping_machine m(remapping_machine::configuration({device}));
  kernel k{{m}};
  ASSERT_TRUE(k.initialise());
  k.attach(5);
  EXPECT_FALSE(m.read(device, 0x7777'7000));
  m.settle();
  EXPECT_EQ(m.memory.read(event_address, 4), event_data);
  std::uint64_t address = 0;
  unsigned reason = 0;
  EXPECT_EQ(k.handle_faults(&address, &reason), 1u);
  EXPECT_EQ(address, 0x7777'7000u);
  EXPECT_EQ(reason, 0x79u);
  m.memory.write(event_address, 0, 4);
  EXPECT_FALSE(m.read(device, 0x8888'8000));
  m.settle();
  EXPECT_EQ(m.memory.read(event_address, 4), event_data);
}

TEST(kernel_driver, replaces_a_descriptor_that_stopped_the_queue) {
  remapping_machine m(remapping_machine::configuration({device}));
  kernel k{{m}};
  ASSERT_TRUE(k.initialise());
  EXPECT_FALSE(k.submit(0x0f));
  EXPECT_EQ(m.get(0x34, 4) & 0x10, 0x10u);
  // The head stands at the bad one: the wait is copied over it, and the error bit cleared.
  const std::uint64_t head = m.get(0x80, 8);
  const std::uint64_t wait = remapping_machine::queue + (head + 32) % 0x2000;
  k.put(remapping_machine::queue + head, m.memory.read(wait), m.memory.read(wait + 8));
  m.set(0x34, 4, 0x10);
  EXPECT_EQ(m.get(0x80, 8), m.get(0x88, 8));
  EXPECT_TRUE(k.flush_iotlb());
}

TEST(kernel_driver, gives_up_a_device_that_does_not_answer) {
  remapping_machine m(remapping_machine::configuration({device}));
  m.unit.answer_device_invalidations_by([](const paging::vtd::descriptor&) { return device_answer{}; });
  kernel k{{m}};
  ASSERT_TRUE(k.initialise());
  EXPECT_FALSE(k.submit(3 | std::uint64_t{device} << 32, 0x7fff'ffff'ffff'f001));
  EXPECT_EQ(m.get(0x34, 4) & 0x40, 0x40u);
  m.set(0x34, 4, 0x40);
  EXPECT_TRUE(k.flush_iotlb());
}

TEST(kernel_driver, wraps_around_the_queue_many_times) {
  remapping_machine m(remapping_machine::configuration({device}));
  kernel k{{m}};
  ASSERT_TRUE(k.initialise());
  for (unsigned n = 0; n < 1000; ++n) ASSERT_TRUE(k.flush_iotlb()) << n;
}

TEST(kernel_driver, takes_over_from_firmware_that_left_translation_on) {
  remapping_machine m(remapping_machine::configuration({device}));
  kernel first{{m}};
  ASSERT_TRUE(first.initialise());
  first.attach(5);
  EXPECT_FALSE(m.read(device, 0x7777'7000));
  kernel second{{m}};
  second.global = static_cast<std::uint32_t>(m.get(0x1c, 4)) & (1u << 31 | 1u << 26);
  EXPECT_TRUE(second.command(1u << 31, false, true));
  EXPECT_TRUE(m.read(device, 0x7777'7000));  // nothing is translated
  ASSERT_TRUE(second.initialise());
  EXPECT_FALSE(m.read(device, 0x7777'7000));
}

// A firmware that protects memory at boot: legacy tables, commands in registers.
struct firmware : driver {
  bool flush_contexts() {
    if ((m.get(0x28, 8) >> 63) != 0) return false;
    m.set(0x28, 8, std::uint64_t{1} << 63 | std::uint64_t{1} << 61);
    return poll(0x28, 8, std::uint64_t{1} << 63, 0) && (m.get(0x28, 8) >> 59 & 3) == 1;
  }
  bool flush_iotlb() {
    const auto at = static_cast<std::uint32_t>((m.get(0x10, 8) >> 8 & 0x3ff) * 16 + 8);
    if ((m.get(at, 8) >> 63) != 0) return false;
    m.set(at, 8, std::uint64_t{1} << 63 | std::uint64_t{1} << 60 | std::uint64_t{3} << 48);
    return poll(at, 8, std::uint64_t{1} << 63, 0) && (m.get(at, 8) >> 57 & 3) == 1;
  }
  bool enable() {
    m.set(0x20, 8, remapping_machine::root);
    if (!command(1u << 30, true, false)) return false;
    if (!flush_contexts() || !flush_iotlb()) return false;
    return command(1u << 31, true, true);
  }
};

TEST(firmware_driver, enables_translation_by_registers_and_disables_it_again) {
  remapping_machine m(remapping_machine::configuration({device}));
  firmware f{{m}};
  translation_shape s;
  s.second_root = m.tables.frame();
  m.put_legacy(device, s);
  m.map_second(s, 0x10'0000, 0x5000'0000);
  ASSERT_TRUE(f.enable());
  EXPECT_TRUE(m.write(device, 0x10'0000, 9));
  EXPECT_EQ(m.memory.read(0x5000'0000), 9u);
  EXPECT_FALSE(m.read(device, 0x20'0000));
  m.map_second(s, 0x10'0000, 0x6000'0000);
  EXPECT_TRUE(f.flush_iotlb());
  EXPECT_TRUE(m.write(device, 0x10'0000, 10));
  EXPECT_EQ(m.memory.read(0x6000'0000), 10u);
  EXPECT_TRUE(f.command(1u << 31, false, true));
  EXPECT_TRUE(m.read(device, 0x20'0000));
}

TEST(firmware_driver, finds_no_commands_in_registers_of_version_6) {
  iommu_config c = remapping_machine::configuration({device});
  c.version = 0x60;
  remapping_machine m(c);
  firmware f{{m}};
  EXPECT_EQ(m.get(0x0, 4) >> 4, 6u);
  EXPECT_FALSE(f.flush_contexts());
}

}  // namespace
}  // namespace nestwalk::iommu
