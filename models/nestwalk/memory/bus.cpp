#include "nestwalk/memory/bus.h"

#include <algorithm>
#include <string>

#include "nestwalk/protocol/address_guard.h"
#include "nestwalk/protocol/attribute_guard.h"
#include "nestwalk/protocol/error.h"
#include "nestwalk/protocol/touched_bytes.h"

namespace nestwalk::memory {
namespace {

std::vector<bus_range> by_address(std::vector<bus_range> ranges, const char* owner) {
  if (ranges.empty()) throw input_error(std::string(owner) + ": a bus has at least one range");
  std::sort(ranges.begin(), ranges.end(), [](const bus_range& a, const bus_range& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].first > ranges[i].last)
      throw input_error(std::string(owner) + ": a range of a bus ends before it starts");
    if (i > 0 && ranges[i].first <= ranges[i - 1].last)
      throw input_error(std::string(owner) + ": the ranges of a bus must not overlap");
  }
  return ranges;
}

unsigned targets_of(const std::vector<bus_range>& ranges) {
  unsigned count = 0;
  for (const bus_range& r : ranges) count = std::max(count, r.target + 1);
  return count;
}

/// The address at the target of a bus address in `range`.
std::uint64_t inward(const bus_range& range, std::uint64_t address) {
  return address - range.first + range.at_target;
}

/// Whether an access at `address` in `range` does not end there; a length of 0 is for the target to judge.
bool reaches_beyond(const bus_range& range, std::uint64_t address, unsigned length) {
  const std::uint64_t after = range.last - address;
  return length > after && length - 1 > after;
}

/// The bus address of a target's address, cut to the range.
std::uint64_t outward(const bus_range& range, std::uint64_t address) {
  if (address <= range.at_target) return range.first;
  return range.first + std::min(address - range.at_target, range.last - range.first);
}

}  // namespace

bus::bus(const sc_core::sc_module_name& name, const bus_config& config)
    : sc_module(name), memory_side("memory_side", targets_of(config.ranges)), latency_(config.latency) {
  for (const bus_range& r : by_address(config.ranges, this->name())) routes_.push_back({r, {}});
  cpu_side.bind(*this);
  for (unsigned i = 0; i < memory_side.size(); ++i) {
    listeners_.push_back(std::make_unique<listener>(*this, i));
    memory_side[i].bind(*listeners_.back());
  }
}

void bus::end_of_elaboration() {
  for (route& r : routes_) r.way.lead_to(memory_side[r.range.target]);
}

const bus::route* bus::find(std::uint64_t address) const {
  for (const route& r : routes_)
    if (r.range.first <= address && address <= r.range.last) return &r;
  return nullptr;
}

void bus::send(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const route* const to = find(address);
  if (to == nullptr || reaches_beyond(to->range, address, protocol::touched_bytes(payload))) {
    ++counts_.errors;
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (to->range.first == to->range.at_target) straight_ = *to;
  ++counts_.transfers;
  delay += latency_;
  const protocol::address_guard guard(payload, inward(to->range, address));
  to->way.transport(payload, access, delay);
}

bool bus::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  if (protocol::refuses_to_meter(payload, grant)) return false;
  const std::uint64_t address = payload.get_address();
  const route* const way = find(address);
  if (way == nullptr) {
    grant.allow_none();
    grant.set_start_address(address);
    grant.set_end_address(address);
    return false;
  }
  bool granted = false;
  {
    const protocol::address_guard guard(payload, inward(way->range, address));
    granted = memory_side[way->range.target]->get_direct_mem_ptr(payload, grant);
  }
  // The pointer is that of the first address: what the range cuts off before it moves the pointer along.
  const std::uint64_t cut =
      std::max(grant.get_start_address(), sc_dt::uint64{way->range.at_target}) - grant.get_start_address();
  if (granted) grant.set_dmi_ptr(grant.get_dmi_ptr() + cut);
  grant.set_start_address(outward(way->range, grant.get_start_address()));
  grant.set_end_address(outward(way->range, grant.get_end_address()));
  grant.set_read_latency(grant.get_read_latency() + latency_);
  grant.set_write_latency(grant.get_write_latency() + latency_);
  return granted;
}

unsigned bus::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  const route* const way = find(address);
  if (way == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return 0;
  }
  const unsigned length = payload.get_data_length();
  if (length == 0) return 0;
  const std::uint64_t beyond = std::min<std::uint64_t>(length - 1, way->range.last - address);
  const auto here = static_cast<unsigned>(beyond + 1);
  unsigned bytes = 0;
  {
    const protocol::attribute_guard as_sent(payload);
    payload.set_address(inward(way->range, address));
    payload.set_data_length(here);
    if (here < length) payload.set_streaming_width(here);
    bytes = memory_side[way->range.target]->transport_dbg(payload);
  }
  if (bytes < length) payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  return bytes;
}

void bus::invalidate(unsigned target, std::uint64_t first, std::uint64_t last) {
  for (const route& w : routes_) {
    const bus_range& r = w.range;
    const std::uint64_t last_at_target = inward(r, r.last);
    if (r.target != target || last < r.at_target || first > last_at_target) continue;
    protocol::invalidate_all(cpu_side, outward(r, first), outward(r, last));
  }
}

void bus::describe(statistics::group& into) {
  into.add("transfers", "accesses", "Accesses that were sent to a target.", counts_.transfers);
  into.add("errors", "accesses", "Accesses that no range holds.", counts_.errors);
}

}  // namespace nestwalk::memory
