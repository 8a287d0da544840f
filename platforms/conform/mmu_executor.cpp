#include "platforms/conform/mmu_executor.h"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/error.h"

namespace nestwalk::platforms {

namespace {

mmu::mmu_config configuration(mmu_executor::caching how, const paging::capabilities& able) {
  mmu::mmu_config c;
  c.machine = able;
  for (tlb::tlb_config* t : {&c.l1i_tlb, &c.l1d_tlb, &c.l2_tlb, &c.nested_tlb}) {
    t->arrays.clear();
    if (how == mmu_executor::caching::on)
      t->arrays.push_back({64, 4, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_4m | tlb::pages::of_1g});
  }
  if (how == mmu_executor::caching::on)
    for (walker::walker_config* w : {&c.guest_walker, &c.nested_walker})
      w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {16, 4};
  return c;
}

vector_run run_once(bare_mmu& mmu, const conformance_vector& v) {
  vector_run run;
  if (mmu.access(v.address, v.access(), v.size))
    run.result.hpa = mmu.output.value;
  else
    run.result = result_of(mmu.fault);
  for (const vector_memory* memory : {&v.before, &v.after})
    for (const auto& [address, qword] : *memory) run.after[address] = mmu.read(address);
  return run;
}

}  // namespace

mmu_executor::mmu_executor(caching how, const std::vector<paging::capabilities>& machines) : how_(how) {
  for (const paging::capabilities& able : machines) {
    const std::string name = fmt::format("{}_{}", how == caching::on ? "cached" : "uncached", machines_.size());
    machines_.push_back({able, std::make_unique<bare_mmu>(name.c_str(), configuration(how, able))});
  }
}

mmu_executor::~mmu_executor() = default;

bare_mmu& mmu_executor::machine_for(const paging::capabilities& able) {
  const auto found = std::find_if(machines_.begin(), machines_.end(), [&](const machine& m) { return m.able == able; });
  if (found == machines_.end()) throw input_error("a vector for a machine that no vector before the run announced");
  return *found->mmu;
}

std::vector<vector_run> mmu_executor::perform(const conformance_vector& v) {
  if ((sc_core::sc_get_status() & (sc_core::SC_ELABORATION | sc_core::SC_BEFORE_END_OF_ELABORATION)) != 0)
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // ends elaboration: all machines of all executors stand by now
  bare_mmu& mmu = machine_for(v.machine);
  mmu.flush_everything();
  mmu.enter(v.controls, v.guest);
  for (const auto& [address, qword] : v.before) mmu.write(address, qword);
  std::vector<vector_run> runs{run_once(mmu, v)};
  const bool succeeded = runs.front().result.kind == paging::fault_kind::none;
  if (how_ == caching::on && succeeded) runs.push_back(run_once(mmu, v));
  mmu.clear_memory();
  return runs;
}

}  // namespace nestwalk::platforms
