#include "nestwalk/paging/vtd_consistency.h"

#include <cstdio>

namespace nestwalk::paging::vtd {

namespace {

// A bit, by its name and the register that it stands in.
struct capability {
  const char* name;
  bool extended;  // of ECAP
  std::uint64_t mask;

  bool in(const unit_capabilities& u) const { return ((extended ? u.ecap : u.cap) & mask) != 0; }
  const char* owner() const { return extended ? "ecap" : "cap"; }
  std::string text() const {
    unsigned bit = 0;
    while ((mask >> bit & 1) == 0) ++bit;
    return "bit " + std::to_string(bit) + " (" + name + ")";
  }
};

constexpr capability fs1gp{"FS1GP", false, cap::fs1gp};
constexpr capability fs5lp{"FS5LP", false, cap::fs5lp};
constexpr capability pages_2m{"SSLPS, 2-MByte pages", false, cap::sslps_2m};
constexpr capability pages_1g{"SSLPS, 1-GByte pages", false, cap::sslps_1g};
constexpr capability qi{"QI", true, ecap::qi};
constexpr capability dt{"DT", true, ecap::dt};
constexpr capability mts{"MTS", true, ecap::mts};
constexpr capability nest{"NEST", true, ecap::nest};
constexpr capability srs{"SRS", true, ecap::srs};
constexpr capability eafs{"EAFS", true, ecap::eafs};
constexpr capability pasid{"PASID", true, ecap::pasid};
constexpr capability smts{"SMTS", true, ecap::smts};
constexpr capability ssads{"SSADS", true, ecap::ssads};
constexpr capability ssts{"SSTS", true, ecap::ssts};
constexpr capability fsts{"FSTS", true, ecap::fsts};
constexpr capability smpwcs{"SMPWCS", true, ecap::smpwcs};
constexpr capability rps{"RPS", true, ecap::rps};
constexpr capability rprivs{"RPRIVS", true, ecap::rprivs};

// Implementations that report the latter as clear report the former as clear.
constexpr struct {
  capability has;
  capability needs;
} needs[] = {{fs1gp, fsts}, {fs5lp, fsts},   {pages_1g, pages_2m}, {smts, qi},  {dt, qi},       {mts, smts},
             {nest, smts},  {nest, fsts},    {nest, ssts},         {srs, smts}, {eafs, fsts},   {eafs, smpwcs},
             {pasid, smts}, {ssads, smpwcs}, {fsts, smts},         {rps, smts}, {smpwcs, smts}, {rprivs, srs}};

constexpr unsigned last_version_with_commands = 5;
constexpr unsigned most_pasid_bits = 20;
// The end of the registers whose place is fixed, as far as they are modelled.
constexpr unsigned fixed_registers_end = 0xb8;

std::string hexadecimal(unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", value);
  return text;
}

std::string misplaced(const unit_capabilities& u) {
  const unsigned records = u.fault_record_offset();
  const unsigned records_end = records + 16 * u.fault_records();
  const unsigned commands = u.invalidate_address_offset();
  const std::string above = "; take an offset from 0xc0 on";
  if (records < fixed_registers_end)
    return "cap: the fault records, at " + hexadecimal(records) + " by bits 33:24 (FRO), stand on other registers" +
           above;
  if (commands < fixed_registers_end)
    return "ecap: the IOTLB registers, at " + hexadecimal(commands) + " by bits 17:8 (IRO), stand on other registers" +
           above;
  if (commands < records_end && records < commands + 16)
    return "ecap: the IOTLB registers, at " + hexadecimal(commands) +
           " by bits 17:8 (IRO), stand on the fault records, " + hexadecimal(records) + " to " +
           hexadecimal(records_end - 1) + "; take another offset";
  return "";
}

std::string wrong_value(const unit_capabilities& u, unsigned version) {
  if (u.domain_bits() > 16) return "cap: bits 2:0 (ND) are 7, which is reserved; 6 is 16-bit domain ids, the most";
  if (u.can(cap::rwbf) && u.has(ecap::smts))
    return "cap: " + capability{"RWBF", false, cap::rwbf}.text() + " is not for units of scalable mode, which " +
           smts.text() + " of ecap reports; clear either";
  const bool new_version = (version >> 4) > last_version_with_commands;
  const bool tables = u.second_levels(3) || u.second_levels(4) || u.second_levels(5);
  if (!tables && !(new_version && !u.has(ecap::ssts)))
    return "cap: bits 12:8 (SAGAW) name no width of second-stage tables; set bit 9 (39 bits), 10 (48) or 11 (57)";
  if (u.guest_bits() < u.host_bits)
    return "cap: bits 21:16 (MGAW) say " + std::to_string(u.guest_bits()) + " bits of guest address, fewer than the " +
           std::to_string(u.host_bits) + " of host addresses; make them at least " + std::to_string(u.host_bits - 1);
  if (u.pasid_bits() > most_pasid_bits)
    return "ecap: bits 39:35 (PSS) say PASIDs of " + std::to_string(u.pasid_bits()) +
           " bits; 19 there is 20 bits, the most";
  if (new_version && !u.has(ecap::qi))
    return "ecap: from version 6.0 on only the queue invalidates, which " + qi.text() + " reports; set it";
  return "";
}

}  // namespace

std::string contradiction_in(const unit_capabilities& unit, unsigned version) {
  for (const auto& rule : needs) {
    if (!rule.has.in(unit) || rule.needs.in(unit)) continue;
    const std::string elsewhere =
        rule.has.extended == rule.needs.extended ? "" : std::string(" of ") + rule.needs.owner();
    return std::string(rule.has.owner()) + ": " + rule.has.text() + " needs " + rule.needs.text() + elsewhere +
           "; set that, or clear the former";
  }
  const std::string wrong = wrong_value(unit, version);
  return wrong.empty() ? misplaced(unit) : wrong;
}

}  // namespace nestwalk::paging::vtd
