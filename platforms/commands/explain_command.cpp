// One walk, read by read.
#include <iostream>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/commands/asked_address.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/explain_device_command.h"
#include "platforms/commands/explain_image_command.h"
#include "platforms/commands/job_maker.h"
#include "platforms/explain/entry_edit.h"
#include "platforms/explain/explain_run.h"
#include "platforms/explain/explain_table.h"

namespace nestwalk::platforms {
namespace {

// A cold walk is shown whole: what it leaves in walk caches and in the nested TLB would serve its own later reads.
void leave_out_walk_caches(configuration& c) {
  c.mmu.nested_tlb = {};
  c.mmu.nested_tlb.base.entries = 0;
  c.mmu.guest_walker.caches = {};
  c.mmu.nested_walker.caches = {};
}

// The guest's programs own the lower half of the address space.
void check_address(paging::gva address, const configuration& c) {
  const unsigned bits = c.guest.levels == 5 ? 57 : 48;
  const std::uint64_t end = std::uint64_t{1} << (bits - 1);
  if (address.value < end) return;
  const bool canonical = address.value >= ~std::uint64_t{0} - end + 1;
  throw input_error(fmt::format("{:#x}: {}; a program's addresses are below {:#x}", address.value,
                                canonical ? "this address is the guest kernel's" : "not canonical: no walk, but #GP(0)",
                                end));
}

walk_question asked_by(const command_options& o, const configuration& c) {
  walk_question q;
  q.address = paging::gva(parsed_address(o.address));
  check_address(q.address, c);
  q.access.type = o.write   ? paging::access_type::write
                  : o.fetch ? paging::access_type::fetch
                            : paging::access_type::read;
  q.access.mode = o.supervisor ? paging::access_mode::supervisor : paging::access_mode::user;
  return q;
}

std::vector<entry_edit> edits_of(const command_options& o, const configuration& c, machine_mode mode) {
  std::optional<paging::nested_kind> second;
  if (mode == machine_mode::nested)
    second = c.mmu.processor.maker == paging::vendor::intel ? paging::nested_kind::ept : paging::nested_kind::npt;
  std::vector<entry_edit> edits;
  for (const std::string& text : o.entries) edits.push_back(parsed_edit(text, second));
  return edits;
}

}  // namespace

int explain_command(const command_options& o) {
  if (!o.device.empty()) return explain_device(o);
  const machine_mode mode = mode_of(o);
  configuration base;
  base.vmm.backing_log2 = paging::page_4k;
  configuration c = make_configuration(o, readers_of({mode}, {}), base);
  if (c.mmu.walker != mmu::walker_choice::modelled)
    throw input_error("mmu.walker: only the modelled walkers tell their steps; set it to modelled");
  if (!o.warm) leave_out_walk_caches(c);
  if (o.image.given()) return explain_image(o, paging::gva(parsed_address(o.address)), c);
  const walk_question question = asked_by(o, c);
  const std::vector<entry_edit> edits = edits_of(o, c, mode);

  machine m(c, mode);
  prepare_tables(m, question,
                 o.warm       ? explain_form::warm
                 : o.unmapped ? explain_form::unmapped
                              : explain_form::cold,
                 edits);
  const std::optional<walk_record> record = follow_walk(m, question);
  const std::uint64_t address = question.address.value;
  if (!record)
    throw input_error(
        fmt::format("{:#x}: no walk was made: with --warm, a TLB had the page of the access before", address));
  if (o.unmapped && edits.empty() && record->mapped)
    throw input_error(fmt::format(
        "{:#x}: --unmapped: the page is mapped before anything touches it; name an address of another page", address));
  print_walk(*record, mode, std::cout);
  return exit_good;
}

}  // namespace nestwalk::platforms
