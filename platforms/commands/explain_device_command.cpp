#include "platforms/commands/explain_device_command.h"

#include <iostream>

#include "platforms/commands/asked_address.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/job_maker.h"
#include "platforms/configuration/readers.h"
#include "platforms/device/device_explain.h"
#include "platforms/device/device_words.h"

namespace nestwalk::platforms {
namespace {

// A cold walk is shown whole: what it leaves in walk caches and in the second-stage TLB would serve its own later
// reads.
void leave_out_walk_caches(iommu::iommu_config& c) {
  c.second_stage_tlb.base.entries = c.second_stage_tlb.large.entries = c.second_stage_tlb.huge.entries = 0;
  c.first_stage_walker.caches = {};
  c.second_stage_walker.caches = {};
}

device_question asked_by(const command_options& o) {
  device_question q;
  q.request.source = parsed_source(o.device);
  q.request.has_pasid = o.pasid.has_value();
  q.request.pasid = static_cast<std::uint32_t>(o.pasid.value_or(0));
  q.request.access = o.write   ? paging::access_type::write
                     : o.fetch ? paging::access_type::fetch
                               : paging::access_type::read;
  q.request.privileged = o.supervisor;
  q.address = parsed_address(o.address);
  q.warm = o.warm;
  q.unmapped = o.unmapped;
  q.entries = o.entries;
  return q;
}

}  // namespace

int explain_device(const command_options& o) {
  const device_mode mode = device_mode_named(o.mode);
  configuration c = make_configuration(o, reader::device);
  if (!o.warm) leave_out_walk_caches(c.iommu);
  const device_question question = asked_by(o);
  device_machine m(c, mode, question.request.source);
  explain_request(m, mode, question, std::cout);
  return exit_good;
}

}  // namespace nestwalk::platforms
