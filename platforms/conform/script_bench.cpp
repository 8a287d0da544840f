#include "platforms/conform/script_bench.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
constexpr std::uint64_t memory_size = 8 * gibibyte;

// Of the scripts' form: [0, 2 GiB) and [4 GiB, 8 GiB).
bool is_memory(std::uint64_t address, std::uint64_t length) {
  const std::uint64_t last = address + (length == 0 ? 0 : length - 1);
  return last < 2 * gibibyte || (address >= 4 * gibibyte && last < memory_size);
}

iommu::iommu_config configuration(const script_bench::demand& d, bool caches) {
  iommu::iommu_config c;
  c.unit = d.unit;
  c.devices = d.sources;
  for (tlb::tlb_config* t : {&c.iotlb, &c.second_stage_tlb})
    t->base = {caches ? 64u : 0u, 4, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_1g};
  if (caches) {
    for (walker::walker_config* w : {&c.first_stage_walker, &c.second_stage_walker})
      w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {16, 4};
  } else {
    c.tables.context_cache.entries = c.tables.pasid_cache.entries = 0;
  }
  return c;
}

bool same(const paging::vtd::unit_capabilities& a, const paging::vtd::unit_capabilities& b) {
  return a.cap == b.cap && a.ecap == b.ecap;
}

std::string spelt(const std::vector<std::uint8_t>& data) {
  std::string text;
  for (const std::uint8_t byte : data) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

/// A unit, its software, its devices and its memory.
class script_bench::rig : public sc_core::sc_module,
                          private protocol::blocking_target,
                          private protocol::blocking_initiator {
 public:
  rig(const sc_core::sc_module_name& name, const demand& d, bool caches)
      : sc_module(name), unit_("unit", configuration(d, caches)), capabilities_(d.unit), caches_(caches) {
    software_.bind(static_cast<protocol::memory_backward&>(*this));
    software_.bind(unit_.registers);
    memory_.bind(static_cast<protocol::memory_forward&>(*this));
    for (auto* const socket :
         {&unit_.memory, &unit_.structure_memory, &unit_.first_stage_memory, &unit_.second_stage_memory})
      socket->bind(memory_);
    for (const std::uint16_t source : d.sources) {
      devices_.push_back(
          {source, std::make_unique<protocol::memory_initiator_socket>(fmt::format("device_{:04x}", source).c_str())});
      devices_.back().socket->bind(static_cast<protocol::memory_backward&>(*this));
      devices_.back().socket->bind(unit_.device(source));
    }
  }

  bool serves(const paging::vtd::unit_capabilities& unit) const { return same(unit, capabilities_); }

  std::string perform(const conformance_script& s) {
    if ((sc_core::sc_get_status() & (sc_core::SC_ELABORATION | sc_core::SC_BEFORE_END_OF_ELABORATION)) != 0)
      sc_core::sc_start(sc_core::SC_ZERO_TIME);  // ends elaboration: everything stands by now
    unit_.reset();
    store_.clear();
    unsigned number = 0;
    for (const script_step& step : s.steps) {
      ++number;
      const bool counts = !step.only_if_pending || (register_value(0x34, 4) & 2) != 0;
      const std::string wrong = counts ? take(step) : std::string();
      if (!wrong.empty()) return fmt::format("{}, step {}: {}", caches_ ? "cached" : "uncached", number, wrong);
      if (sc_core::sc_pending_activity()) sc_core::sc_start();  // until the unit is idle
    }
    return {};
  }

 private:
  struct device {
    std::uint16_t source;
    std::unique_ptr<protocol::memory_initiator_socket> socket;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    delay += sc_core::sc_time(10, sc_core::SC_NS);
    last_ = payload.get_address();
    const unsigned length = payload.get_data_length();
    if (!is_memory(last_, length)) return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    copy(last_, payload.get_data_ptr(), length, payload.is_write());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  void copy(std::uint64_t at, unsigned char* data, unsigned length, bool store) {
    for (unsigned done = 0; done < length; ++done) {
      unsigned char* const host = store_.at(at + done);
      store ? void(*host = data[done]) : void(data[done] = *host);
    }
  }
  std::uint64_t qword(std::uint64_t at) {
    std::uint64_t value = 0;
    copy(at, reinterpret_cast<unsigned char*>(&value), sizeof value, false);
    return value;
  }

  std::uint64_t register_value(std::uint64_t offset, unsigned bytes) {
    std::uint64_t value = 0;
    sc_core::sc_time delay;
    software_->b_transport(payload_.read(offset, &value, bytes), delay);
    return value;
  }
  void write_register(std::uint64_t offset, std::uint64_t value, unsigned bytes) {
    sc_core::sc_time delay;
    software_->b_transport(payload_.write(offset, &value, bytes), delay);
  }

  std::string take(const script_step& step) {
    switch (step.operation) {
      case script_operation::mem_write64:
        copy(step.address, reinterpret_cast<unsigned char*>(const_cast<std::uint64_t*>(&step.value)), 8, true);
        return {};
      case script_operation::mem_read64: return compare(step, qword(step.address), "memory");
      case script_operation::reg_write32: write_register(step.address, step.value, 4); return {};
      case script_operation::reg_write64: write_register(step.address, step.value, 8); return {};
      case script_operation::reg_read32: return compare(step, register_value(step.address, 4), "register");
      case script_operation::reg_read64: return compare(step, register_value(step.address, 8), "register");
      case script_operation::dma_write:
      case script_operation::dma_read: break;
    }
    return compare(step, request(step));
  }

  static std::string compare(const script_step& step, std::uint64_t found, const char* what) {
    for (const std::uint64_t value : step.accepted)
      if ((found & step.mask) == (value & step.mask)) return {};
    return fmt::format("{} {:#x} is {:#x}, not {:#x} under mask {:#x}", what, step.address, found & step.mask,
                       step.accepted.front(), step.mask);
  }

  dma_outcome request(const script_step& step) {
    std::vector<std::uint8_t> data = step.data;
    data.resize(step.length);
    protocol::memory_initiator_socket& from = *std::find_if(devices_.begin(), devices_.end(), [&](const device& d) {
                                                 return d.source == step.source;
                                               })->socket;
    sc_core::sc_time delay;
    tlm::tlm_generic_payload& payload = step.operation == script_operation::dma_write
                                            ? payload_.write(step.address, data.data(), step.length)
                                            : payload_.read(step.address, data.data(), step.length);
    from->b_transport(payload, delay);
    dma_outcome o;
    o.allowed = payload_.ok();
    if (!o.allowed) return o;
    o.hpa = last_;
    o.data = data;
    if (step.operation == script_operation::dma_write) copy(o.hpa, o.data.data(), step.length, false);
    return o;
  }

  static std::string compare(const script_step& step, const dma_outcome& found) {
    for (const dma_outcome& o : step.outcomes)
      if (o.allowed == found.allowed && (!o.allowed || (o.hpa == found.hpa && o.data == found.data))) return {};
    const auto told = [](const dma_outcome& o) {
      return o.allowed ? fmt::format("at {:#x} with data {}", o.hpa, spelt(o.data)) : std::string("blocked");
    };
    return fmt::format("the request of {:04x} at {:#x} is {}, not {}", step.source, step.address, told(found),
                       told(step.outcomes.front()));
  }

  protocol::memory_initiator_socket software_{"software"};
  protocol::memory_target_socket memory_{"memory"};
  iommu::iommu unit_;
  paging::vtd::unit_capabilities capabilities_;
  bool caches_;
  memory::sparse_store store_{memory_size, "memory"};
  std::vector<device> devices_;
  protocol::owned_payload payload_;
  std::uint64_t last_ = 0;
};

script_bench::script_bench(const std::vector<demand>& demands) {
  for (const demand& d : demands)
    for (const bool caches : {true, false})
      rigs_.push_back(std::make_unique<rig>(fmt::format("script_bench_{}", rigs_.size()).c_str(), d, caches));
}

script_bench::~script_bench() = default;

std::string script_bench::perform(const conformance_script& s) {
  bool served = false;
  for (const auto& r : rigs_) {
    if (!r->serves(s.unit)) continue;
    served = true;
    if (const std::string wrong = r->perform(s); !wrong.empty()) return wrong;
  }
  return served ? std::string() : "no unit with these capabilities was announced";
}

}  // namespace nestwalk::platforms
