#include "platforms/commands/image_options.h"

#include "platforms/run/progress_line.h"

namespace nestwalk::platforms {

CLI::Option* add_image_options(CLI::App& command, image_choice& choice) {
  constexpr const char* group = "Images";
  constexpr unsigned narrowest = 32;
  constexpr unsigned widest = 52;
  CLI::Option* const image = command.add_option("--image", choice.file,
                                                "a machine's memory: ELF core, LiME or raw; plain, gz, bz2, xz or zst");
  image->group(group)->check([](const std::string& text) { return text.empty() ? "a name is expected" : ""; });
  const auto add = [&](const char* name, auto& into, const char* about) {
    return command.add_option(name, into, about)->needs(image)->group(group);
  };
  add("--base", choice.base, "the physical address at which raw memory begins; by default 0");
  add("--cpu", choice.cpu,
      "the processor whose note gives the registers, where the image has notes of several; by default 0");
  add("--cr0", choice.cr0, "the guest's CR0");
  add("--cr3", choice.cr3, "CR3 of the tables: the guest's, or without a second stage the machine's own");
  add("--cr4", choice.cr4, "the guest's CR4");
  add("--efer", choice.efer, "the guest's EFER; by default LME, LMA and NXE where CR0.PG and CR4.PAE are set");
  add("--pkru", choice.pkru, "the guest's PKRU; by default 0");
  add("--nested-root", choice.nested_root,
      "root of the second stage: EPTP or nested CR3, or the address of its table; needs --cr3");
  add("--nested", choice.nested, "format of the second stage: ept or npt")->check(CLI::IsMember({"ept", "npt"}));
  add("--nested-levels", choice.nested_levels, "levels of the second stage: 4 or 5")->check(CLI::IsMember({4, 5}));
  add("--vendor", choice.vendor, "intel or amd: whose manual holds where they differ; by default as --nested says")
      ->check(CLI::IsMember({"intel", "amd"}));
  add("--physical-bits", choice.physical_bits,
      "width of a physical address, 32 to 52; the bits of an entry beyond it are reserved")
      ->check(CLI::Range(narrowest, widest));
  return image;
}

std::unique_ptr<image::memory_image> open_image(const image_choice& choice, bool quiet) {
  progress_line line(!quiet, "bytes unpacked");
  image::image_options options;
  options.base = choice.base;
  options.progress = [&line](std::uint64_t bytes, double share) { line.show(bytes, share); };
  return image::memory_image::open(choice.file, options);
}

}  // namespace nestwalk::platforms
