// One walk, read by read.
#include <iostream>

#include <fmt/format.h>

#include "platforms/commands/commands.h"
#include "platforms/commands/job_maker.h"
#include "platforms/configuration/value.h"
#include "platforms/explain/explain_run.h"
#include "platforms/explain/explain_table.h"
#include "protocol/error.h"

namespace nestwalk::platforms {
namespace {

paging::gva parsed_address(const std::string& text) {
  const value v = parsed(whole_numbers{}, text);
  if (const std::uint64_t* const number = std::get_if<std::uint64_t>(&v)) return paging::gva(*number);
  throw input_error(fmt::format("{}: this is no address; write one as 0x7f0012345678", text));
}

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

}  // namespace

int explain_command(const command_options& o) {
  const machine_mode mode = mode_named(o.mode);
  configuration base;
  base.vmm.backing_log2 = paging::page_4k;
  configuration c = make_configuration(o, readers_of({mode}, {}), base);
  if (c.mmu.walker != walker_kind::modelled)
    throw input_error("mmu.walker: only the modelled walkers tell their steps; set it to modelled");
  if (!o.warm) leave_out_walk_caches(c);
  const paging::gva address = parsed_address(o.address);
  check_address(address, c);

  machine m(c, mode);
  const explain_form form = o.warm ? explain_form::warm : o.unmapped ? explain_form::unmapped : explain_form::cold;
  const std::optional<walk_record> record = explain(m, address, form);
  if (!record)
    throw input_error(
        fmt::format("{:#x}: no walk was made: with --warm, a TLB had the page of the access before", address.value));
  if (o.unmapped && record->mapped)
    throw input_error(
        fmt::format("{:#x}: --unmapped: the page is mapped before anything touches it; name an address of another page",
                    address.value));
  print_walk(*record, mode, std::cout);
  return exit_good;
}

}  // namespace nestwalk::platforms
