#include "platforms/bare_machine.h"

#include <exception>
#include <utility>

#include "nestwalk/cpu/core_time.h"

namespace nestwalk::platforms {

bare_machine::bare_machine(const configuration& c, machine_mode mode, memory::contents* filled)
    : config_(c),
      mode_(mode),
      wires_(c.checks.protocol_monitors),
      hardware_(c, wires_, filled),
      core_(std::make_unique<cpu::core>("core", c.core)) {
  wires_.connect(core_->fetch, hardware_.translation().fetch);
  wires_.connect(core_->data, hardware_.translation().data);
  core_->control.bind(hardware_.translation().control);
  describe();
}

void bare_machine::describe() {
  constexpr double picoseconds = 1e12;
  const double period = config_.core.cycle.to_seconds() * picoseconds;
  const auto translation_cycles = [this, period] { return statistics_.value("mmu.translation_time") / period; };
  statistics_.add("translation_cycles", "cycles", "Clock cycles that translation added to accesses.",
                  translation_cycles);
  statistics_.add("translation_share", "cycles/cycle", "Share of the core's cycles that translation took.",
                  [this, translation_cycles] {
                    const double all = statistics_.value("core.cycles");
                    return all == 0 ? 0 : translation_cycles() / all;
                  });
  core_->describe(statistics_.child("core"));
  hardware_.describe(statistics_);
  if (!config_.statistics.cycle_stack) {
    statistics_.not_built("stack");
    return;
  }
  stack_ = std::make_unique<cycle_stack>(config_.core.cycle);
  describe_stack(statistics_.child("stack"));
  core_->observe_parties(stack_.get());
}

// The program's cycles by what took them; the others' as the core counts them.
void bare_machine::describe_stack(statistics::group& into) {
  const std::uint64_t instruction =
      cpu::fractional_cycles(config_.core.cycles_per_instruction, config_.core.cycle).value();
  stack_->add(into, "instructions",
              "Cycles of the program's instructions, without what they wait for translation and memory.",
              [this, instruction] { return core_->counts().fetches * instruction; });
  stack_->add_memory(into, *hardware_.fetch_meter(), *hardware_.data_meter());
  describe_walks(into);
  const auto same = [this](const std::string& path) { return [this, path] { return statistics_.value(path); }; };
  into.add("kernel", "cycles", "Cycles in the guest kernel.", same("core.kernel_cycles"));
  into.add("launch", "cycles", "Cycles in the VMM before the guest's first instruction.",
           same("core.vmm.launch_cycles"));
  statistics::group& exits = into.child("exits");
  for (unsigned i = 0; i < protocol::exit_reasons; ++i) {
    const std::string name = protocol::name_of(static_cast<protocol::exit_reason>(i));
    exits.add(name, "cycles", "Cycles in exits for this reason, the VMM's handler included.",
              same("core.vmm.exit_cycles." + name));
  }
}

void bare_machine::describe_walks(statistics::group& into) {
  const translation::translation_stack& parts = translation().parts();
  const auto time_in = [](const tlb::tlb<paging::gva>* of) -> cycle_stack::source {
    if (of == nullptr) return [] { return std::uint64_t{0}; };
    return [of, each = of->latency().value()] { return of->look_ups() * each; };
  };
  const cycle_stack::source l2 = time_in(parts.shared_tlb.get());
  stack_->add(into, "l1i_tlb", "The program's cycles in look-ups of the L1 instruction TLB.",
              time_in(parts.first_tlbs[static_cast<unsigned>(mmu::side::fetch)].get()));
  stack_->add(into, "l1d_tlb", "The program's cycles in look-ups of the L1 data TLB.",
              time_in(parts.first_tlbs[static_cast<unsigned>(mmu::side::data)].get()));
  stack_->add(into, "l2_tlb", "The program's cycles in look-ups of the L2 TLB.", l2);
  if (parts.first_stage_walker != nullptr) {
    observe_walks(walk_times_);
    stack_->add_walks(into, walk_times_);
    return;
  }
  // Of an external walker only the whole is known.
  stack_->add(into, "rtl_walker", "The program's cycles in walks of the RTL walker.", [this, l2] {
    return translation().fetch_counts().miss_time + translation().data_counts().miss_time - l2();
  });
}

void bare_machine::forget_statistics() {
  statistics_.reset();
  if (stack_ != nullptr) stack_->forget();
}

void bare_machine::observe_walks(walker::walk_observer& observer) {
  walk_observers_.add(observer);
  hardware_.observe_walks(&walk_observers_);
}

void bare_machine::forget_walks(walker::walk_observer& observer) {
  walk_observers_.remove(observer);
  if (walk_observers_.empty()) hardware_.observe_walks(nullptr);
}

void bare_machine::run(cpu::program what) {
  core_->load_program(std::move(what));
  sc_core::sc_start();
  if (const std::exception_ptr failure = core_->failure()) std::rethrow_exception(failure);
}

}  // namespace nestwalk::platforms
