#include "platforms/image/image_state.h"

#include <algorithm>

#include <fmt/format.h>

#include "nestwalk/image/second_stage.h"
#include "nestwalk/paging/register_flush.h"
#include "nestwalk/paging/register_write.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::platforms {
namespace {

namespace cr0 = paging::cr0;
namespace cr4 = paging::cr4;
namespace efer = paging::efer;

constexpr std::uint64_t usual_cr0 = cr0::pg | cr0::wp | cr0::pe;
constexpr std::uint64_t usual_cr4 = cr4::pae | cr4::pge;
constexpr std::uint64_t usual_efer = efer::lme | efer::lma | efer::nxe;
constexpr unsigned page_bytes = 4096;

/// Puts a state together, value by value, and remembers where each is from.
class state_maker {
 public:
  state_maker(const image_choice& choice, const image::memory_image& image, const paging::capabilities& base)
      : choice_(choice), image_(image) {
    made_.processor = base;
    if (choice.cpu < image.cpus().size()) note_ = &image.cpus()[choice.cpu];
    if (choice.cpu != 0 && note_ == nullptr)
      throw input_error(
          fmt::format("--cpu {}: the image has the registers of {} processors", choice.cpu, image.cpus().size()));
  }

  image_state make() {
    const value_origin vendor_from = take_vendor();
    take_guest();
    state_processor(vendor_from, take_width());
    if (choice_.nested_root) take_second_stage();
    if (!choice_.nested_root && (!choice_.nested.empty() || choice_.nested_levels))
      throw input_error("--nested, --nested-levels: without --nested-root there is no second stage; give its root");
    if (paging::refuses_cr3(made_.guest, made_.guest.cr3, made_.processor))
      throw input_error(
          fmt::format("CR3 {:#x}: bits are set beyond the physical width of {} bits; --physical-bits is the "
                      "processor's, 52 at most",
                      made_.guest.cr3, made_.processor.physical_bits));
    return std::move(made_);
  }

 private:
  struct taken {
    std::uint64_t value;
    value_origin from;
  };

  taken choose(const std::optional<std::uint64_t>& given, std::uint64_t image::cpu_registers::*in_note,
               std::uint64_t usual) const {
    if (given) return {*given, value_origin::given};
    if (in_note != nullptr && note_ != nullptr) return {note_->*in_note, value_origin::note};
    return {usual, value_origin::assumed};
  }
  void state(const char* group, const char* name, const taken& t) {
    made_.values.push_back({group, name, fmt::format("{:#x}", t.value), t.from});
  }
  /// Takes `unknown` bits out of a value.
  std::uint64_t without(std::uint64_t unknown, const char* name, std::uint64_t value) {
    if (unknown != 0)
      made_.remarks.push_back(fmt::format("{} bits {:#x} are not modelled and left out", name, unknown));
    return value & ~unknown;
  }

  void take_guest() {
    constexpr std::uint64_t upper_half = 0xffff'ffff'0000'0000;
    constexpr std::uint64_t linear_address_masking = std::uint64_t{3} << 61;
    paging::paging_registers& g = made_.guest;
    if (choice_.nested_root && !choice_.cr3)
      throw input_error(
          "--nested-root: needs --cr3, the guest's: a CPU note has the CR3 of the machine that was dumped");
    if (!choice_.cr3 && note_ == nullptr)
      throw input_error(image_.name() + ": no CPU note with registers; --cr3 says where the tables are");

    const taken control0 = choose(choice_.cr0, &image::cpu_registers::cr0, usual_cr0);
    const taken control3 = choose(choice_.cr3, &image::cpu_registers::cr3, 0);
    const taken control4 = choose(choice_.cr4, &image::cpu_registers::cr4, usual_cr4);
    g.cr0 = without(control0.value & upper_half, "CR0", control0.value);
    g.cr4 = without(paging::not_modelled_in_cr4(control4.value, made_.processor), "CR4", control4.value);
    g.cr3 = without(control3.value & linear_address_masking, "CR3", control3.value & ~paging::cr3::no_flush);
    const bool long_mode = (g.cr0 & cr0::pg) != 0 && (g.cr4 & cr4::pae) != 0;
    const taken extended = choose(choice_.efer, nullptr, long_mode ? usual_efer : 0);
    g.efer = without(paging::not_modelled_in_efer(extended.value), "EFER", extended.value);
    g.efer = paging::efer_with_lma(g.efer, g.cr0);
    if ((g.efer & efer::lma) != 0 && (g.cr4 & cr4::pae) == 0)
      throw input_error("EFER.LME is set with CR4.PAE clear: no paging mode has both; --efer and --cr4 set them");
    const taken keys = choose(choice_.pkru, nullptr, 0);
    g.pkru = static_cast<std::uint32_t>(keys.value);
    if (paging::refuses_pkru(keys.value)) throw input_error(fmt::format("--pkru {:#x}: has 32 bits", keys.value));
    if (choice_.nested_root && (control0.from == value_origin::note || control4.from == value_origin::note))
      made_.remarks.emplace_back(
          "A CPU note is of the machine that was dumped: it is the guest's only where its processor was in the guest");
    state("guest", "CR0", control0);
    state("guest", "CR3", control3);
    state("guest", "CR4", control4);
    state("guest", "EFER", extended);
    if ((g.cr4 & cr4::pke) != 0 || choice_.pkru) state("guest", "PKRU", keys);
  }

  /// The given vendor, or the one with that second stage, or the configuration's.
  value_origin take_vendor() {
    const bool by_format = choice_.nested_root && !choice_.nested.empty();
    const std::string name = !choice_.vendor.empty() ? choice_.vendor
                             : by_format             ? (choice_.nested == "npt" ? "amd" : "intel")
                             : made_.processor.maker == paging::vendor::amd ? "amd"
                                                                            : "intel";
    if (by_format && (choice_.nested == "npt") != (name == "amd"))
      throw input_error(
          fmt::format("--vendor {}: has no second stage of the format --nested {}", name, choice_.nested));
    made_.processor.maker = name == "amd" ? paging::vendor::amd : paging::vendor::intel;
    return !choice_.vendor.empty() || by_format ? value_origin::given : value_origin::assumed;
  }

  /// The given width, or the configuration's, or more where the image has memory beyond that.
  value_origin take_width() {
    unsigned& bits = made_.processor.physical_bits;
    while (!choice_.physical_bits && bits < 52 && ((image_.end() - 1) >> bits) != 0) ++bits;
    if (choice_.physical_bits) bits = *choice_.physical_bits;
    return choice_.physical_bits ? value_origin::given : value_origin::assumed;
  }

  void state_processor(value_origin vendor_from, value_origin width_from) {
    const char* const vendor = made_.processor.maker == paging::vendor::amd ? "amd" : "intel";
    made_.values.push_back({"processor", "vendor", vendor, vendor_from});
    made_.values.push_back(
        {"processor", "physical address bits", fmt::format("{}", made_.processor.physical_bits), width_from});
  }

  void take_second_stage() {
    protocol::translation_controls& c = made_.controls;
    c.nested_paging = true;
    c.format = made_.processor.maker == paging::vendor::amd ? paging::nested_kind::npt : paging::nested_kind::ept;
    if (c.format == paging::nested_kind::ept)
      take_ept();
    else
      take_npt();
  }

  void take_ept() {
    constexpr std::uint64_t write_back = 6;
    std::uint64_t& pointer = made_.controls.ept.eptp;
    pointer = *choice_.nested_root;
    value_origin from = value_origin::given;
    if (pointer % page_bytes == 0) {  // an address alone
      pointer |= write_back | std::uint64_t{choice_.nested_levels.value_or(4) - 1} << 3;
      from = choice_.nested_levels ? value_origin::given : value_origin::assumed;
    } else if (choice_.nested_levels && *choice_.nested_levels != paging::eptp::levels(pointer)) {
      throw input_error(fmt::format("--nested-levels {}: the EPTP {:#x} has {} in its bits 5:3", *choice_.nested_levels,
                                    pointer, paging::eptp::levels(pointer)));
    }
    if (const char* const wrong = paging::why_invalid_eptp(pointer, made_.processor))
      throw input_error(fmt::format("--nested-root {:#x}: the EPTP is refused: {}", pointer, wrong));
    state("second stage", "EPTP", {pointer, from});
  }

  void take_npt() {
    paging::paging_registers& host = made_.controls.host;
    const bool noted = note_ != nullptr && (note_->cr4 & cr4::pae) != 0;
    host.cr0 = usual_cr0;
    host.cr3 = *choice_.nested_root;
    host.cr4 = usual_cr4 | (noted ? note_->cr4 & cr4::la57 : 0);
    host.efer = usual_efer;
    if (choice_.nested_levels) host.cr4 = usual_cr4 | (*choice_.nested_levels == 5 ? cr4::la57 : 0);
    if (paging::refuses_cr3(host, host.cr3, made_.processor))
      throw input_error(
          fmt::format("--nested-root {:#x}: beyond the physical width of {} bits; --physical-bits is the "
                      "processor's, 52 at most",
                      host.cr3, made_.processor.physical_bits));
    state("second stage", "nCR3", {host.cr3, value_origin::given});
    made_.values.push_back({"second stage", "levels", (host.cr4 & cr4::la57) != 0 ? "5" : "4",
                            choice_.nested_levels ? value_origin::given
                            : noted               ? value_origin::note
                                                  : value_origin::assumed});
  }

  const image_choice& choice_;
  const image::memory_image& image_;
  const image::cpu_registers* note_ = nullptr;
  image_state made_;
};

}  // namespace

const char* name_of(value_origin from) {
  switch (from) {
    case value_origin::given: return "given";
    case value_origin::note: return "CPU note";
    case value_origin::assumed: break;
  }
  return "assumed";
}

image_state state_of(const image_choice& choice, const image::memory_image& image, const paging::capabilities& base) {
  return state_maker(choice, image, base).make();
}

paging::domain domain_of(const image_state& state, const image::memory_image& image) {
  paging::domain c;
  c.nested_on = state.nested();
  if (c.nested_on)
    c.nested = state.controls.format == paging::nested_kind::ept
                   ? paging::decode_ept(state.controls.ept, state.processor)
                   : paging::decode_npt(state.controls.host, state.processor);
  paging::paging_registers guest = state.guest;
  const bool walked = c.nested_on && c.nested.walks_pdptes();
  if (paging::pae_paging(guest) && !walked) {
    const paging::gpa at = paging::pdptes_at(guest);
    paging::hpa place(at.value);
    bool there = true;
    if (c.nested_on) {
      const image::second_stage::answer answer = image::second_stage(c, image).page(at);
      there = answer.mapped();
      place = answer.page.translate(at);
    }
    for (unsigned i = 0; there && i < guest.pdpte.size(); ++i)
      if (!image.read(place + std::uint64_t{i} * 8, 8, guest.pdpte[i])) guest.pdpte[i] = 0;
  }
  c.guest = paging::decode_guest(guest, state.processor, c.nested_on ? &c.nested : nullptr);
  return c;
}

}  // namespace nestwalk::platforms
