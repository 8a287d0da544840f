#include "image/linux_npt.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "image/unpacked.h"

namespace nestwalk::image::test {
namespace {

using json = nlohmann::json;

constexpr const char* image_path = NESTWALK_IMAGES "/linux-npt.elf.zst";
constexpr const char* truth_path = NESTWALK_IMAGES "/linux-npt.jsonl.zst";

std::uint64_t number(const json& text) {
  return std::stoull(text.get<std::string>(), nullptr, 16);
}

std::optional<bool> flag(const json& row, const char* key) {
  if (!row.contains(key)) return std::nullopt;
  return row[key].get<int>() != 0;
}

page_truth page_of(const json& row) {
  page_truth t;
  t.from_pagemaps = row["source"] == "pagemaps";
  t.gva = number(row["gva"]);
  t.gpa = number(row["gpa"]);
  if (!row["hpa"].is_null()) {
    t.hpa = number(row["hpa"]);
    t.host_log2 = row["host_log2"];
  }
  t.guest_log2 = row["guest_log2"];
  t.guest_write = *flag(row, "guest_write");
  t.guest_user = *flag(row, "guest_user");
  t.guest_execute = *flag(row, "guest_execute");
  t.host_write = flag(row, "host_write");
  t.host_execute = flag(row, "host_execute");
  t.global = flag(row, "global");
  return t;
}

}  // namespace

std::string page_truth::name() const {
  std::ostringstream text;
  text << std::hex << "gva 0x" << gva << ", gpa 0x" << gpa;
  return text.str();
}

linux_npt::linux_npt() : image(memory_image::open(image_path)) {
  std::istringstream lines(unpacked(truth_path));
  std::string line;
  std::getline(lines, line);
  const json first = json::parse(line);
  cr3 = number(first["cr3"]);
  nested_root = number(first["nested_root"]);
  while (std::getline(lines, line)) pages.push_back(page_of(json::parse(line)));
}

paging::paging_registers linux_npt::guest_registers() const {
  paging::paging_registers guest;
  guest.cr0 = image->cpus().front().cr0;
  guest.cr4 = image->cpus().front().cr4;
  guest.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
  guest.cr3 = cr3;
  return guest;
}

paging::paging_registers linux_npt::host_registers() const {
  paging::paging_registers host = guest_registers();
  host.cr3 = nested_root;
  return host;
}

paging::domain linux_npt::domain(unsigned physical_bits) const {
  paging::capabilities processor;
  processor.maker = paging::vendor::amd;
  processor.physical_bits = physical_bits;
  paging::domain c;
  c.nested = paging::decode_npt(host_registers(), processor);
  c.nested_on = true;
  c.guest = paging::decode_guest(guest_registers(), processor, &c.nested);
  return c;
}

}  // namespace nestwalk::image::test
