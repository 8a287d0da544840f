#include "memory/dram.h"

#include <algorithm>

#include "memory/data_transfer.h"
#include "memory/line_transfer.h"
#include "protocol/access_extension.h"
#include "protocol/error.h"

namespace nestwalk::memory {
namespace {

bool power_of_two(std::uint64_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

const dram_config& checked(const dram_config& config, const char* owner) {
  const auto require = [&](bool holds, const char* what) {
    if (!holds) throw input_error(std::string(owner) + ": " + what);
  };
  require(config.channels >= 1 && config.channels <= 1024, "a dram has from 1 to 1024 channels");
  require(power_of_two(config.ranks) && config.ranks <= 1024, "ranks are a power of two up to 1024");
  require(power_of_two(config.banks) && config.banks <= 1024, "banks are a power of two up to 1024");
  require(power_of_two(config.burst_bytes), "burst bytes are a power of two");
  require(power_of_two(config.row_bytes) && config.row_bytes >= config.burst_bytes,
          "row bytes are a power of two, not below the burst bytes");
  return config;
}

}  // namespace

dram::dram(const sc_core::sc_module_name& name, const dram_config& config)
    : sc_module(name),
      config_(checked(config, this->name())),
      map_(config.burst_bytes, config.channels, config.ranks, config.banks, config.row_bytes),
      store_(config.size, this->name(), config.huge_host_pages),
      banks_(std::size_t{config.channels} * config.ranks * config.banks),
      buses_(config.channels),
      open_(config.t_rcd.value()),
      reopen_((config.t_rp + config.t_rcd).value()),
      column_(config.t_cl.value()),
      burst_(config.burst_time.value()),
      fixed_(config.controller.value()) {
  initiators.bind(*this);
}

void dram::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const tlm::tlm_response_status status = serve(payload, delay);
  payload.set_response_status(status);
  if (status != tlm::TLM_OK_RESPONSE) {
    ++counts_.errors;
    return;
  }
  payload.set_dmi_allowed(true);
  if (auto* const access = payload.get_extension<protocol::access_extension>())
    access->served_by = protocol::memory_level::dram;
}

tlm::tlm_response_status dram::serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  if (const auto status = check_attributes(payload); status != tlm::TLM_OK_RESPONSE) return status;
  if (!store_.holds(address, length)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;

  protocol::exchange_extension* const exchange = exchange_of(payload);
  if (exchange != nullptr && !exchangeable(payload)) return tlm::TLM_BURST_ERROR_RESPONSE;

  const calendar::ticks now = (sc_core::sc_time_stamp() + delay).value();
  delay += sc_core::sc_time::from_value(data_at(address, length, now) - now + fixed_);
  if (exchange != nullptr) {
    ++counts_.exchanges;
    exchange_bytes(payload, *exchange, store_.at(address));
    return tlm::TLM_OK_RESPONSE;
  }
  ++(payload.is_write() ? counts_.writes : counts_.reads);
  if (payload.get_extension<line_transfer>() == nullptr) move(payload, length);
  return tlm::TLM_OK_RESPONSE;
}

void dram::move(tlm::tlm_generic_payload& payload, unsigned length) {
  std::uint64_t address = payload.get_address();
  for (unsigned done = 0; done < length;) {
    const auto count =
        static_cast<unsigned>(std::min<std::uint64_t>(length - done, store_.chunk_last(address) - address + 1));
    // Only a write takes host memory. A read does not change what it finds.
    unsigned char* const host =
        payload.is_write() ? store_.at(address) : const_cast<unsigned char*>(store_.find(address));
    move_bytes(payload, host, done, count);
    done += count;
    address += count;
  }
}

calendar::ticks dram::data_at(std::uint64_t address, unsigned length, calendar::ticks arrival) {
  calendar::ticks last = burst_at(address, arrival);
  const std::uint64_t step = config_.burst_bytes;
  for (std::uint64_t next = (address & ~(step - 1)) + step; next - address < length; next += step)
    last = std::max(last, burst_at(next, arrival));
  return last;
}

calendar::ticks dram::burst_at(std::uint64_t address, calendar::ticks arrival) {
  const address_map::place place = map_.of(address);
  const auto work = [&](std::uint64_t open_row) {
    return open_row == place.row ? 0 : open_row == calendar::no_row ? open_ : reopen_;
  };
  const auto taken =
      banks_[place.bank].reserve(arrival, place.row, [&](std::uint64_t open_row) { return work(open_row) + burst_; });
  const calendar::ticks ready = taken.end - burst_ + column_;
  const auto bus = buses_[place.channel].reserve(ready, 0, [&](std::uint64_t) { return burst_; });

  ++(taken.before == place.row          ? counts_.row_hits
     : taken.before == calendar::no_row ? counts_.row_misses
                                        : counts_.row_conflicts);
  if (taken.start != arrival || bus.start != ready) ++counts_.delayed;
  return bus.end;
}

bool dram::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& grant) {
  const std::uint64_t address = payload.get_address();
  if (!store_.holds(address, 1)) {
    grant.set_start_address(store_.size());
    grant.set_end_address(~std::uint64_t{0});
    grant.allow_none();
    return false;
  }
  const std::uint64_t first = sparse_store::chunk_first(address);
  const sc_core::sc_time latency = config_.controller + config_.t_rcd + config_.t_cl + config_.burst_time;
  grant.set_dmi_ptr(store_.at(first));
  grant.set_start_address(first);
  grant.set_end_address(store_.chunk_last(address));
  grant.set_read_latency(latency);
  grant.set_write_latency(latency);
  grant.allow_read_write();
  return true;
}

unsigned dram::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  if (address >= store_.size() || payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const auto length =
      static_cast<unsigned>(std::min<std::uint64_t>(payload.get_data_length(), store_.size() - address));
  move(payload, length);
  return length;
}

void dram::describe(statistics::group& into) {
  into.add("reads", "accesses", "Reads, line fills included.", counts_.reads);
  into.add("writes", "accesses", "Writes, write-backs of lines included.", counts_.writes);
  into.add("exchanges", "accesses", "Compare-and-exchanges performed here.", counts_.exchanges);
  into.add("row_hits", "bursts", "Bursts that found their row open.", counts_.row_hits);
  into.add("row_misses", "bursts", "Bursts that found no row open in their bank.", counts_.row_misses);
  into.add("row_conflicts", "bursts", "Bursts that found another row open in their bank.", counts_.row_conflicts);
  into.add("delayed", "bursts", "Bursts that waited for a bank or for the data bus.", counts_.delayed);
  into.add("errors", "accesses", "Accesses answered with an error.", counts_.errors);
}

}  // namespace nestwalk::memory
