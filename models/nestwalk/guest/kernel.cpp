#include "nestwalk/guest/kernel.h"

#include <cstdio>
#include <string>
#include <utility>

#include "nestwalk/protocol/error.h"

namespace nestwalk::guest {

using cpu::fault_answer;
using paging::gpa;
using paging::gva;
using workload::system_call;

namespace {

std::string hexadecimal(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

void check(bool holds, const char* key, std::uint64_t value, const char* expected) {
  if (!holds)
    throw input_error(std::string("guest.") + key + ": " + std::to_string(value) + "; " + expected + " is expected");
}

const kernel_config& checked(const kernel_config& config) {
  check(config.levels == 4 || config.levels == 5, "levels", config.levels, "4 or 5");
  const unsigned leaf = config.direct_map_log2;
  check(leaf == paging::page_4k || leaf == paging::page_2m || leaf == paging::page_1g, "direct_map_log2", leaf,
        "12, 21 or 30");
  const unsigned copy = config.copy_bytes;
  check(copy == 8 || copy == 16 || copy == 32 || copy == 64, "copy_bytes", copy, "8, 16, 32 or 64");
  check(config.pcids >= 1 && config.pcids <= 4095, "pcids", config.pcids, "1 to 4095");
  return config;
}

// [address, address + length) in whole pages.
std::pair<gva, gva> pages_of(const workload::operation& call, unsigned levels) {
  const std::uint64_t end = call.address.value + call.length - 1;
  if (call.length == 0 || end < call.address.value || address_space::last_user_address(levels).value < end)
    throw input_error("system call on " + std::to_string(call.length) + " bytes at " + hexadecimal(call.address.value) +
                      ": a range of at least one byte in the user half is expected");
  constexpr std::uint64_t in_page = (std::uint64_t{1} << paging::page_4k) - 1;
  return {gva(call.address.value & ~in_page), gva(end | in_page)};
}

}  // namespace

kernel::kernel(const sc_core::sc_module_name& name, const kernel_config& config)
    : sc_module(name),
      config_(checked(config)),
      frames_(config.memory),
      boot_image_(guest_memory, frames_, config_),
      context_(cpu, config_),
      memory_(cpu, config_, frames_, context_) {
  guest_memory.bind(static_cast<protocol::memory_backward&>(*this));
}

void kernel::describe(statistics::group& into) {
  into.add_state("processes", "processes", "Processes that live now.", [this] { return processes_.size(); });
  into.add_state("memory_in_use", "bytes", "Guest-physical memory in use now: boot image, tables and pages.",
                 [this] { return frames_.bytes_in_use(); });
  memory_.describe(into);
  context_.describe(into);
}

void kernel::boot() {
  frames_.allocate(paging::page_4k);  // address 0 is nobody's page
  boot_image_.write_direct_map();
  kernel_root_ = boot_image_.write_root();
  const region everywhere = config_.on_demand == on_demand_policy::all ? region::read_write : region::none;
  current_ = &create(first_process, boot_image_.write_root(), region_map(everywhere));
  context_.start(current_->space.root(), current_->context);
}

process& kernel::create(std::uint32_t name, gpa root, const region_map& regions) {
  return processes_.try_emplace(name, name, ++contexts_, root, config_.levels, regions).first->second;
}

// ---- Faults

fault_answer kernel::page_fault(const paging::fault& fault) {
  const std::string at = hexadecimal(fault.linear.value) + " (#PF, error code " + hexadecimal(fault.error_code) + ")";
  if ((fault.error_code & paging::pf::us) == 0)
    throw input_error("guest kernel: its own access faults at " + at +
                      ": the hardware does not map what its tables map");
  cpu->execute(config_.page_fault_instructions);
  if (memory_.resolve(*current_, fault)) return fault_answer::retry;
  return bad_access(at + ": the process has not mapped that, or not for this access");
}

fault_answer kernel::general_protection(const paging::fault&, gva address) {
  cpu->execute(config_.page_fault_instructions);
  return bad_access(hexadecimal(address.value) + " (#GP): the address is not canonical");
}

fault_answer kernel::bad_access(const std::string& what) {
  memory_.count_bad_access();
  if (config_.bad_access == bad_access_policy::skip) return fault_answer::skip;
  throw input_error("process " + std::to_string(current_->name) + " is ended by its access to " + what +
                    "; set guest.bad_access = \"skip\" to pass over such accesses");
}

// ---- System calls

void kernel::system_call(const workload::operation& call) {
  cpu->execute(config_.system_call_instructions);
  switch (call.call) {
    case system_call::map:
    case system_call::unmap:
    case system_call::protect: {
      const auto [first, last] = pages_of(call, config_.levels);
      if (call.call == system_call::map) return memory_.map(*current_, first, last);
      if (call.call == system_call::unmap) return memory_.unmap(*current_, first, last);
      return memory_.protect(*current_, first, last, call.argument != 0);
    }
    case system_call::fork: return fork(call.argument);
    case system_call::exit: return exit(call.argument);
    case system_call::switch_to: return run(named(call.argument));
  }
}

/// The process of that name, made where there is none.
process& kernel::named(std::uint32_t name) {
  const auto found = processes_.find(name);
  if (found != processes_.end()) return found->second;
  const region everywhere = config_.on_demand == on_demand_policy::all ? region::read_write : region::none;
  return create(name, memory_.make_root(kernel_root_), region_map(everywhere));
}

void kernel::run(process& next) {
  if (&next == current_) return;
  cpu->execute(config_.switch_instructions);
  current_ = &next;
  context_.switch_to(next.space.root(), next.context);
}

void kernel::fork(std::uint32_t child) {
  if (processes_.count(child) != 0)
    throw input_error("system call fork: there is a process " + std::to_string(child) +
                      " already; the name of none is expected");
  cpu->execute(config_.fork_instructions);
  memory_.fork(*current_, create(child, memory_.make_root(kernel_root_), current_->regions));
}

void kernel::exit(std::uint32_t next) {
  process& ending = *current_;
  if (next == ending.name || processes_.count(next) == 0)
    throw input_error("system call exit: process " + std::to_string(next) + " is to run after the end of process " +
                      std::to_string(ending.name) + "; another one, that lives, is expected");
  cpu->execute(config_.exit_instructions);
  memory_.destroy(ending);
  run(processes_.at(next));
  memory_.free_root(ending.space.root());
  processes_.erase(ending.name);
}

// ---- What a checker sees

std::optional<gpa> kernel::software_translate(std::uint32_t name, gva address) const {
  const auto found = processes_.find(name);
  if (found == processes_.end() || address_space::last_user_address(config_.levels) < address) return std::nullopt;
  return found->second.space.translate(address);
}

std::vector<std::uint32_t> kernel::processes() const {
  std::vector<std::uint32_t> names;
  for (const auto& each : processes_) names.push_back(each.first);
  return names;
}

}  // namespace nestwalk::guest
