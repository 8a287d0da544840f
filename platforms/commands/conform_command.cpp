// The conformance vectors.
#include <iostream>

#include "platforms/commands/commands.h"
#include "platforms/conform/conform.h"
#include "platforms/rtl/rtl_parts.h"

namespace nestwalk::platforms {

int conform_command(const command_options& o) {
  const std::vector<vector_source> files(o.files.begin(), o.files.end());
  if (o.walker == "rtl") {
    std::vector<std::unique_ptr<vector_executor>> rtl;
    rtl.push_back(make_rtl_executor());
    return conform(files, rtl, std::cout);
  }
  const std::unique_ptr<script_bench> bench = bench_for(files);
  return conform(files, all_executors(capabilities_in(files)), std::cout, bench.get());
}

}  // namespace nestwalk::platforms
