// Performs vectors on an mmu of modules, over sockets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/conform/bare_mmu.h"
#include "platforms/conform/executor.h"

namespace nestwalk::platforms {

/// Two ways: with TLBs and walk caches, where an access that succeeds is made twice, and with nothing cached.
class mmu_executor : public vector_executor {
 public:
  enum class caching { on, off };

  /// Builds an mmu for each set of capabilities, as they cannot change while it runs; before simulation begins.
  mmu_executor(caching how, const std::vector<paging::capabilities>& processors);
  ~mmu_executor() override;

  const char* name() const override { return how_ == caching::on ? "mmu, cached" : "mmu, uncached"; }
  /// Throws `input_error` for a vector whose capabilities were not announced.
  std::vector<vector_run> perform(const conformance_vector& v) override;

 private:
  struct built {
    paging::capabilities processor;
    std::unique_ptr<bare_mmu> mmu;
  };
  bare_mmu& mmu_for(const paging::capabilities& processor);

  caching how_;
  std::vector<built> mmus_;
};

}  // namespace nestwalk::platforms
