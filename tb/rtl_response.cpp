#include "tb/rtl_response.h"

namespace nestwalk::tb {

namespace {

using paging::fault_kind;

// Takes fields off, least significant first.
class unpacker {
 public:
  explicit unpacker(const response_words& words) : words_(words) {}
  std::uint64_t take(unsigned bits) {
    std::uint64_t value = 0;
    for (unsigned got = 0; got < bits;) {
      const unsigned shift = at_ % 32;
      const unsigned now = bits - got < 32 - shift ? bits - got : 32 - shift;
      const std::uint64_t part = (std::uint64_t{words_[at_ / 32]} >> shift) & ((std::uint64_t{1} << now) - 1);
      value |= part << got;
      got += now;
      at_ += now;
    }
    return value;
  }
  unsigned small(unsigned bits) { return static_cast<unsigned>(take(bits)); }

 private:
  const response_words& words_;
  unsigned at_ = 0;
};

std::uint8_t size_of(unsigned level) {
  constexpr std::uint8_t none = 63;
  return level == 0 ? none : static_cast<std::uint8_t>(paging::page_4k + 9 * (level - 1));
}

paging::mapping<paging::hpa> mapping_of(const rtl_response& r) {
  paging::mapping<paging::hpa> m;
  m.guest_size_log2 = size_of(r.guest_level);
  m.nested_size_log2 = size_of(r.nested_level);
  m.page = paging::hpa(r.address).base(m.size_log2());
  m.granted = {static_cast<std::uint8_t>(r.rights), static_cast<std::uint8_t>(r.key)};
  m.type = static_cast<paging::memory_type>(r.memory_type);
  m.global = r.global;
  return m;
}

// The linear address as the guest's tables see it: 32 bits where paging is off.
paging::gva reduced(const rtl_context& c, paging::gva address) {
  return c.guest_on ? address : paging::gva(address.value & 0xffffffff);
}

paging::fault guest_fault(const rtl_response& r, const rtl_context& c, paging::gva address) {
  paging::fault f;
  f.kind = r.result == rtl_result::not_admitted ? fault_kind::general_protection : fault_kind::page_fault;
  f.level = static_cast<std::uint8_t>(r.level);
  f.linear = reduced(c, address);
  f.error_code = r.code;
  return f;
}

paging::fault nested_fault(const rtl_response& r, const rtl_context& c, paging::gva address) {
  paging::fault f;
  f.stage = paging::stage_kind::nested;
  f.level = static_cast<std::uint8_t>(r.level);
  const std::uint64_t offset = r.why == paging::purpose::data_page ? address.offset(paging::page_4k) : 0;
  f.guest_physical = paging::gpa(r.guest_physical | offset);
  if (c.nested_npt) {
    constexpr unsigned where_bits = 0x300;  // bits 33:32 of EXITINFO1
    f.kind = fault_kind::nested_page_fault;
    f.qualification = (r.code & ~where_bits) | std::uint64_t{r.code & where_bits} << 24;
  } else if (r.result == rtl_result::malformed) {
    f.kind = fault_kind::ept_misconfiguration;
  } else {
    f.kind = fault_kind::ept_violation;
    f.qualification = r.code;
    f.linear = address;
  }
  return f;
}

}  // namespace

rtl_response unpack(const response_words& words) {
  unpacker u(words);
  rtl_response r;
  r.reads = u.small(8);
  r.nested_level = u.small(3);
  r.guest_level = u.small(3);
  r.global = u.small(1) != 0;
  r.memory_type = u.small(3);
  r.key = u.small(4);
  r.rights = u.small(8);
  r.address = u.take(49) << 3;
  r.guest_physical = u.take(49) << 3;
  r.code = u.small(12);
  r.why = static_cast<paging::purpose>(u.small(2));
  r.level = u.small(3);
  r.nested_stage = u.small(1) != 0;
  r.result = static_cast<rtl_result>(u.small(3));
  return r;
}

paging::outcome outcome_of(const rtl_response& r, const rtl_context& c, paging::gva address) {
  paging::outcome o;
  if (r.result == rtl_result::mapped) {
    o.page = mapping_of(r);
    o.output = o.page.translate(reduced(c, address));
  } else if (r.result == rtl_result::memory_error) {
    o.failure.kind = fault_kind::memory_error;
    o.failure.stage = r.nested_stage ? paging::stage_kind::nested : paging::stage_kind::guest;
    o.failure.level = static_cast<std::uint8_t>(r.level);
    o.failure.entry = paging::hpa(r.address);
  } else {
    o.failure = r.nested_stage ? nested_fault(r, c, address) : guest_fault(r, c, address);
  }
  return o;
}

}  // namespace nestwalk::tb
