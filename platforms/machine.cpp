#include "platforms/machine.h"

#include <exception>

#include "memory/sparse_store.h"
#include "protocol/owned_payload.h"

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t picoseconds = 1'000'000'000'000;

// What the VMM shares with other rooms is configured there.
vmm::vmm_config vmm_config_of(const configuration& c, machine_mode mode) {
  vmm::vmm_config made = c.vmm;
  made.mode = mode == machine_mode::nested ? vmm::paging_mode::nested : vmm::paging_mode::shadow;
  made.format = c.mmu.machine.maker == paging::vendor::intel ? paging::nested_kind::ept : paging::nested_kind::npt;
  made.machine = c.mmu.machine;
  made.guest_memory = c.guest.memory;
  made.cycle = c.core.cycle;
  return made;
}

}  // namespace

machine::machine(const configuration& c, machine_mode mode)
    : config_(c),
      mode_(mode),
      wires_(c.checks.protocol_monitors),
      dram_(std::make_unique<memory::dram>("dram", c.dram)),
      caches_(std::make_unique<memory_system>("caches", c, *dram_, wires_)),
      mmu_(std::make_unique<mmu::mmu>("mmu", c.mmu.config(c.core.cycle))),
      core_(std::make_unique<cpu::core>("core", c.core)),
      kernel_(std::make_unique<guest::kernel>("guest", c.guest)) {
  if (c.mmu.walker == walker_kind::rtl) rtl_walker_ = make_rtl_walker("rtl_walker", c.core.cycle, c.mmu.use_dmi);
  if (mode != machine_mode::native) vmm_ = std::make_unique<vmm::vmm>("vmm", vmm_config_of(c, mode));
  bind();
  describe();
}

machine::~machine() = default;

void machine::bind() {
  wires_.connect(core_->fetch, mmu_->fetch);
  wires_.connect(core_->data, mmu_->data);
  core_->control.bind(mmu_->control);
  core_->guest.bind(*kernel_);
  kernel_->cpu.bind(core_->guest_instructions);

  wires_.connect(mmu_->fetch_memory, caches_->instructions());
  wires_.connect(mmu_->data_memory, caches_->data());
  protocol::memory_target_socket& tables = caches_->at(config_.caches.table_reads);
  if (rtl_walker_ != nullptr) {
    mmu_->walks.bind(rtl_walker_->requests());
    wires_.connect(rtl_walker_->memory(), tables);
  } else {
    wires_.connect(mmu_->guest_table_memory, tables);
    wires_.connect(mmu_->nested_table_memory, tables);
  }

  if (vmm_ == nullptr) {
    wires_.connect(kernel_->image, dram_->initiators);  // guest-physical is host-physical
    return;
  }
  core_->exit.bind(vmm_->exit);
  vmm_->cpu.bind(core_->host_instructions);
  wires_.connect(vmm_->memory, caches_->data());
  wires_.connect(kernel_->image, vmm_->guest_memory);
}

void machine::describe() {
  const double period = config_.core.cycle.to_seconds() * static_cast<double>(picoseconds);
  const auto translation_cycles = [this, period] { return statistics_.value("mmu.translation_time") / period; };
  statistics_.add("translation_cycles", "cycles", "Clock cycles that translation added to accesses.",
                  translation_cycles);
  statistics_.add("translation_share", "cycles/cycle", "Share of the core's cycles that translation took.",
                  [this, translation_cycles] {
                    const double all = statistics_.value("core.cycles");
                    return all == 0 ? 0 : translation_cycles() / all;
                  });
  core_->describe(statistics_.child("core"));
  mmu_->describe(statistics_.child("mmu"));
  if (rtl_walker_ != nullptr) rtl_walker_->describe(statistics_.child("rtl_walker"));
  caches_->describe(statistics_.child("caches"));
  dram_->describe(statistics_.child("dram"));
  kernel_->describe(statistics_.child("guest"));
  if (vmm_ != nullptr) vmm_->describe(statistics_.child("vmm"));
}

void machine::run(cpu::program what) {
  core_->load_program(std::move(what));
  sc_core::sc_start();
  if (const std::exception_ptr failure = core_->failure()) std::rethrow_exception(failure);
}

void machine::observe_walks(walker::walk_observer* observer) {
  if (const auto& guest = mmu_->parts().guest_walker) guest->observe(observer);
  if (const auto& nested = mmu_->parts().nested_walker) nested->observe(observer);
}

void machine::clear_caches() {
  sc_core::sc_time not_counted;
  protocol::control_initiator_socket& control = core_->control;
  control->invpcid(paging::invpcid_type::all_with_globals, 0, paging::gva(0), not_counted);
  control->invvpid(paging::invvpid_type::all_context, 0, paging::gva(0), not_counted);
  control->invept(paging::invept_type::all_context, 0, not_counted);
  caches_->clear();
}

std::string machine::digest() {
  return memory_digest({[this](paging::gpa from) { return next_page(from); },
                        [this](paging::gpa page, unsigned char* into) { read_page(page, into); }});
}

std::optional<paging::gpa> machine::next_page(paging::gpa from) const {
  if (vmm_ != nullptr) return vmm_->next_guest_page(from);
  const memory::sparse_store& store = static_cast<const memory::dram&>(*dram_).store();
  for (std::uint64_t at = from.value; at < config_.guest.memory;) {
    if (store.find(at) != nullptr) return paging::gpa(at);
    at = memory::sparse_store::chunk_first(at) + memory::sparse_store::chunk_bytes;
  }
  return std::nullopt;
}

void machine::read_page(paging::gpa page, unsigned char* into) {
  protocol::owned_payload payload;
  kernel_->image->transport_dbg(payload.read(page.value, into, page_bytes));
}

}  // namespace nestwalk::platforms
