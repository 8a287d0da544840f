#include "platforms/conform/script.h"

#include <utility>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/conform/vector_fields.h"

namespace nestwalk::platforms {

namespace {

using json = nlohmann::json;

// In the order of script_operation.
const std::vector<std::string> operations = {"mem_write64", "mem_read64", "reg_write32", "reg_write64",
                                             "reg_read32",  "reg_read64", "dma_write",   "dma_read"};
constexpr unsigned longest_request = 4096;

std::vector<std::uint8_t> bytes(const vector_fields& from, const char* key) {
  const std::string digits = from.text(key);
  if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
    throw input_error(fmt::format("\"{}\": \"{}\" is no data such as \"00ff12ab\"", key, digits));
  std::vector<std::uint8_t> data;
  for (std::size_t at = 0; at < digits.size(); at += 2)
    data.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(at, 2), nullptr, 16)));
  return data;
}

dma_outcome outcome(const vector_fields& from) {
  dma_outcome o;
  o.allowed = from.word("expect", {"ok", "blocked"}) == 0;
  if (!o.allowed) return o;
  o.hpa = from.hex("hpa");
  o.data = bytes(from, "data");
  return o;
}

void read_request(const vector_fields& from, script_step& s) {
  from.only({"op", "source_id", "iova", "length", "data", "expect", "hpa", "also_accept"});
  s.source = static_cast<std::uint16_t>(from.hex("source_id", 16));
  s.address = from.hex("iova");
  s.length = from.small("length", 1, longest_request);
  if ((s.address & (longest_request - 1)) + s.length > longest_request)
    throw input_error("\"length\": a request may not cross 4 KByte");
  if (s.operation == script_operation::dma_write) s.data = bytes(from, "data");
  s.outcomes.push_back(outcome(from));
  if (from.has("also_accept"))
    for (const json& other : from.at("also_accept")) s.outcomes.push_back(outcome({other, "\"also_accept\""}));
  for (const dma_outcome& o : s.outcomes)
    if (o.allowed && o.data.size() != s.length) throw input_error("\"data\" is not as long as \"length\" says");
}

void read_expectation(const vector_fields& from, script_step& s) {
  s.accepted.push_back(from.hex(from.has("spec_expect") ? "spec_expect" : "expect"));
  if (from.has("also_accept"))
    for (const json& other : from.at("also_accept")) s.accepted.push_back(parse_vector_number(other, "also_accept"));
  if (from.has("mask")) s.mask = from.hex("mask");
  s.only_if_pending = from.has("only_if_pending") && from.at("only_if_pending") == json(true);
}

script_step step(const vector_fields& from) {
  script_step s;
  s.operation = static_cast<script_operation>(from.word("op", operations));
  const bool of_memory = s.operation == script_operation::mem_write64 || s.operation == script_operation::mem_read64;
  const char* const place = of_memory ? "hpa" : "offset";
  switch (s.operation) {
    case script_operation::dma_write:
    case script_operation::dma_read: read_request(from, s); return s;
    case script_operation::mem_write64:
    case script_operation::reg_write32:
    case script_operation::reg_write64:
      from.only({"op", place, "value"});
      s.value = from.hex("value");
      break;
    default:
      from.only({"op", place, "mask", "expect", "spec_expect", "also_accept", "only_if_pending", "from_specification"});
      read_expectation(from, s);
      break;
  }
  s.address = from.hex(place);
  return s;
}

conformance_script read_line(const vector_fields& line) {
  line.only({"id", "title", "steps", "flags"});
  conformance_script s;
  s.id = line.text("id");
  s.title = line.text("title");
  const vector_fields flags(line.at("flags"), "\"flags\"");
  s.unit.cap = flags.hex("cap");
  s.unit.ecap = flags.hex("ecap");
  s.unit.host_bits = s.unit.widest_address();  // by the scripts' form
  if (!line.at("steps").is_array()) throw input_error("\"steps\" must be a list ([...])");
  for (const json& from : line.at("steps")) s.steps.push_back(step({from, "a step"}));
  return s;
}

}  // namespace

bool is_script(const std::string& line) {
  const json parsed = json::parse(line, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() && parsed.contains("steps");
}

conformance_script parse_script(const std::string& line) {
  const json parsed = parse_vector_line(line);
  return read_line({parsed, "a line"});
}

}  // namespace nestwalk::platforms
