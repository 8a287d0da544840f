#include "nestwalk/vmm/vmm.h"

#include <algorithm>
#include <string>

#include "nestwalk/timing/local_time.h"
#include "nestwalk/vmm/nested_pager.h"
#include "nestwalk/vmm/shadow_pager.h"

namespace nestwalk::vmm {

namespace {

constexpr std::uint64_t page_bytes = std::uint64_t{1} << paging::page_4k;

vmm_config checked(const vmm_config& config) {
  check(config);
  return config;
}

std::unique_ptr<pager> make_pager(const vmm_config& config, host& host, host_allocator& frames,
                                  guest_memory_map& memory) {
  if (config.mode == paging_mode::nested) return std::make_unique<nested_pager>(config, host, frames, memory);
  return std::make_unique<shadow_pager>(config, host, frames, memory);
}

}  // namespace

vmm::vmm(const sc_core::sc_module_name& name, const vmm_config& config)
    : sc_module(name),
      config_(checked(config)),
      host_(cpu, memory, config_.format),
      frames_({paging::hpa(config_.host_base), config_.host_size, config_.scatter, config_.scatter_seed}),
      guest_({config_.guest_memory, config_.backing_log2}, frames_, host_),
      pager_(make_pager(config_, host_, frames_, guest_)),
      reclaimer_(config_, host_, guest_, *pager_) {
  exit.bind(static_cast<protocol::exit_fw_if&>(*this));
  memory.bind(static_cast<protocol::memory_backward&>(*this));
  guest_memory.bind(static_cast<protocol::memory_forward&>(*this));
}

vmm::~vmm() = default;

std::optional<paging::hpa> vmm::backing(paging::gpa at) const {
  const auto found = guest_.find(at);
  if (!found) return std::nullopt;
  return found->at;
}

void vmm::start(sc_core::sc_time& delay) {
  host_.begin(delay);
  pager_->start();
  pager_->resume();
}

void vmm::handle_exit(protocol::vm_exit& what, sc_core::sc_time& delay) {
  const sc_core::sc_time before = timing::local_time(delay);
  host_.begin(delay);
  pager_->handle(what);
  reclaimer_.after_exit();
  pager_->resume();
  const auto reason = static_cast<unsigned>(what.reason);
  ++counts_.exits;
  ++counts_.exits_by_reason[reason];
  const std::uint64_t passed = (timing::local_time(delay) - before).value() + rest_;
  rest_ = passed % config_.cycle.value();
  counts_.cycles_by_reason[reason] += passed / config_.cycle.value();
}

void vmm::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
}

bool vmm::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& grant) {
  grant.allow_none();
  return false;
}

unsigned vmm::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const paging::gpa first(payload.get_address());
  unsigned done = 0;
  while (done < payload.get_data_length()) {
    const paging::gpa at = first + done;
    if (!guest_.holds(at)) break;
    const auto room = static_cast<unsigned>(page_bytes - at.offset(paging::page_4k));
    const unsigned here = std::min(room, payload.get_data_length() - done);
    if (payload.is_write())
      guest_.plant(at, payload.get_data_ptr() + done, here);
    else
      guest_.look(at, payload.get_data_ptr() + done, here);
    done += here;
  }
  return done;
}

void vmm::describe(statistics::group& into) {
  describe_exits(into);
  describe_memory(into.child("memory"));
  const bool nested = config_.mode == paging_mode::nested;
  pager_->describe(into.child(nested ? "nested" : "shadow"));
  into.not_built(nested ? "shadow" : "nested");
}

void vmm::describe_exits(statistics::group& into) {
  into.add("exits", "exits", "VM exits that the VMM handled.", counts_.exits);
  into.add("cycles", "cycles", "Cycles in exit handlers, without the transitions.",
           statistics::sum().of(counts_.cycles_by_reason));
  for (unsigned i = 0; i < protocol::exit_reasons; ++i) {
    statistics::group& by = into.child(protocol::name_of(static_cast<protocol::exit_reason>(i)));
    by.add("exits", "exits", "VM exits for this reason.", counts_.exits_by_reason[i]);
    by.add("cycles", "cycles", "Cycles in the handler, without the transitions.", counts_.cycles_by_reason[i]);
  }
  host::counters& h = host_.counts();
  into.add("reads", "accesses", "Reads of host memory by the VMM.", h.reads);
  into.add("writes", "accesses", "Writes of host memory by the VMM.", h.writes);
  into.add("exchanges", "accesses", "Compare-and-exchanges by the VMM, of flags in guest tables.", h.exchanges);
  into.add("flushes_of_addresses", "instructions", "Flushes of one address, by individual-address INVVPID or INVLPGA.",
           h.invvpid_addresses);
  into.add("flushes_of_tags", "instructions", "Flushes of one VPID, by single-context INVVPID.", h.invvpid_contexts);
  into.add("invept", "instructions", "Flushes of one second stage, by single-context INVEPT.", h.invept);
  into.add("tlb_controls", "writes", "Flushes of an ASID that the VMM asked for by TLB_CONTROL.", h.tlb_controls);
}

void vmm::describe_memory(statistics::group& into) {
  guest_memory_map::counters& g = guest_.counts();
  into.add("backed_4k", "pages", "4-KByte guest pages that were given host memory.", g.backed_4k);
  into.add("backed_2m", "pages", "2-MByte guest pages that were given host memory.", g.backed_2m);
  into.add("backed_1g", "pages", "1-GByte guest pages that were given host memory.", g.backed_1g);
  into.add("reclaimed", "pages", "4-KByte guest pages that the VMM took back.", g.taken);
  into.add("restored", "pages", "Reclaimed pages that the guest was given back, with their bytes.", g.restored);
}

}  // namespace nestwalk::vmm
