#include "nestwalk/vmm/host.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "nestwalk/protocol/error.h"

namespace nestwalk::vmm {

namespace {

constexpr unsigned entry_bytes = 8;
constexpr unsigned page_bytes = 1u << paging::page_4k;

// Calls `part(address, data, bytes)` for the pieces of a block that stay within a line.
template <class Data, class Part>
void by_lines(paging::hpa at, Data* data, unsigned bytes, Part&& part) {
  while (bytes > 0) {
    const auto room = host::line_bytes - static_cast<unsigned>(at.value % host::line_bytes);
    const unsigned here = std::min(bytes, room);
    part(at.value, data, here);
    at = at + here;
    data += here;
    bytes -= here;
  }
}

}  // namespace

void host::refuse(const tlm::tlm_generic_payload& payload) {
  std::array<char, 32> address{};
  std::snprintf(address.data(), address.size(), "0x%llx", static_cast<unsigned long long>(payload.get_address()));
  throw input_error("vmm.host_base, vmm.host_size: memory answers " + payload.get_response_string() + " at " +
                    address.data() + ": the pool has to lie within main memory");
}

void host::send(tlm::tlm_generic_payload& payload) {
  memory_->b_transport(payload, *delay_);
  if (!payload.is_response_ok()) refuse(payload);
}

void host::debug(tlm::tlm_generic_payload& payload) {
  if (memory_->transport_dbg(payload) == payload.get_data_length()) return;
  payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  refuse(payload);
}

std::uint64_t host::read(paging::hpa at) {
  std::uint64_t value = 0;
  ++counts_.reads;
  send(payload_.read(at.value, &value, entry_bytes));
  return value;
}

void host::write(paging::hpa at, std::uint64_t value) {
  ++counts_.writes;
  send(payload_.write(at.value, &value, entry_bytes));
}

bool host::exchange(paging::hpa at, std::uint64_t expected, std::uint64_t desired) {
  std::uint64_t old = 0;
  ++counts_.exchanges;
  send(payload_.exchange(at.value, &old, entry_bytes, expected, desired));
  if (payload_.exchange().performed) return payload_.exchange().swapped;
  if (old != expected) return false;
  write(at, desired);  // the target has only read: a plain write follows (protocol/exchange_extension.h)
  return true;
}

void host::read_block(paging::hpa at, void* data, unsigned bytes) {
  by_lines(at, static_cast<unsigned char*>(data), bytes, [this](std::uint64_t a, unsigned char* d, unsigned n) {
    ++counts_.reads;
    send(payload_.read(a, d, n));
  });
}

void host::write_block(paging::hpa at, const void* data, unsigned bytes) {
  by_lines(at, static_cast<const unsigned char*>(data), bytes,
           [this](std::uint64_t a, const unsigned char* d, unsigned n) {
             ++counts_.writes;
             send(payload_.write(a, d, n));
           });
}

void host::clear_page(paging::hpa page) {
  const std::array<unsigned char, page_bytes> zeros{};
  write_block(page, zeros.data(), page_bytes);
}

void host::look(paging::hpa at, void* data, unsigned bytes) {
  debug(untimed_.read(at.value, data, bytes));
}

void host::plant(paging::hpa at, const void* data, unsigned bytes) {
  debug(untimed_.write(at.value, data, bytes));
}

void host::flush_address(std::uint16_t tag, paging::gva address) {
  ++counts_.invvpid_addresses;
  if (svm_)
    cpu_->invlpga(address, tag, *delay_);
  else
    cpu_->invvpid(paging::invvpid_type::individual_address, tag, address, *delay_);
}

void host::flush_tag(std::uint16_t tag) {
  if (svm_) {
    ++counts_.tlb_controls;
    cpu_->write_tlb_control(paging::tlb_control::flush_asid, *delay_);
  } else {
    ++counts_.invvpid_contexts;
    cpu_->invvpid(paging::invvpid_type::single_context, tag, paging::gva(), *delay_);
  }
}

void host::flush_second_stage(std::uint64_t eptp) {
  if (svm_) {
    ++counts_.tlb_controls;
    cpu_->write_tlb_control(paging::tlb_control::flush_asid, *delay_);
  } else {
    ++counts_.invept;
    cpu_->invept(paging::invept_type::single_context, eptp, *delay_);
  }
}

}  // namespace nestwalk::vmm
