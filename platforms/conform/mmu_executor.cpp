#include "platforms/conform/mmu_executor.h"

#include <algorithm>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {

namespace {

mmu::mmu_config configuration(mmu_executor::caching how, const paging::capabilities& processor) {
  mmu::mmu_config c;
  c.processor = processor;
  for (tlb::tlb_config* t : {&c.l1i_tlb, &c.l1d_tlb, &c.l2_tlb, &c.nested_tlb}) {
    t->base = {how == mmu_executor::caching::on ? 64u : 0u, 4,
               tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_4m | tlb::pages::of_1g};
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

mmu_executor::mmu_executor(caching how, const std::vector<paging::capabilities>& processors) : how_(how) {
  for (const paging::capabilities& processor : processors) {
    const std::string name = fmt::format("{}_{}", how == caching::on ? "cached" : "uncached", mmus_.size());
    mmus_.push_back({processor, std::make_unique<bare_mmu>(name.c_str(), configuration(how, processor))});
  }
}

mmu_executor::~mmu_executor() = default;

bare_mmu& mmu_executor::mmu_for(const paging::capabilities& processor) {
  const auto found = std::find_if(mmus_.begin(), mmus_.end(), [&](const built& m) { return m.processor == processor; });
  if (found == mmus_.end()) throw input_error("a vector for a processor that no vector before the run announced");
  return *found->mmu;
}

std::vector<vector_run> mmu_executor::perform(const conformance_vector& v) {
  if ((sc_core::sc_get_status() & (sc_core::SC_ELABORATION | sc_core::SC_BEFORE_END_OF_ELABORATION)) != 0)
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // ends elaboration: the mmus of all executors stand by now
  bare_mmu& mmu = mmu_for(v.processor);
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
