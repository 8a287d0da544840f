#include "platforms/conform/parse_vector.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "nestwalk/paging/register_write.h"
#include "nestwalk/protocol/error.h"
#include "platforms/conform/vector_fields.h"

namespace nestwalk::platforms {

namespace {

using json = nlohmann::json;
using paging::fault_kind;

enum class vector_family { native, npt, ept };

const char* name_of(vector_family family) {
  constexpr const char* names[] = {"native", "npt", "ept"};
  return names[static_cast<int>(family)];
}

/// The address of a qword of memory.
std::uint64_t qword_address(const json& text, const char* key, unsigned physical_bits) {
  const std::uint64_t address = parse_vector_number(text, key);
  if (address % 8 != 0 || address >> physical_bits != 0)
    throw input_error(fmt::format("\"{}\": {} is no qword of {}-bit memory", key, text.dump(), physical_bits));
  return address;
}

vector_memory memory(const json& from, const char* key, unsigned physical_bits) {
  if (!from.is_object())
    throw input_error(fmt::format("\"{}\" must be an object such as {{\"0x1000\": \"0x2003\"}}", key));
  vector_memory qwords;
  for (const auto& [text, value] : from.items())
    if (!qwords.emplace(qword_address(text, key, physical_bits), parse_vector_number(value, key)).second)
      throw input_error(fmt::format("\"{}\": \"{}\" is there twice, in two spellings", key, text));
  return qwords;
}

/// The registers of a stage whose "format" is `four_levels` or `five_levels`.
paging::paging_registers registers(const vector_fields& stage, const char* four_levels, const char* five_levels) {
  const bool five = stage.word("format", {four_levels, five_levels}) == 1;
  paging::paging_registers r;
  r.cr0 = stage.hex("cr0");
  r.cr3 = stage.hex("root");
  r.cr4 = stage.hex("cr4");
  r.efer = stage.hex("efer");
  if (r.cr3 % 0x1000 != 0)
    throw input_error(fmt::format("\"root\": {:#x} is no address of a table, a multiple of 0x1000", r.cr3));
  if (five) r.cr4 |= paging::cr4::la57;
  if (!five && (r.cr4 & paging::cr4::la57) != 0)
    throw input_error(
        fmt::format("\"format\": {} has 4 levels, but \"cr4\" sets LA57 (bit 12), which makes them 5", four_levels));
  return r;
}

void read_first_stage(const json& line, conformance_vector& v) {
  const vector_fields first(line, "\"stage1\"");
  first.only({"format", "root", "cr0", "cr4", "efer", "pkru", "rflags_ac"});
  v.guest = registers(first, "x86-long4", "x86-long5");
  v.guest.pkru = static_cast<std::uint32_t>(first.hex("pkru", 32));
  v.access_flag_ac = first.flag("rflags_ac");
  const auto all_of = [](std::uint64_t value, std::uint64_t bits) { return (value & bits) == bits; };
  if (!all_of(v.guest.cr0, paging::cr0::pg) || !all_of(v.guest.cr4, paging::cr4::pae) ||
      !all_of(v.guest.efer, paging::efer::lme | paging::efer::lma))
    throw input_error("\"stage1\": the formats are of long mode; CR0.PG, CR4.PAE, EFER.LME and EFER.LMA must be 1");
}

// Once the second stage has told whose processor it is.
void check_first_stage(const conformance_vector& v) {
  const paging::paging_registers& r = v.guest;
  if (paging::refuses_cr3(r, r.cr3, v.processor) || paging::not_modelled_in_cr4(r.cr4, v.processor) != 0 ||
      paging::not_modelled_in_efer(r.efer) != 0 || (r.cr0 & paging::cr0::pe) == 0 || r.cr0 >> 32 != 0)
    throw input_error("\"stage1\": registers that no processor has, or with bits that are not modelled");
}

void read_ept(const vector_fields& stage, conformance_vector& v) {
  v.controls.format = paging::nested_kind::ept;
  v.controls.ept = {stage.hex("eptp"), stage.flag("mbec"), stage.flag("adv_info")};
  v.processor.execute_only = stage.flag("exec_only");
  if (const char* const wrong = paging::why_invalid_eptp(v.controls.ept.eptp, v.processor))
    throw input_error(fmt::format("\"eptp\": VM entry refuses it: {}", wrong));
  const std::size_t levels = 4 + stage.word("format", {"ept4", "ept5"});
  if (paging::eptp::levels(v.controls.ept.eptp) != levels)
    throw input_error(fmt::format("\"format\": ept{}, but bits 5:3 of \"eptp\" say {} levels", levels,
                                  paging::eptp::levels(v.controls.ept.eptp)));
}

void read_npt(const vector_fields& stage, conformance_vector& v) {
  v.controls.format = paging::nested_kind::npt;
  v.controls.host = registers(stage, "npt-long4", "npt-long5");
  v.processor.maker = paging::vendor::amd;
  if (const char* const wrong = paging::why_invalid_host(v.controls.host, v.processor))
    throw input_error(fmt::format("\"stage2\": VMRUN refuses the host's registers: {}", wrong));
}

vector_family read_second_stage(const json& line, conformance_vector& v) {
  const vector_fields stage(line, "\"stage2\"");
  const bool ept = stage.word("format", {"ept4", "ept5", "npt-long4", "npt-long5"}) < 2;
  v.controls.nested_paging = true;
  if (ept) {
    stage.only({"format", "eptp", "mbec", "exec_only", "adv_info"});
    read_ept(stage, v);
  } else {
    stage.only({"format", "root", "cr0", "cr4", "efer"});
    read_npt(stage, v);
  }
  return ept ? vector_family::ept : vector_family::npt;
}

void read_access(const json& line, conformance_vector& v) {
  constexpr std::uint64_t page = 4096;
  const vector_fields access(line, "\"access\"");
  access.only({"gva", "type", "cpl", "size"});
  v.address = paging::gva(access.hex("gva"));
  v.cpl = access.small("cpl", 0, 3);
  if (v.cpl == 1 || v.cpl == 2) throw input_error(fmt::format("\"cpl\" must be 0 or 3, not {}", v.cpl));
  v.type = static_cast<paging::access_type>(access.word("type", {"read", "write", "fetch"}));
  v.size = access.small("size", 1, 64);
  if (v.address.value % page + v.size > page)
    throw input_error(fmt::format("\"size\": {} bytes at {:#x} cross a page; a vector's access lies in one", v.size,
                                  v.address.value));
  const bool power_of_two = (v.size & (v.size - 1)) == 0;
  if (v.type != paging::access_type::fetch && (!power_of_two || v.address.value % v.size != 0))
    throw input_error(
        fmt::format("\"size\": {} bytes at {:#x} are not aligned; a vector's data are", v.size, v.address.value));
}

struct result_form {
  const char* name;
  fault_kind kind;
  std::vector<std::string> keys;
};

const std::vector<result_form>& result_forms() {
  static const std::vector<result_form> forms = {
      {"ok", fault_kind::none, {"hpa"}},
      {"general_protection", fault_kind::general_protection, {}},
      {"page_fault", fault_kind::page_fault, {"error_code", "cr2"}},
      {"nested_page_fault", fault_kind::nested_page_fault, {"exitinfo1", "exitinfo2"}},
      {"ept_violation", fault_kind::ept_violation, {"qualification", "gpa", "gla"}},
      {"ept_misconfiguration", fault_kind::ept_misconfiguration, {"gpa"}}};
  return forms;
}

bool has_result(vector_family family, fault_kind kind) {
  if (kind == fault_kind::nested_page_fault) return family == vector_family::npt;
  if (kind == fault_kind::ept_violation || kind == fault_kind::ept_misconfiguration)
    return family == vector_family::ept;
  return true;
}

/// The result at `key`; beside its own keys it may have `also`.
vector_result result(const json& from, const char* key, const conformance_vector& v, vector_family family,
                     const std::vector<std::string>& also = {}) {
  const vector_fields fields(from, fmt::format("\"{}\"", key));
  std::vector<std::string> names;
  for (const result_form& each : result_forms()) names.emplace_back(each.name);
  const result_form& form = result_forms()[fields.word("result", names)];
  if (!has_result(family, form.kind))
    throw input_error(fmt::format("\"result\": {} comes of no vector of family {}", form.name, name_of(family)));
  std::vector<std::string> keys = {"result"};
  keys.insert(keys.end(), form.keys.begin(), form.keys.end());
  keys.insert(keys.end(), also.begin(), also.end());
  fields.only(keys);

  vector_result r;
  r.kind = form.kind;
  const auto value = [&](const char* of, unsigned bits) {
    return std::find(keys.begin(), keys.end(), of) != keys.end() ? fields.hex(of, bits) : 0;
  };
  r.hpa = value("hpa", v.processor.physical_bits);
  r.code = value("error_code", 32) | value("exitinfo1", 64) | value("qualification", 64);
  r.linear = value("cr2", 64) | value("gla", 64);
  r.guest_physical = value("exitinfo2", 64) | value("gpa", 64);
  return r;
}

/// The family that the line names, which must be the one that its second stage makes it.
void check_family(const vector_fields& line, vector_family made) {
  if (!line.has("family")) return;
  const auto named = static_cast<vector_family>(line.word("family", {"native", "npt", "ept"}));
  if (named != made)
    throw input_error(fmt::format("\"family\": {}, but {} makes it {}", name_of(named),
                                  line.has("stage2") ? "the format of \"stage2\"" : "no \"stage2\"", name_of(made)));
}

void read_expectations(const vector_fields& line, vector_family family, conformance_vector& v) {
  v.expected.push_back(result(line.at("expect"), "expect", v, family));
  if (line.has("expect_alt")) v.expected.push_back(result(line.at("expect_alt"), "expect_alt", v, family));
  v.before = memory(line.at("memory"), "memory", v.processor.physical_bits);
  v.after = memory(line.at("memory_after"), "memory_after", v.processor.physical_bits);
  if (!line.has("ad_unspecified")) return;
  const json& open = line.at("ad_unspecified");
  if (!open.is_array()) throw input_error("\"ad_unspecified\" must be an array of addresses");
  for (const json& address : open)
    v.unspecified.insert(qword_address(address, "ad_unspecified", v.processor.physical_bits));
}

/// What is told of the reference and not used, but must be of the form.
void check_notes(const vector_fields& line, vector_family family, const conformance_vector& v) {
  if (line.has("deviation")) line.text("deviation");
  if (!line.has("observed")) return;
  const json& observed = line.at("observed");
  result(observed, "observed", v, family, {"memory_after"});
  if (observed.contains("memory_after")) memory(observed["memory_after"], "memory_after", v.processor.physical_bits);
}

conformance_vector read_line(const vector_fields& line) {
  line.only({"id", "family", "case", "phys_bits", "stage1", "stage2", "memory", "access", "expect", "expect_alt",
             "memory_after", "ad_unspecified", "deviation", "observed"});
  conformance_vector v;
  v.id = line.text("id");
  v.drawn = line.text("case");
  v.processor.physical_bits = line.small("phys_bits", 32, 52);
  read_first_stage(line.at("stage1"), v);
  const vector_family family = line.has("stage2") ? read_second_stage(line.at("stage2"), v) : vector_family::native;
  check_first_stage(v);
  check_family(line, family);
  read_access(line.at("access"), v);
  read_expectations(line, family, v);
  check_notes(line, family, v);
  return v;
}

}  // namespace

conformance_vector parse_vector(const std::string& line) {
  const json parsed = parse_vector_line(line);
  return read_line(vector_fields(parsed, "a line"));
}

}  // namespace nestwalk::platforms
