#include "nestwalk/memory/cache.h"

#include <algorithm>
#include <memory>

#include "nestwalk/memory/address_map.h"
#include "nestwalk/memory/line_transfer.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::memory {
namespace {

constexpr std::uint64_t most_ways = 1024;  // more are not proposed

bool power_of_two(std::uint64_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

/// The power of two that is nearest to `n`, the lower one of two equally near, and at least 1.
std::uint64_t nearest_power_of_two(std::uint64_t n) {
  std::uint64_t below = 1;
  while (below <= n / 2) below *= 2;
  return n > below && n - below > 2 * below - n ? 2 * below : below;
}

/// What may be said instead of a size and ways that make no cache: the nearest size, and the nearest ways if any fit.
std::string nearest_shape(const cache_config& config) {
  const std::uint64_t set = std::uint64_t{config.ways} * config.line;
  const std::string size = std::to_string(nearest_power_of_two(config.size / set) * set);
  std::string shape = "the nearest size of " + std::to_string(config.ways) + " ways is " + size + " bytes";
  if (config.size % config.line != 0) return shape;
  std::uint64_t ways = config.size / config.line;  // of a single set; those of more sets are halves of it
  std::uint64_t nearest = 0;
  const auto distance = [&](std::uint64_t n) { return n > config.ways ? n - config.ways : config.ways - n; };
  for (;; ways /= 2) {
    if (ways <= most_ways && (nearest == 0 || distance(ways) < distance(nearest))) nearest = ways;
    if (ways % 2 != 0) break;
  }
  if (nearest != 0) shape += ", and " + std::to_string(nearest) + " ways would fit this one";
  return shape;
}

const cache_config& checked(const cache_config& config, const char* owner) {
  const auto require = [&](bool holds, const std::string& what) {
    if (!holds) throw input_error(std::string(owner) + ": " + what);
  };
  require(power_of_two(config.line) && config.line >= smallest_line,
          "a cache line is a power of two of bytes from 16 up");
  require(config.ways >= 1, "a cache has at least one way");
  const std::uint64_t set = std::uint64_t{config.ways} * config.line;
  if (config.size % set != 0 || !power_of_two(config.size / set))
    require(false, std::to_string(config.size) + " bytes are no power of two of sets, of " +
                       std::to_string(config.ways) + " ways of " + std::to_string(config.line) +
                       " bytes each: " + nearest_shape(config));
  return config;
}

/// Gives a payload of the pool what a cache's own requests always carry; the payload owns it.
void make_line_request(tlm::tlm_generic_payload& payload) {
  payload.set_extension(std::make_unique<line_transfer>().release());
  payload.set_extension(std::make_unique<protocol::access_extension>().release());
}

}  // namespace

cache::cache(const sc_core::sc_module_name& name, const cache_config& config)
    : sc_module(name),
      config_(checked(config, this->name())),
      latency_(sc_core::sc_time::from_value(config.latency_cycles * config.cycle.value())),
      line_log2_(log2_of(config.line)),
      tags_(config.size / config.ways / config.line, config.ways),
      first_hosts_(tags_.sets()),
      payloads_(make_line_request),
      discarded_(config.line) {
  cpu_side.bind(*this);
  memory_side.bind(*this);
}

void cache::clear() {
  tags_ = tag_array(tags_.sets(), config_.ways);
  std::fill(first_hosts_.begin(), first_hosts_.end(), nullptr);
}

tlm::tlm_response_status cache::serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (is_line_transfer(payload)) return visit_lines(payload, true, delay);  // of a cache, so well-formed
  if (has_no_effect(payload)) return pass_on(payload, delay);
  if (const auto status = check_attributes(payload); status != tlm::TLM_OK_RESPONSE) return status;
  if (!reachable(payload)) {
    ++counts_.uncached;
    return pass_on(payload, delay);
  }
  if (exchange_of(payload) != nullptr && !exchangeable(payload)) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (const auto status = visit_lines(payload, false, delay); status != tlm::TLM_OK_RESPONSE) return status;
  return finish(payload, delay);
}

tlm::tlm_response_status cache::pass_on(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  memory_side->b_transport(payload, delay);
  payload.set_dmi_allowed(false);  // as this cache refuses it, whoever may grant it below
  return payload.get_response_status();
}

/// Looks up, and brings in where they are missing, all lines that the payload touches. No data move before all are
/// here, so an access that fails half way has changed no memory.
tlm::tlm_response_status cache::visit_lines(tlm::tlm_generic_payload& payload, bool transfer, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  const std::uint64_t last = address + length - 1;
  const bool writes = payload.is_write() || (!transfer && exchange_of(payload) != nullptr);
  const purpose why = !writes ? purpose::read : transfer ? purpose::write_back : purpose::write;
  const bool exact = line_of(address) << line_log2_ == address && length == config_.line;
  protocol::memory_level served_by = protocol::memory_level::none;

  for (std::uint64_t line = line_of(address); line <= line_of(last); ++line) {
    const bool whole = address <= line << line_log2_ && last >= ((line + 1) << line_log2_) - 1;
    request r{line, why, transfer && writes && whole, transfer && !writes && exact ? &payload : nullptr};
    if (look_up(r, delay))
      r.served_by = config_.level;
    else if (const auto status = bring(r, delay); status != tlm::TLM_OK_RESPONSE)
      return status;
    served_by = std::max(served_by, r.served_by);
  }
  if (auto* const access = payload.get_extension<protocol::access_extension>()) access->served_by = served_by;
  return tlm::TLM_OK_RESPONSE;
}

void cache::count(purpose why, bool hit) {
  switch (why) {
    case purpose::read: ++(hit ? counts_.read_hits : counts_.read_misses); break;
    case purpose::write: ++(hit ? counts_.write_hits : counts_.write_misses); break;
    case purpose::write_back: ++(hit ? counts_.write_back_hits : counts_.write_back_misses); break;
  }
}

bool cache::look_up(const request& r, sc_core::sc_time& delay) {
  delay += latency_;
  const bool writes = r.why != purpose::read;
  bool hit = tags_.touch_first(r.line, writes);
  if (!hit) {
    hit = tags_.touch(r.line, writes);
    if (hit) first_hosts_[tags_.set_of(r.line)] = nullptr;
  }
  count(r.why, hit);
  return hit;
}

/// Fetches a line that is missing and puts it in.
tlm::tlm_response_status cache::bring(request& r, sc_core::sc_time& delay) {
  const std::uint64_t fills = fills_;
  if (const auto status = fetch(r, delay); status != tlm::TLM_OK_RESPONSE) return status;
  // Where a target below waited, another initiator may have brought the line in.
  if (fills == fills_ || !tags_.touch(r.line, r.why != purpose::read)) fill(r, delay);
  return tlm::TLM_OK_RESPONSE;
}

/// Reads a missing line from below, which takes time and moves no data. A line that is wholly written is not read.
tlm::tlm_response_status cache::fetch(request& r, sc_core::sc_time& delay) {
  if (r.whole) {
    r.served_by = config_.level;
    return tlm::TLM_OK_RESPONSE;
  }
  const auto read = [&](tlm::tlm_generic_payload& payload) {
    const tlm::tlm_response_status status = pass_on(payload, delay);
    if (const auto* access = payload.get_extension<protocol::access_extension>()) r.served_by = access->served_by;
    return status;
  };
  if (r.as_is != nullptr) return read(*r.as_is);

  const protocol::payload_lease lease(payloads_);
  tlm::tlm_generic_payload& payload = *lease;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(r.line << line_log2_);
  payload.set_data_ptr(discarded_.data());
  payload.set_data_length(config_.line);
  payload.set_streaming_width(config_.line);
  payload.get_extension<protocol::access_extension>()->served_by = protocol::memory_level::none;
  return read(payload);
}

/// Puts in a line that has been fetched by local time `delay`, and sends down what it displaces.
void cache::fill(const request& r, const sc_core::sc_time& delay) {
  const bool writes = r.why != purpose::read;
  ++fills_;
  const tag_array::victim out = tags_.insert(r.line, writes);
  first_hosts_[tags_.set_of(r.line)] = nullptr;
  if (!out.valid) return;
  ++counts_.evictions;
  if (out.dirty) write_back(out.line, delay);
}

/// Posted: `delay` is a copy, so what it takes below is nobody's wait.
void cache::write_back(std::uint64_t line, sc_core::sc_time delay) {
  ++counts_.write_backs;
  const std::uint64_t address = line << line_log2_;
  unsigned char* const host = host_of(address, config_.line);
  if (host == nullptr) return;  // the memory took its grant back, and its bytes with it
  const protocol::payload_lease lease(payloads_);
  tlm::tlm_generic_payload& payload = *lease;
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(host);
  payload.set_data_length(config_.line);
  payload.set_streaming_width(config_.line);
  memory_side->b_transport(payload, delay);
}

/// Whether the memory below has granted, for all of the payload's lines, the place of their bytes.
bool cache::reachable(const tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  const std::uint64_t last = address + payload.get_data_length() - 1;
  if (last < address) return false;
  for (std::uint64_t line = line_of(address); line <= line_of(last); ++line)
    if (host_of(line << line_log2_, config_.line) == nullptr) return false;
  return true;
}

/// Performs an access on the memory's bytes, now that its lines are here; where a target that waited has taken its
/// grants back meanwhile, the access goes down as it is.
tlm::tlm_response_status cache::finish(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (!reachable(payload)) {
    ++counts_.uncached;
    return pass_on(payload, delay);
  }
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  if (auto* const exchange = exchange_of(payload)) {
    ++counts_.exchanges;
    exchange_bytes(payload, *exchange, host_of(address, length));
    return tlm::TLM_OK_RESPONSE;
  }
  for (unsigned done = 0; done < length;) {
    const unsigned offset = static_cast<unsigned>(address + done) & (config_.line - 1);
    const unsigned count = std::min(length - done, config_.line - offset);
    unsigned char* const host = host_of(address + done - offset, config_.line);
    move_bytes(payload, host + offset, done, count);
    if (tags_.is_first(line_of(address + done))) first_hosts_[tags_.set_of(line_of(address + done))] = host;
    done += count;
  }
  return tlm::TLM_OK_RESPONSE;
}

unsigned char* cache::host_of(std::uint64_t address, std::uint64_t length) {
  unsigned char* const host = grants_.find(address, length);
  return host != nullptr ? host : ask_for_host(address, length);
}

unsigned char* cache::ask_for_host(std::uint64_t address, std::uint64_t length) {
  const protocol::payload_lease lease(payloads_);
  tlm::tlm_generic_payload& payload = *lease;
  payload.set_command(tlm::TLM_WRITE_COMMAND);  // what is written must be readable too; the grant is asked for both
  payload.set_address(address);
  payload.set_data_ptr(discarded_.data());
  payload.set_data_length(static_cast<unsigned>(length));
  payload.set_streaming_width(static_cast<unsigned>(length));
  tlm::tlm_dmi grant;
  if (!memory_side->get_direct_mem_ptr(payload, grant) || !grant.is_read_write_allowed()) return nullptr;
  grants_.add(address, grant.get_start_address(), grant.get_end_address(), grant.get_dmi_ptr());
  return grants_.find(address, length);
}

bool cache::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  if (payload.get_extension<line_transfer>() != nullptr) return memory_side->get_direct_mem_ptr(payload, grant);
  grant.allow_none();
  grant.set_start_address(0);
  grant.set_end_address(~std::uint64_t{0});
  return false;
}

unsigned cache::transport_dbg(tlm::tlm_generic_payload& payload) {
  return memory_side->transport_dbg(payload);
}

void cache::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  grants_.drop(first, last);
  std::fill(first_hosts_.begin(), first_hosts_.end(), nullptr);
  protocol::invalidate_all(cpu_side, first, last);
}

void cache::describe(statistics::group& into) {
  into.add("read_hits", "look-ups", "Reads, fills of the level above included, that found their line.",
           counts_.read_hits);
  into.add("read_misses", "look-ups", "Reads, fills of the level above included, that fetched their line.",
           counts_.read_misses);
  into.add("write_hits", "look-ups", "Writes and exchanges that found their line.", counts_.write_hits);
  into.add("write_misses", "look-ups", "Writes and exchanges that fetched their line.", counts_.write_misses);
  into.add("write_back_hits", "look-ups", "Write-backs from the level above that found their line.",
           counts_.write_back_hits);
  into.add("write_back_misses", "look-ups", "Write-backs from the level above that allocated their line.",
           counts_.write_back_misses);
  into.add("evictions", "lines", "Lines displaced by a fill.", counts_.evictions);
  into.add("write_backs", "lines", "Displaced lines that were dirty and went to the level below.", counts_.write_backs);
  into.add("exchanges", "accesses", "Compare-and-exchanges performed here.", counts_.exchanges);
  into.add("uncached", "accesses", "Accesses passed down because no memory stands behind their address.",
           counts_.uncached);
  into.add("errors", "accesses", "Accesses answered with an error.", counts_.errors);
  into.add("miss_ratio", "misses per look-up", "Share of the reads and writes that missed.", [this] {
    const auto misses = counts_.read_misses + counts_.write_misses;
    return statistics::ratio(misses, misses + counts_.read_hits + counts_.write_hits);
  });
}

}  // namespace nestwalk::memory
