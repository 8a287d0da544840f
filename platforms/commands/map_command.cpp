// Everything that the tables in an image map.
#include <cstdio>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "nestwalk/image/mapping_scan.h"
#include "platforms/commands/commands.h"
#include "platforms/commands/image_options.h"
#include "platforms/configuration/configuration.h"
#include "platforms/image/map_json.h"
#include "platforms/image/map_table.h"

namespace nestwalk::platforms {

int map_command(const command_options& o) {
  const std::unique_ptr<image::memory_image> image = open_image(o.image, /*quiet=*/false);
  const image_state state = state_of(o.image, *image, configuration().mmu.processor);
  const paging::domain domain = domain_of(state, *image);
  std::unique_ptr<map_writer> writer;
  if (o.json)
    writer = std::make_unique<map_json>(std::cout);
  else
    writer = std::make_unique<map_table>(std::cout);

  image::mapping_scan scan(domain, *image);
  image::mapping_census census;
  writer->begin(state, *image);
  const bool whole = scan.run([&](const image::mapped_range& r) {
    census.add(r);
    writer->range(r);
  });
  census.finish();
  writer->end(census, whole ? std::nullopt : std::make_optional(scan.ended_at()));
  if (whole) return exit_good;
  std::cout.flush();
  fmt::print(stderr,
             "nestwalk: {}: the tables map more than can be listed, as if they referred to themselves; ended at {:#x}, "
             "with what was found until there\n",
             image->name(), scan.ended_at().value);
  return exit_bad_input;
}

}  // namespace nestwalk::platforms
