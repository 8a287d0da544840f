#include "tb/reference_walk.h"

#include <deque>

#include "nestwalk/paging/registers.h"
#include "tb/rtl_request.h"

namespace nestwalk::tb {

namespace {

// The table of a level stands at `base` + level * 4096; guest-physical addresses below 2 MBytes map to themselves.
constexpr std::uint64_t guest_base = 0x10000;
constexpr std::uint64_t nested_base = 0x100000;
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t data_page = 0x20000;
constexpr std::uint64_t guest_flags = 0x67;         // P, R/W, U/S, A, D
constexpr std::uint64_t nested_leaf_flags = 0x337;  // R, W, X, WB, A, D
constexpr std::uint64_t nested_table_flags = 0x107;
constexpr unsigned levels = 4;
constexpr std::uint64_t address = 0x7f1234567000;

struct job {
  std::uint64_t due;
  std::uint8_t id;
  std::uint64_t address;
};

}  // namespace

paging::domain reference_context() {
  paging::paging_registers r;
  r.cr0 = paging::cr0::pe | paging::cr0::pg | paging::cr0::wp;
  r.cr3 = guest_base + levels * page_bytes;
  r.cr4 = paging::cr4::pae;
  r.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
  paging::ept_controls ept;
  ept.eptp = (nested_base + levels * page_bytes) | (levels - 1) << 3 | 6;
  paging::domain c;
  c.guest = paging::decode_guest(r, {});
  c.nested_on = true;
  c.nested = paging::decode_ept(ept, {});
  return c;
}

reference_place reference_place_of(std::uint64_t at) {
  const bool nested = at >= nested_base;
  return {nested, static_cast<unsigned>((at - (nested ? nested_base : guest_base)) / page_bytes)};
}

std::uint64_t reference_entry(std::uint64_t at) {
  const std::uint64_t index = at % page_bytes / 8;
  const auto [nested, level] = reference_place_of(at);
  if (nested) {
    return level == 1 ? index * page_bytes | nested_leaf_flags
                      : (nested_base + (level - 1) * page_bytes) | nested_table_flags;
  }
  return (level == 1 ? data_page : guest_base + (level - 1) * page_bytes) | guest_flags;
}

request_words reference_request() {
  return pack(rtl_context_of(reference_context()), paging::gva(address),
              {paging::access_type::read, paging::access_mode::user});
}

rate measure_rate(const model_shape& shape, unsigned latency) {
  constexpr std::uint64_t warm_up = 2'000;
  constexpr std::uint64_t measured = 20'000;
  const std::unique_ptr<rtl_model> model = make_model(shape.name);
  model->reset();
  rate r;
  const table_store store{reference_entry, [](std::uint64_t, std::uint64_t, std::uint64_t) { return true; }};
  r.cycles_alone = walk_alone(*model, reference_request(), store, latency).cycles;
  std::deque<job> jobs;
  std::uint64_t reads = 0;
  input_pins& in = model->in;
  in.request_valid = in.response_ready = in.memory_request_ready = true;
  in.request = reference_request();
  for (std::uint64_t cycle = 0; cycle < warm_up + measured; ++cycle) {
    in.memory_response_valid = !jobs.empty() && jobs.front().due <= cycle;
    if (in.memory_response_valid) {
      in.memory_response_id = jobs.front().id;
      in.memory_response_data = reference_entry(jobs.front().address);
      jobs.pop_front();
    }
    model->cycle();
    if (model->out.memory_request_valid) {
      jobs.push_back({cycle + latency, model->out.memory_request_id, model->out.memory_request_address});
      reads += cycle >= warm_up ? 1 : 0;
    }
  }
  r.reads_per_cycle = static_cast<double>(reads) / static_cast<double>(measured);
  return r;
}

}  // namespace nestwalk::tb
