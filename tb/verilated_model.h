// rtl_model over one Verilated class. Included only by the files that CMake makes, one a model; no SystemC here.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif
#if VM_COVERAGE
#include <verilated_cov.h>
#endif

#include "tb/rtl_model.h"

namespace nestwalk::tb {

template <class Top>
class verilated_model final : public rtl_model {
 public:
  verilated_model() : top_(&context_, "walker") {
    context_.fatalOnError(false);
    context_.errorLimit(1000000000);
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.eval();
  }
  ~verilated_model() override {
    close_waves();
    top_.final();
  }

  void cycle() override {
    top_.clk_i = 0;
    top_.eval();
    dump();
    drive();
    top_.clk_i = 1;
    top_.eval();
    dump();
    sample();
  }

  bool open_waves([[maybe_unused]] const std::string& path) override {
#if VM_TRACE
    context_.traceEverOn(true);
    waves_ = std::make_unique<VerilatedFstC>();
    top_.trace(waves_.get(), 99);
    waves_->open(path.c_str());
    return waves_->isOpen();
#else
    return false;
#endif
  }
  void close_waves() override {
#if VM_TRACE
    if (waves_) waves_->close();
    waves_.reset();
#endif
  }
  void write_coverage([[maybe_unused]] const std::string& path) override {
#if VM_COVERAGE
    context_.coveragep()->write(path.c_str());
#endif
  }
  unsigned assertion_failures() const override {
    return static_cast<unsigned>(context_.errorCount());
  }

 private:
  void drive() {
    top_.rst_ni = !in.reset;
    top_.request_valid_i = in.request_valid;
    top_.request_tag_i = in.request_tag;
    top_.request_domain_i = in.request_domain;
    for (unsigned i = 0; i < in.request.size(); ++i) top_.request_i[i] = in.request[i];
    top_.response_ready_i = in.response_ready;
    top_.memory_request_ready_i = in.memory_request_ready;
    top_.memory_response_valid_i = in.memory_response_valid;
    top_.memory_response_id_i = in.memory_response_id;
    top_.memory_response_i[0] = static_cast<std::uint32_t>(in.memory_response_data);
    top_.memory_response_i[1] = static_cast<std::uint32_t>(in.memory_response_data >> 32);
    top_.memory_response_i[2] = in.memory_response_error * 2u + in.memory_response_swapped;
    top_.invalidate_valid_i = in.invalidate_valid;
    top_.invalidate_domain_i = in.invalidate_domain;
    top_.invalidate_i = (std::uint64_t{in.invalidate_every_domain} << 43) | (std::uint64_t{in.invalidate_guest} << 42) |
                        (std::uint64_t{in.invalidate_nested} << 41) | (std::uint64_t{in.invalidate_by_gpa} << 40) |
                        (in.invalidate_gpa & 0xffffffffff);
    top_.invalidated_ready_i = in.invalidated_ready;
  }
  void sample() {
    out.request_ready = top_.request_ready_o;
    out.response_valid = top_.response_valid_o;
    if (out.response_valid) {
      out.response_tag = top_.response_tag_o;
      out.response_page = top_.response_page_o;
      for (unsigned i = 0; i < out.response.size(); ++i) out.response[i] = top_.response_o[i];
    }
    out.memory_request_valid = top_.memory_request_valid_o;
    if (out.memory_request_valid) sample_memory_request();
    out.memory_response_ready = top_.memory_response_ready_o;
    out.invalidate_ready = top_.invalidate_ready_o;
    out.invalidated_valid = top_.invalidated_valid_o;
    out.busy = top_.busy_o;
    const unsigned events = top_.events_o;
    out.events = {(events & 128) != 0, (events & 64) != 0, (events & 32) != 0, (events & 16) != 0,
                  (events & 8) != 0,   (events & 4) != 0,  (events & 2) != 0,  (events & 1) != 0};
  }
  void sample_memory_request() {
    const auto& words = top_.memory_request_o;
    out.memory_request_id = top_.memory_request_id_o;
    out.memory_request_tag = top_.memory_request_tag_o;
    out.memory_request_desired = words[0] | std::uint64_t{words[1]} << 32;
    out.memory_request_expected = words[2] | std::uint64_t{words[3]} << 32;
    const std::uint64_t high = words[4] | std::uint64_t{words[5]} << 32;
    out.memory_request_address = (high & ((std::uint64_t{1} << 49) - 1)) << 3;
    out.memory_request_exchange = ((high >> 49) & 1) != 0;
  }
  void dump() {
#if VM_TRACE
    if (waves_) waves_->dump(time_);
    time_ += 5;
#endif
  }

  VerilatedContext context_;
  Top top_;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves_;
  std::uint64_t time_ = 0;
#endif
};

}  // namespace nestwalk::tb
