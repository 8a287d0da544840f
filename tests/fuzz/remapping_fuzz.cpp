// A remapping unit under any register writes, tables, queue contents and requests: it ends, keeps its registers in
// order, and reads no more for a request than a walk has entries.
#include <cstring>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "fuzz_target.h"
#include "nestwalk/iommu/iommu.h"
#include "nestwalk/protocol/owned_payload.h"
#include "paging/device_table_world.h"

namespace nestwalk::test {
namespace {

constexpr std::uint64_t memory_bytes = 1u << 20;
constexpr std::array<std::uint16_t, 3> sources{0x0000, 0x0013, 0x0119};
// Entries of device tables and of a nested walk of five levels over five, each walked again, and the data.
constexpr unsigned most_calls = 2 * (4 + 35) + 1 + 2 * 35;

iommu::iommu_config configuration() {
  iommu::iommu_config c;
  c.unit = everything();
  c.unit.cap |= std::uint64_t{3} << vtd::cap::nfr | vtd::cap::plmr | vtd::cap::phmr;
  c.devices = {sources.begin(), sources.end()};
  c.iotlb.base = c.second_stage_tlb.base = {8, 2, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_1g};
  for (walker::walker_config* w : {&c.first_stage_walker, &c.second_stage_walker})
    w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {4, 2};
  c.tables.context_cache.entries = c.tables.pasid_cache.entries = 4;
  return c;
}

/// The unit over a memory of a MByte; what lies beyond answers an error.
class machine : public sc_core::sc_module, private protocol::blocking_target {
 public:
  explicit machine(const sc_core::sc_module_name& name) : sc_module(name), unit_("unit", configuration()) {
    memory_.bind(static_cast<protocol::memory_forward&>(*this));
    software_.bind(static_cast<protocol::memory_backward&>(back_));
    software_.bind(unit_.registers);
    for (auto* const socket :
         {&unit_.memory, &unit_.structure_memory, &unit_.first_stage_memory, &unit_.second_stage_memory})
      socket->bind(memory_);
    for (const std::uint16_t source : sources) {
      devices_.push_back(std::make_unique<protocol::memory_initiator_socket>(fmt::format("device_{}", source).c_str()));
      devices_.back()->bind(static_cast<protocol::memory_backward&>(back_));
      devices_.back()->bind(unit_.device(source));
    }
  }

  void reset() {
    settle();
    unit_.reset();
    std::fill(bytes_.begin(), bytes_.end(), std::uint8_t{0});
  }
  // Runs until the unit is idle, which a queue of any content is after as many descriptors as it holds.
  void settle() {
    const sc_core::sc_time begun = sc_core::sc_time_stamp();
    if (sc_core::sc_pending_activity()) sc_core::sc_start();
    if (sc_core::sc_time_stamp() - begun > sc_core::sc_time(1, sc_core::SC_SEC))
      finding("the unit does not come to rest");
  }
  void write_register(std::uint32_t offset, unsigned length, std::uint64_t value) {
    calls_ = 0;
    sc_core::sc_time delay;
    software_->b_transport(payload_.write(offset, &value, length), delay);
    if (calls_ != 0) finding(fmt::format("a write of register {:#x} reads or writes memory", offset));
  }
  std::uint64_t read_register(std::uint32_t offset, unsigned length) {
    std::uint64_t value = 0;
    sc_core::sc_time delay;
    software_->b_transport(payload_.read(offset, &value, length), delay);
    return value;
  }
  void store(std::uint64_t address, std::uint64_t qword) {
    std::memcpy(&bytes_[address % (memory_bytes - 7)], &qword, sizeof qword);
  }
  void request(const vtd::request& r, unsigned device, std::uint64_t address) {
    std::uint64_t data = 0;
    tlm::tlm_generic_payload& p =
        r.access == paging::access_type::write ? payload_.write(address, &data, 8) : payload_.read(address, &data, 8);
    protocol::access_extension& e = payload_.access();
    e.request = r.type;
    e.has_pasid = r.has_pasid;
    e.pasid = r.pasid;
    e.fetch = r.access == paging::access_type::fetch;
    e.mode = r.privileged ? paging::access_mode::supervisor : paging::access_mode::user;
    calls_ = 0;
    sc_core::sc_time delay;
    (*devices_[device])->b_transport(p, delay);
    if (calls_ > most_calls) finding(fmt::format("{} accesses of memory for a request", calls_));
    if (p.get_address() != address) finding("the address of a request is not restored");
    e = protocol::access_extension();
    p.set_dmi_allowed(false);
  }
  void expect_registers_in_order() {
    const auto none = [](const char* what, std::uint64_t bits) {
      if (bits != 0) finding(fmt::format("{}: {:#x}", what, bits));
    };
    none("VER", read_register(0, 4) ^ 0x10);
    none("CAP", read_register(8, 8) ^ configuration().unit.cap);
    none("GSTS", read_register(0x1c, 4) & ~std::uint64_t{0xc4000000});
    none("FSTS", read_register(0x34, 4) & ~std::uint64_t{0x373});
    none("IQH", read_register(0x80, 8) & ~std::uint64_t{0x7fff0});
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    ++calls_;
    delay += sc_core::sc_time(1, sc_core::SC_NS);
    const std::uint64_t address = payload.get_address();
    const unsigned length = payload.get_data_length();
    if (address > memory_bytes - length) return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (payload.is_write())
      std::memcpy(&bytes_[address], payload.get_data_ptr(), length);
    else
      std::memcpy(payload.get_data_ptr(), &bytes_[address], length);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  protocol::memory_initiator_socket software_{"software"};
  protocol::memory_target_socket memory_{"memory"};
  iommu::iommu unit_;
  protocol::blocking_initiator back_;
  std::vector<std::unique_ptr<protocol::memory_initiator_socket>> devices_;
  protocol::owned_payload payload_;
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(memory_bytes);
  unsigned calls_ = 0;
};

// Tables that translate something, so that inputs need not find them: a scalable root at 0x1000 whose PASID 0 is
// nested.
void set_up(machine& m) {
  m.store(0x1000, 0x2001);
  m.store(0x2000, 0x3000 | 0xc | 1);
  m.store(0x2000 + 0x13 * 32, 0x3000 | 0xc | 1);
  m.store(0x3000, 0x4001);
  for (const std::uint64_t entry : {0x4000u, 0x4040u}) {
    m.store(entry, 0x5000 | 3 << 6 | 2 << 2 | 0x200 | 1);
    m.store(entry + 8, vtd::pasid_entry::pwsnp | 1);
    m.store(entry + 16, 0x9000 | 0x30 | 3);
  }
  m.store(0x5000, 0x6003);
  m.store(0x6000, 0x7003);
  m.store(0x7000, 0x83);
  m.store(0x9000, 0xa027);
  m.store(0xa000, 0xb027);
  m.store(0xb000, 0x87);
  m.write_register(0x20, 8, 0x1400);
  m.write_register(0x18, 4, 1u << 30);
  m.write_register(0x90, 8, 0x10800);
  m.write_register(0x18, 4, 1u << 31 | 1u << 26);
  m.settle();
}

void step(machine& m, input_bytes& in) {
  const unsigned what = in.byte();
  switch (what % 8) {
    case 0: return m.write_register((in.byte() * 4u) & 0xf8, 8, in.qword());
    case 1: return m.write_register(in.byte() * 4u, 4, in.qword() & 0xffffffff);
    case 2: return m.store(in.qword() % 0x20000, in.qword());
    case 3: return m.store((in.byte() * 0x1000u + in.byte() * 8u) % 0x20000, in.qword());
    case 4: return m.write_register(0x88, 8, in.byte() * 16u);
    case 5: return m.settle();
    default: break;
  }
  const unsigned bits = in.byte();
  vtd::request r;
  r.access = bits % 3 == 0   ? paging::access_type::read
             : bits % 3 == 1 ? paging::access_type::write
                             : paging::access_type::fetch;
  r.has_pasid = (bits & 8) != 0;
  r.privileged = (bits & 16) != 0;
  r.type = (bits & 32) != 0 ? vtd::request_type::translated : vtd::request_type::untranslated;
  r.pasid = in.byte() & 3u;
  m.request(r, bits % 3, (what & 8) != 0 ? in.qword() & ~std::uint64_t{7} : in.byte() * 0x1000u);
}

}  // namespace
}  // namespace nestwalk::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nestwalk::test;
  static const auto m = [] {
    auto made = std::make_unique<machine>("machine");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    return made;
  }();
  input_bytes in(data, size);
  m->reset();
  if ((in.byte() & 1) != 0) set_up(*m);
  for (std::size_t used = 0; used < size; ++used) step(*m, in);
  m->settle();
  m->expect_registers_in_order();
  return 0;
}
