#include "nestwalk/guest/mmu_context.h"

#include "nestwalk/paging/registers.h"

namespace nestwalk::guest {

using protocol::control_register;
namespace cr0 = paging::cr0;
namespace cr3 = paging::cr3;
namespace cr4 = paging::cr4;
namespace efer = paging::efer;

mmu_context::mmu_context(sc_core::sc_port<cpu::guest_instructions_if>& cpu, const kernel_config& config)
    : cpu_(cpu), config_(config), pcids_(config.pcids) {}

void mmu_context::start(paging::gpa root, std::uint64_t context) {
  std::uint64_t features = cr4::pae | cr4::pge | cr4::smep | cr4::smap;
  if (config_.levels == 5) features |= cr4::la57;
  cr3_ = root.value;
  cpu_->write_register(control_register::cr4, features);
  cpu_->write_register(control_register::cr3, cr3_);
  cpu_->write_register(control_register::efer, efer::lme | efer::nxe);
  cpu_->write_register(control_register::cr0, cr0::pe | cr0::wp | cr0::pg);
  if (!config_.pcid) return;
  cpu_->write_register(control_register::cr4, features | cr4::pcide);  // only in long mode, and under PCID 0
  switch_to(root, context);
  counts_.switches = 0;
}

void mmu_context::switch_to(paging::gpa root, std::uint64_t context) {
  ++counts_.switches;
  cr3_ = root.value;
  std::uint64_t keep = 0;
  if (config_.pcid) {
    const pcid_pool::grant pcid = pcids_.take(context);
    cr3_ |= pcid.pcid;
    if (pcid.still_its) {
      keep = cr3::no_flush;
      ++counts_.kept;
    }
  }
  cpu_->write_register(control_register::cr3, cr3_ | keep);
}

void mmu_context::flush(const std::vector<paging::gva>& pages) {
  if (pages.size() > config_.flush_pages) return flush_all();
  counts_.page_flushes += pages.size();
  for (const paging::gva page : pages) cpu_->invlpg(page);
}

void mmu_context::flush_all() {
  ++counts_.full_flushes;
  if (config_.pcid && config_.flush_by_invpcid)
    cpu_->invpcid(paging::invpcid_type::single_context, static_cast<std::uint16_t>(cr3_ & cr3::pcid), paging::gva(0));
  else
    cpu_->write_register(control_register::cr3, cr3_);
}

void mmu_context::describe(statistics::group& into) {
  into.add("context_switches", "switches", "Loads of CR3 for another process.", counts_.switches);
  into.add("kept_contexts", "switches", "Switches to a process that still had its PCID, so that nothing was flushed.",
           counts_.kept);
  into.add("recycled_pcids", "PCIDs", "PCIDs taken from the process that had them longest.", pcids_.recycled());
  into.add("page_flushes", "pages", "Pages flushed by INVLPG.", counts_.page_flushes);
  into.add("full_flushes", "flushes", "Flushes of a whole context, by CR3 or INVPCID.", counts_.full_flushes);
}

}  // namespace nestwalk::guest
