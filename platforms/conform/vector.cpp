#include "platforms/conform/vector.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "paging/register_flush.h"
#include "paging/register_write.h"
#include "protocol/error.h"

namespace nestwalk::platforms {

namespace {

using json = nlohmann::json;
using paging::fault_kind;

const json& field(const json& from, const char* key) {
  const auto found = from.find(key);
  if (found == from.end()) throw input_error(fmt::format("key \"{}\" is missing", key));
  return *found;
}

std::uint64_t number(const std::string& text, const char* key) {
  std::size_t used = 0;
  try {
    const std::uint64_t value = std::stoull(text, &used, 16);
    if (used == text.size()) return value;
  } catch (const std::exception&) {
  }
  throw input_error(fmt::format("\"{}\": \"{}\" is no hexadecimal number such as \"0x1000\"", key, text));
}

std::uint64_t hex(const json& from, const char* key) {
  const json& value = field(from, key);
  if (!value.is_string()) throw input_error(fmt::format("\"{}\" must be a string such as \"0x1000\"", key));
  return number(value.get<std::string>(), key);
}

unsigned small(const json& from, const char* key, unsigned least, unsigned most) {
  const json& value = field(from, key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > most)
    throw input_error(fmt::format("\"{}\" must be a whole number from {} to {}", key, least, most));
  return value.get<unsigned>();
}

bool flag(const json& from, const char* key) {
  return small(from, key, 0, 1) != 0;
}

std::string text(const json& from, const char* key) {
  const json& value = field(from, key);
  if (!value.is_string()) throw input_error(fmt::format("\"{}\" must be a string", key));
  return value.get<std::string>();
}

vector_memory memory(const json& from, const char* key, unsigned physical_bits) {
  vector_memory qwords;
  for (const auto& [text, value] : field(from, key).items()) {
    const std::uint64_t address = number(text, key);
    if (address % 8 != 0 || address >> physical_bits != 0)
      throw input_error(fmt::format("\"{}\": \"{}\" is no qword of {}-bit memory", key, text, physical_bits));
    qwords[address] = number(value.get<std::string>(), key);
  }
  return qwords;
}

// The registers of a stage whose "format" is `four_levels` or `five_levels`.
paging::paging_registers registers(const json& stage, const char* four_levels, const char* five_levels) {
  const std::string format = text(stage, "format");
  if (format != four_levels && format != five_levels)
    throw input_error(fmt::format("\"format\": \"{}\" is none of {}, {}", format, four_levels, five_levels));
  paging::paging_registers r;
  r.cr0 = hex(stage, "cr0");
  r.cr3 = hex(stage, "root");
  r.cr4 = hex(stage, "cr4");
  r.efer = hex(stage, "efer");
  if (format == five_levels) r.cr4 |= paging::cr4::la57;
  if (format == four_levels && (r.cr4 & paging::cr4::la57) != 0)
    throw input_error(
        fmt::format("\"format\": {} has 4 levels, but \"cr4\" sets LA57 (bit 12), which makes them 5", format));
  return r;
}

vector_result result(const json& from) {
  vector_result r;
  const std::string kind = text(from, "result");
  if (kind == "ok") {
    r.hpa = hex(from, "hpa");
  } else if (kind == "general_protection") {
    r.kind = fault_kind::general_protection;
  } else if (kind == "page_fault") {
    r.kind = fault_kind::page_fault;
    r.code = hex(from, "error_code");
    r.linear = hex(from, "cr2");
  } else if (kind == "nested_page_fault") {
    r.kind = fault_kind::nested_page_fault;
    r.code = hex(from, "exitinfo1");
    r.guest_physical = hex(from, "exitinfo2");
  } else if (kind == "ept_violation") {
    r.kind = fault_kind::ept_violation;
    r.code = hex(from, "qualification");
    r.guest_physical = hex(from, "gpa");
    r.linear = hex(from, "gla");
  } else if (kind == "ept_misconfiguration") {
    r.kind = fault_kind::ept_misconfiguration;
    r.guest_physical = hex(from, "gpa");
  } else {
    throw input_error(
        fmt::format("\"result\": \"{}\" is none of ok, general_protection, page_fault, "
                    "nested_page_fault, ept_violation, ept_misconfiguration",
                    kind));
  }
  return r;
}

void read_second_stage(const json& line, conformance_vector& v) {
  const json& stage = field(line, "stage2");
  const std::string kind = text(stage, "format");
  v.controls.nested_paging = true;
  if (kind == "ept4" || kind == "ept5") {
    v.controls.format = paging::nested_kind::ept;
    v.controls.ept = {hex(stage, "eptp"), flag(stage, "mbec"), flag(stage, "adv_info")};
    v.machine.execute_only = flag(stage, "exec_only");
    if (const char* const wrong = paging::why_invalid_eptp(v.controls.ept.eptp, v.machine))
      throw input_error(fmt::format("\"eptp\": VM entry refuses it: {}", wrong));
    const unsigned levels = paging::eptp::levels(v.controls.ept.eptp);
    if (levels != (kind == "ept4" ? 4u : 5u))
      throw input_error(fmt::format("\"format\": {}, but bits 5:3 of \"eptp\" say {} levels", kind, levels));
  } else if (kind == "npt-long4" || kind == "npt-long5") {
    v.controls.format = paging::nested_kind::npt;
    v.controls.host = registers(stage, "npt-long4", "npt-long5");
    v.machine.maker = paging::vendor::amd;
    if (const char* const wrong = paging::why_invalid_host(v.controls.host))
      throw input_error(fmt::format("\"stage2\": VMRUN refuses the host's registers: {}", wrong));
  } else {
    throw input_error(fmt::format("\"format\": \"{}\" is none of ept4, ept5, npt-long4, npt-long5", kind));
  }
}

void read_access(const json& line, conformance_vector& v) {
  const json& access = field(line, "access");
  v.address = paging::gva(hex(access, "gva"));
  v.cpl = small(access, "cpl", 0, 3);
  v.size = small(access, "size", 1, 64);
  const std::string type = text(access, "type");
  if (type == "read")
    v.type = paging::access_type::read;
  else if (type == "write")
    v.type = paging::access_type::write;
  else if (type == "fetch")
    v.type = paging::access_type::fetch;
  else
    throw input_error(fmt::format("\"type\": \"{}\" is none of read, write, fetch", type));
}

conformance_vector read_line(const json& line) {
  conformance_vector v;
  v.id = text(line, "id");
  v.drawn = text(line, "case");
  v.machine.physical_bits = small(line, "phys_bits", 32, 52);
  const json& first = field(line, "stage1");
  v.guest = registers(first, "x86-long4", "x86-long5");
  v.guest.pkru = static_cast<std::uint32_t>(hex(first, "pkru"));
  if (paging::pae_paging(v.guest))
    throw input_error("\"stage1\": PAE paging, whose four registers no vector gives; EFER.LMA must be 1");
  if (paging::refuses_cr3(v.guest, v.guest.cr3, v.machine) || paging::not_modelled_in_cr4(v.guest.cr4) != 0 ||
      paging::not_modelled_in_efer(v.guest.efer) != 0 || (v.guest.cr0 & paging::cr0::pe) == 0 || v.guest.cr0 >> 32 != 0)
    throw input_error("\"stage1\": registers that no processor has, or with bits that are not modelled");
  v.access_flag_ac = flag(first, "rflags_ac");
  if (line.contains("stage2")) read_second_stage(line, v);
  read_access(line, v);
  v.before = memory(line, "memory", v.machine.physical_bits);
  v.after = memory(line, "memory_after", v.machine.physical_bits);
  if (line.contains("ad_unspecified"))
    for (const json& address : line["ad_unspecified"])
      v.unspecified.insert(number(address.get<std::string>(), "ad_unspecified"));
  v.expected.push_back(result(field(line, "expect")));
  if (line.contains("expect_alt")) v.expected.push_back(result(line["expect_alt"]));
  return v;
}

}  // namespace

std::uint64_t conformance_vector::flag_bits() const {
  const std::uint64_t x86 = paging::x86_entry::a | paging::x86_entry::d;
  const bool ept = controls.nested_paging && controls.format == paging::nested_kind::ept;
  return ept ? x86 | paging::ept_entry::a | paging::ept_entry::d : x86;
}

paging::context conformance_vector::context() const {
  paging::context c;
  c.guest = paging::decode_guest(guest, machine);
  c.nested_on = controls.nested_paging;
  if (!c.nested_on) return c;
  const bool ept = controls.format == paging::nested_kind::ept;
  c.nested = ept ? paging::decode_ept(controls.ept, machine) : paging::decode_npt(controls.host, machine);
  c.tags.eptp = c.nested.root.value >> 12;
  return c;
}

conformance_vector parse_vector(const std::string& line) {
  try {
    return read_line(json::parse(line));
  } catch (const json::exception& e) {
    throw input_error(fmt::format("no vector of the form in tests/conformance/README.md: {}", e.what()));
  }
}

vector_result result_of(const paging::fault& f) {
  vector_result r;
  r.kind = f.kind;
  r.code = f.kind == fault_kind::page_fault ? f.error_code : f.qualification;
  if (f.kind == fault_kind::page_fault || f.kind == fault_kind::ept_violation) r.linear = f.linear.value;
  r.guest_physical = f.guest_physical.value;
  return r;
}

std::string to_string(const vector_result& r) {
  switch (r.kind) {
    case fault_kind::none: return fmt::format("ok, hpa {:#x}", r.hpa);
    case fault_kind::general_protection: return "general_protection";
    case fault_kind::page_fault: return fmt::format("page_fault, error code {:#x}, cr2 {:#x}", r.code, r.linear);
    case fault_kind::ept_violation:
      return fmt::format("ept_violation, qualification {:#x}, gpa {:#x}, gla {:#x}", r.code, r.guest_physical,
                         r.linear);
    case fault_kind::ept_misconfiguration: return fmt::format("ept_misconfiguration, gpa {:#x}", r.guest_physical);
    case fault_kind::nested_page_fault:
      return fmt::format("nested_page_fault, exitinfo1 {:#x}, exitinfo2 {:#x}", r.code, r.guest_physical);
    case fault_kind::page_modification_log_full: return "page_modification_log_full";
    case fault_kind::memory_error: return "memory_error";
  }
  return "unknown";
}

}  // namespace nestwalk::platforms
