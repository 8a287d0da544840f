// A picture of the walker's throughput: reads a cycle by memory latency, a line a number of contexts.
#pragma once

#include <string>

namespace nestwalk::tb {

/// Measures every model that was built without caches and bypass over memory latencies from 1 to 200 cycles, and draws
/// the reads a cycle as SVG; dashed, what as many contexts could do at most, contexts / (latency + 1).
std::string throughput_picture();

}  // namespace nestwalk::tb
