#include "platforms/machine.h"

#include "nestwalk/memory/sparse_store.h"
#include "nestwalk/protocol/owned_payload.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t page_bytes = 4096;

// What the VMM shares with other rooms is configured there.
vmm::vmm_config vmm_config_of(const configuration& c, machine_mode mode) {
  vmm::vmm_config made = c.vmm;
  made.mode = mode == machine_mode::nested ? vmm::paging_mode::nested : vmm::paging_mode::shadow;
  made.format = c.mmu.processor.maker == paging::vendor::intel ? paging::nested_kind::ept : paging::nested_kind::npt;
  made.processor = c.mmu.processor;
  made.guest_memory = c.guest.memory;
  made.cycle = c.core.cycle;
  return made;
}

}  // namespace

machine::machine(const configuration& c, machine_mode mode)
    : bare_machine(c, mode), kernel_(std::make_unique<guest::kernel>("guest", c.guest)) {
  if (mode != machine_mode::native) vmm_ = std::make_unique<vmm::vmm>("vmm", vmm_config_of(c, mode));
  bind();
  kernel_->describe(statistics().child("guest"));
  statistics().describe("vmm", vmm_);
}

machine::~machine() = default;

void machine::bind() {
  core().guest.bind(*kernel_);
  kernel_->cpu.bind(core().guest_instructions);
  if (vmm_ == nullptr) {
    wires().connect(kernel_->guest_memory, dram().cpu_side);  // guest-physical is host-physical
    return;
  }
  core().exit.bind(vmm_->exit);
  vmm_->cpu.bind(core().host_instructions);
  wires().connect(vmm_->memory, parts().caches().data());
  wires().connect(kernel_->guest_memory, vmm_->guest_memory);
}

std::string machine::digest() {
  return memory_digest({[this](paging::gpa from) { return next_page(from); },
                        [this](paging::gpa page, unsigned char* into) { read_page(page, into); }});
}

std::optional<paging::gpa> machine::next_page(paging::gpa from) const {
  if (vmm_ != nullptr) return vmm_->next_guest_page(from);
  const memory::sparse_store& store = parts().dram().store();
  for (std::uint64_t at = from.value; at < config().guest.memory;) {
    if (store.find(at) != nullptr) return paging::gpa(at);
    at = memory::sparse_store::chunk_first(at) + memory::sparse_store::chunk_bytes;
  }
  return std::nullopt;
}

void machine::read_page(paging::gpa page, unsigned char* into) {
  protocol::owned_payload payload;
  kernel_->guest_memory->transport_dbg(payload.read(page.value, into, page_bytes));
}

}  // namespace nestwalk::platforms
