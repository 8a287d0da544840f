#include "platforms/conform/bare_mmu.h"

#include <cstring>

#include "platforms/conform/guest_entry.h"

namespace nestwalk::platforms {

namespace {

memory::dram_config table_memory(unsigned physical_bits) {
  memory::dram_config c;
  c.size = std::uint64_t{1} << physical_bits;
  return c;
}

}  // namespace

bare_mmu::bare_mmu(const sc_core::sc_module_name& name, const mmu::mmu_config& config, memory::contents* filled)
    : sc_module(name), mmu_("mmu", config), tables_("tables", table_memory(config.processor.physical_bits), filled) {
  fetch_.bind(*this);
  data_.bind(*this);
  control_.bind(*this);
  fetch_.bind(mmu_.fetch);
  data_.bind(mmu_.data);
  control_.bind(mmu_.control);
  mmu_.fetch_memory.bind(went_.socket);
  mmu_.data_memory.bind(went_.socket);
  mmu_.guest_table_memory.bind(tables_.cpu_side);
  mmu_.nested_table_memory.bind(tables_.cpu_side);
}

std::uint64_t bare_mmu::read(std::uint64_t address) const {
  std::uint64_t qword = 0;
  if (const unsigned char* const host = tables_.store().find(address)) std::memcpy(&qword, host, sizeof qword);
  return qword;
}

void bare_mmu::write(std::uint64_t address, std::uint64_t qword) {
  std::memcpy(tables_.store().at(address), &qword, sizeof qword);
}

void bare_mmu::flush_everything() {
  sc_core::sc_time delay;
  registers().invept(paging::invept_type::all_context, 0, delay);
  registers().invvpid(paging::invvpid_type::all_context, 0, paging::gva(), delay);
}

void bare_mmu::enter(const protocol::translation_controls& controls, const paging::paging_registers& guest) {
  enter_guest(registers(), controls, guest);
}

bool bare_mmu::access(paging::gva in, const paging::access& a, unsigned size) {
  const bool fetch = a.type == paging::access_type::fetch;
  tlm::tlm_generic_payload& payload = a.type == paging::access_type::write ? payload_.write(in.value, bytes_, size)
                                                                           : payload_.read(in.value, bytes_, size);
  payload_.access().mode = a.mode;
  payload_.access().fetch = fetch;
  payload_.access().fault = {};
  sc_core::sc_time delay;
  (fetch ? fetch_ : data_)->b_transport(payload, delay);
  output = paging::hpa(went_.last);
  fault = payload_.access().fault;
  return payload_.ok();
}

}  // namespace nestwalk::platforms
