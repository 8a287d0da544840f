// The fast path of a cache: plain accesses within one line. cache.cpp has the general one, which answers the same.
#include "nestwalk/memory/cache.h"

namespace nestwalk::memory {

inline void cache::answer_plain(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                                unsigned char* host, protocol::memory_level served_by) {
  if (payload.is_write())
    store_bytes(host, payload.get_data_ptr(), payload.get_data_length());
  else
    copy_bytes(payload.get_data_ptr(), host, payload.get_data_length());
  if (access != nullptr) access->served_by = served_by;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

/// The filter: a plain access within one line is answered before anything else is looked at, first of all in the most
/// recently used line of its set, which moves nothing. What it cannot answer it leaves to `serve`, untouched.
template <class Look>
[[gnu::always_inline]] inline bool cache::serve_plain(tlm::tlm_generic_payload& payload, Look&& access_of,
                                                      sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  const unsigned offset = static_cast<unsigned>(address) & (config_.line - 1);
  // A whole line may be a transfer between caches; a length of 0 wraps round.
  if (length - 1 >= config_.line - 1 || offset + length > config_.line) return false;
  if (payload.get_byte_enable_ptr() != nullptr || payload.get_streaming_width() < length) return false;
  const bool write = payload.is_write();
  if (!write && !payload.is_read()) return false;
  protocol::access_extension* const access = access_of();
  if ((access == nullptr || !access->only_extension) && exchange_of(payload) != nullptr) return false;

  const std::uint64_t line = line_of(address);
  unsigned char*& first_host = first_hosts_[tags_.set_of(line)];
  if (first_host == nullptr || !tags_.touch_first(line, write)) {
    unsigned char* const host = grants_.find(line << line_log2_, config_.line);
    if (host == nullptr) return false;
    if (!tags_.touch(line, write)) {
      answer(payload, serve_plain_miss(payload, access, delay, host));
      return true;
    }
    first_host = host;
  }
  ++(write ? counts_.write_hits : counts_.read_hits);
  delay += latency_;
  answer_plain(payload, access, first_host + offset, config_.level);
  return true;
}

void cache::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const auto look = [&payload] { return payload.get_extension<protocol::access_extension>(); };
  if (config_.filter && serve_plain(payload, look, delay)) return;
  answer(payload, serve(payload, delay));
}

void cache::transport(tlm::tlm_generic_payload& payload, protocol::access_extension* access, sc_core::sc_time& delay) {
  if (config_.filter && serve_plain(
                            payload, [access] { return access; }, delay))
    return;
  answer(payload, serve(payload, delay));
}

/// The filter goes on: the line, whose bytes are at `host`, is not here.
tlm::tlm_response_status cache::serve_plain_miss(tlm::tlm_generic_payload& payload, protocol::access_extension* access,
                                                 sc_core::sc_time& delay, unsigned char* host) {
  __builtin_prefetch(host);  // the bytes are wanted when the tags of all levels have been looked at
  const std::uint64_t address = payload.get_address();
  request r{line_of(address), payload.is_write() ? purpose::write : purpose::read, false, nullptr};
  delay += latency_;
  count(r.why, false);
  if (const auto status = bring(r, delay); status != tlm::TLM_OK_RESPONSE) return status;
  if (grants_.find(r.line << line_log2_, config_.line) != host) return finish(payload, delay);
  if (tags_.is_first(r.line)) first_hosts_[tags_.set_of(r.line)] = host;
  answer_plain(payload, access, host + (address & (config_.line - 1)), r.served_by);
  return tlm::TLM_OK_RESPONSE;
}

}  // namespace nestwalk::memory
