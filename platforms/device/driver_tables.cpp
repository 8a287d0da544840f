#include "platforms/device/driver_tables.h"

#include <cstring>

#include <fmt/format.h>

#include "nestwalk/paging/format.h"
#include "nestwalk/paging/vtd_domain.h"
#include "nestwalk/paging/vtd_entries.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {
namespace {

namespace vtd = paging::vtd;
namespace x86 = paging::x86_entry;
namespace pasid_entry = vtd::pasid_entry;

constexpr std::uint64_t table_bytes = 0x1000;
constexpr std::uint64_t guest_base = std::uint64_t{1} << 30;  // where the guest's memory lies
constexpr std::uint64_t table_address = 0x000f'ffff'ffff'f000;
constexpr std::uint64_t first_table_bits = x86::p | x86::rw | x86::us;
constexpr std::uint64_t second_bits = vtd::second_entry::r | vtd::second_entry::w;
constexpr std::uint16_t domain_id = 1;
constexpr unsigned largest_directory = 7;  // PDTS: 2^14 entries

// Where the entry of an address stands in a table of that level.
std::uint64_t slot(std::uint64_t address, unsigned level) {
  return ((address >> (12 + 9 * (level - 1))) & 511) * 8;
}
unsigned leaf_level(unsigned page_log2) {
  return 1 + (page_log2 - 12) / 9;
}

}  // namespace

driver_tables::driver_tables(memory::sparse_store& memory, const vtd::unit_capabilities& unit, device_mode mode,
                             const driver_config& c)
    : memory_(memory), unit_(unit), mode_(mode), config_(c) {
  if (memory_.size() < memory_needed)
    throw input_error("dram.size: the driver's tables and pages need 4 GiB of memory");
  if (c.tables == device_table_format::legacy && has_first())
    throw input_error(fmt::format(
        "driver.tables: legacy tables have no first stage, which mode {} needs; take scalable", name_of(mode)));
  root_ = host_frames(table_bytes, table_bytes);
  if (has_second()) second_root_ = host_frames(table_bytes, table_bytes);
  if (has_first()) first_root_ = guest_table();
}

std::uint64_t driver_tables::load(std::uint64_t at) const {
  std::uint64_t value = 0;
  if (const unsigned char* const host = memory_.find(at)) std::memcpy(&value, host, sizeof value);
  return value;
}
void driver_tables::store(std::uint64_t at, std::uint64_t value) {
  std::memcpy(memory_.at(at), &value, sizeof value);
}

std::uint64_t driver_tables::host_frames(std::uint64_t bytes, std::uint64_t alignment) {
  const std::uint64_t at = (next_host_ + alignment - 1) / alignment * alignment;
  next_host_ = at + bytes;
  return at;
}
// A guest's pages; without a guest those of the first stage, which are the host's.
std::uint64_t driver_tables::guest_frame(std::uint64_t bytes) {
  const std::uint64_t at = (next_guest_ + bytes - 1) / bytes * bytes;
  next_guest_ = at + bytes;
  return mode_ == device_mode::nested ? at : guest_base + at;
}
std::uint64_t driver_tables::host_of_guest(std::uint64_t address) const {
  return mode_ == device_mode::nested ? guest_base + address : address;
}

std::uint64_t driver_tables::guest_table() {
  const std::uint64_t table = guest_frame(table_bytes);
  if (mode_ == device_mode::nested) map_second(table, host_of_guest(table));
  return table;
}

void driver_tables::map_first(std::uint64_t address, std::uint64_t output) {
  const unsigned leaf = leaf_level(config_.first_page_log2);
  std::uint64_t table = first_root_;
  for (unsigned level = config_.first_levels; level > leaf; --level) {
    const std::uint64_t at = host_of_guest(table + slot(address, level));
    if (load(at) == 0) store(at, guest_table() | first_table_bits);
    table = load(at) & table_address;
  }
  store(host_of_guest(table + slot(address, leaf)), output | first_table_bits | (leaf > 1 ? x86::ps : 0));
}

void driver_tables::map_second(std::uint64_t address, std::uint64_t output) {
  const unsigned leaf = leaf_level(config_.second_page_log2);
  const std::uint64_t page = ~((std::uint64_t{1} << config_.second_page_log2) - 1);
  std::uint64_t table = second_root_;
  for (unsigned level = config_.second_levels; level > leaf; --level) {
    const std::uint64_t at = table + slot(address, level);
    if (load(at) == 0) store(at, host_frames(table_bytes, table_bytes) | second_bits);
    table = load(at) & table_address;
  }
  store(table + slot(address, leaf), (output & page) | second_bits | (leaf > 1 ? paging::page_size_bit : 0));
}

void driver_tables::map(std::uint64_t address) {
  if (has_first()) {
    const std::uint64_t page = guest_frame(std::uint64_t{1} << config_.first_page_log2);
    map_first(address, page);
    const std::uint64_t offset = address & ((std::uint64_t{1} << config_.first_page_log2) - 1);
    if (mode_ == device_mode::nested) map_second(page + offset, host_of_guest(page + offset));
  } else if (has_second()) {
    map_second(address, guest_base + guest_frame(std::uint64_t{1} << config_.second_page_log2));
  }
}

void driver_tables::put_pasid_entry(std::uint64_t at) {
  constexpr unsigned kinds[] = {pasid_entry::pass_through, pasid_entry::first_stage, pasid_entry::second_stage,
                                pasid_entry::nested};
  const bool flags = has_second() && unit_.has(vtd::ecap::ssads);
  store(at, second_root_ | (flags ? pasid_entry::ssade : 0) | kinds[static_cast<unsigned>(mode_)] << pasid_entry::pgtt |
                (config_.second_levels - 2) << pasid_entry::address_width | vtd::present);
  store(at + 8, domain_id | (unit_.has(vtd::ecap::smpwcs) ? pasid_entry::pwsnp : 0));
  if (!has_first()) return;
  store(at + 16, first_root_ | (unit_.has(vtd::ecap::srs) ? pasid_entry::sre : 0) |
                     (unit_.has(vtd::ecap::ers) ? pasid_entry::ere | pasid_entry::nxe : 0) | pasid_entry::wpe |
                     (config_.first_levels - 4) << pasid_entry::fspm);
}

void driver_tables::assign(std::uint16_t source, std::uint32_t pasid) {
  const std::uint64_t contexts = host_frames(table_bytes, table_bytes);
  if (config_.tables == device_table_format::legacy) {
    const unsigned type =
        mode_ == device_mode::passthrough ? vtd::context_entry::pass_through : vtd::context_entry::untranslated_only;
    store(root_ + (source >> 8) * 16u, contexts | vtd::present);
    const std::uint64_t at = contexts + (source & 0xffu) * 16;
    store(at, second_root_ | type << vtd::context_entry::translation_type | vtd::present);
    store(at + 8, std::uint64_t{domain_id} << vtd::context_entry::domain | (config_.second_levels - 2));
    return;
  }
  const std::uint64_t directory = host_frames(std::uint64_t{8} << 14, table_bytes);
  store(root_ + (source >> 8) * 16u + (source >> 7 & 1u) * 8, contexts | vtd::present);
  store(contexts + (source & 0x7fu) * 32, directory | largest_directory << vtd::sm_context_entry::pdts |
                                              (unit_.has(vtd::ecap::pasid) ? vtd::sm_context_entry::paside : 0) |
                                              vtd::present);
  const std::uint64_t entries = host_frames(table_bytes, table_bytes);
  store(directory + (pasid >> 6) * 8, entries | vtd::present);
  put_pasid_entry(entries + (pasid & 63) * 64);
}

std::uint64_t driver_tables::root_table_address() const {
  const auto mode = config_.tables == device_table_format::legacy ? vtd::table_mode::legacy : vtd::table_mode::scalable;
  return root_ | std::uint64_t{static_cast<std::uint8_t>(mode)} << 10;
}

}  // namespace nestwalk::platforms
