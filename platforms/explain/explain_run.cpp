#include "platforms/explain/explain_run.h"

#include <algorithm>
#include <vector>

#include "nestwalk/protocol/owned_payload.h"
#include "platforms/explain/explain_source.h"
#include "platforms/explain/table_way.h"
#include "platforms/walks/walk_recorder.h"

namespace nestwalk::platforms {
namespace {

unsigned guest_page(const configuration& c) {
  switch (c.guest.pages) {
    case guest::page_policy::pages_4k: return paging::page_4k;
    case guest::page_policy::pages_2m: return paging::page_2m;
    case guest::page_policy::pages_1g: return paging::page_1g;
  }
  return paging::page_4k;
}

// The page beside the one of `address`, of a size of 2^`size_log2` bytes: of such a pair the tables are the same.
paging::gva neighbour(paging::gva address, unsigned size_log2) {
  return paging::gva(address.value ^ std::uint64_t{1} << size_log2);
}

// For an unmapped page its neighbour is the next page that the guest would map by itself; else it is near enough to
// share tables, and still is another mapping, which is as large as the smaller of both stages' pages.
paging::gva neighbour(paging::gva address, explain_form form, const machine& m) {
  const unsigned in_guest = guest_page(m.config());
  if (form == explain_form::unmapped || m.mode() == machine_mode::native) return neighbour(address, in_guest);
  return neighbour(address, std::min(in_guest, m.config().vmm.backing_log2));
}

workload::operation_kind performed(paging::access_type type) {
  switch (type) {
    case paging::access_type::read: return workload::operation_kind::load;
    case paging::access_type::write: return workload::operation_kind::store;
    case paging::access_type::fetch: break;
  }
  return workload::operation_kind::fetch;
}

void touch(machine& m, const std::vector<paging::gva>& pages, paging::access_type type) {
  std::vector<workload::operation> operations;
  for (const paging::gva page : pages) {
    workload::operation& each = operations.emplace_back();
    each.kind = performed(type);
    each.size = 1;
    each.address = page;
  }
  explain_source source(std::move(operations));
  cpu::program what;
  what.operations = &source;
  m.run(what);
}

// Sends the access to the mmu with nobody behind it who would answer a fault.
void ask(machine& m, const walk_question& q) {
  protocol::owned_payload payload;
  unsigned char byte = 0;
  const bool write = q.access.type == paging::access_type::write;
  const bool fetch = q.access.type == paging::access_type::fetch;
  tlm::tlm_generic_payload& asked =
      write ? payload.write(q.address.value, &byte, 1) : payload.read(q.address.value, &byte, 1);
  payload.access().mode = q.access.mode;
  payload.access().fetch = fetch;
  sc_core::sc_time delay;
  (fetch ? m.core().fetch : m.core().data)->b_transport(asked, delay);
}

}  // namespace

void prepare_tables(machine& m, const walk_question& q, explain_form form, const std::vector<entry_edit>& edits) {
  const walk_question beside{neighbour(q.address, form, m), q.access};
  switch (form) {
    case explain_form::cold: touch(m, {q.address}, q.access.type); break;
    case explain_form::warm: touch(m, {q.address, beside.address}, q.access.type); break;
    case explain_form::unmapped: touch(m, {beside.address}, q.access.type); break;
  }
  table_way way(m.translation().domain(), q.address, m.dram().store());
  m.clear_caches();
  if (form == explain_form::warm) ask(m, beside);
  for (const entry_edit& edit : edits) way.apply(edit);
}

std::optional<walk_record> follow_walk(machine& m, const walk_question& q) {
  std::optional<walk_record> told;
  walk_recorder recorder(m.config().core.cycle, [&](const walk_record& record) { told = record; });
  m.observe_walks(recorder);
  ask(m, q);
  m.forget_walks(recorder);
  return told;
}

}  // namespace nestwalk::platforms
