// One fixed walk: 24 reads, four guest levels over four EPT levels, no flag due. For latencies, rates and pictures.
#pragma once

#include <cstdint>

#include "nestwalk/paging/stage.h"
#include "tb/rtl_model.h"
#include "tb/walk_alone.h"

namespace nestwalk::tb {

/// Its context, its tables (every linear address leads to one page, whatever it is) and the request for it.
paging::domain reference_context();
std::uint64_t reference_entry(std::uint64_t address);
request_words reference_request();

/// Where one of its entries stands.
struct reference_place {
  bool nested;
  unsigned level;
};
reference_place reference_place_of(std::uint64_t address);

/// What a model does at one memory latency.
struct rate {
  unsigned cycles_alone = 0;     ///< of a 24-read walk, from request to response
  double reads_per_cycle = 0.0;  ///< with as many walks in flight as the model has contexts
};

/// Measures `shape` at a memory latency of `latency` cycles.
rate measure_rate(const model_shape& shape, unsigned latency);

}  // namespace nestwalk::tb
