// One walk of the tables in an image, read by read.
#include "platforms/commands/explain_image_command.h"

#include <iostream>

#include <fmt/format.h>

#include "platforms/commands/image_options.h"
#include "platforms/commands/job_maker.h"
#include "platforms/explain/explain_table.h"
#include "platforms/image/image_probe.h"
#include "platforms/image/image_words.h"
#include "platforms/walks/walk_words.h"

namespace nestwalk::platforms {
namespace {

/// The access that the options name; without a mode it is made as whoever owns that half of the addresses.
paging::access access_of(const command_options& o, paging::gva at) {
  constexpr unsigned highest_bit = 63;
  paging::access a;
  a.type = o.write ? paging::access_type::write : o.fetch ? paging::access_type::fetch : paging::access_type::read;
  const bool user = o.user || (!o.supervisor && (at.value >> highest_bit) == 0);
  a.mode = user ? paging::access_mode::user : paging::access_mode::supervisor;
  return a;
}

}  // namespace

int explain_image(const command_options& o, paging::gva at, const configuration& c) {
  const std::unique_ptr<image::memory_image> image = open_image(o.image, /*quiet=*/false);
  const image_state state = state_of(o.image, *image, c.mmu.processor);
  image_probe probe(c, state, *image);
  const paging::access access = access_of(o, at);
  const probed_access came = probe.access(at, access);

  std::cout << state_text(state, *image) << '\n';
  if (came.walk)
    print_walk(*came.walk, state.nested() ? machine_mode::nested : machine_mode::native, std::cout);
  else
    std::cout << fmt::format("{} of {:#x}, {} mode: no walk\n{}{}\n", name_of(access.type), at.value,
                             name_of(access.mode), came.fault ? "fault: " : "paging is off, the address passes",
                             came.fault ? described(came.fault) : "");
  if (came.missing) std::cout << "the image lacks the bytes at that address\n";
  return exit_good;
}

}  // namespace nestwalk::platforms
