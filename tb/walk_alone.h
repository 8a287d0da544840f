// One walk on an RTL model with nothing else going on: for conformance vectors, latencies and pictures.
#pragma once

#include <cstdint>
#include <functional>

#include "nestwalk/paging/drive.h"
#include "tb/rtl_model.h"
#include "tb/rtl_request.h"
#include "tb/rtl_response.h"

namespace nestwalk::tb {

/// What memory answers to the walker.
struct table_store {
  std::function<std::uint64_t(std::uint64_t address)> read;
  std::function<bool(std::uint64_t address, std::uint64_t expected, std::uint64_t desired)> exchange;
};

/// A walk's answer and what it took.
struct lone_walk {
  rtl_response response;
  unsigned reads = 0;
  unsigned exchanges = 0;
  unsigned cycles = 0;  ///< from the cycle that takes the request to the one that gives the response
};

/// Walks for `request` over a memory that answers `latency` cycles (1 or more) after it takes a request. The model
/// must be out of reset and idle.
lone_walk walk_alone(rtl_model& model, const request_words& request, const table_store& memory, unsigned latency);

}  // namespace nestwalk::tb
