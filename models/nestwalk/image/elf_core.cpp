#include "nestwalk/image/elf_core.h"

#include <elf.h>
#include <string>

namespace nestwalk::image {
namespace {

// The note of a processor (QEMU, target/i386/arch_dump.c, QEMUCPUState): two words, 18 general registers, 10 segment
// registers of 24 bytes, then CR0 to CR4.
constexpr std::uint64_t registers_offset = 8 + 18 * 8 + 10 * 24;
constexpr std::uint64_t registers_end = registers_offset + 5 * 8;
constexpr std::uint32_t known_version = 1;

std::uint64_t aligned(std::uint64_t size) {
  return (size + 3) & ~std::uint64_t{3};
}

void check_kind(const file_bytes& file) {
  if (!file.holds(0, sizeof(Elf64_Ehdr))) file.fail("ELF file is cut off within its header");
  const auto header = file.number<Elf64_Ehdr>(0);
  if (header.e_ident[EI_DATA] == ELFDATA2MSB) file.fail("big-endian ELF file; a core of an x86-64 machine is expected");
  if (header.e_ident[EI_CLASS] == ELFCLASS32)
    file.fail("32-bit ELF file; a 64-bit core is expected, which QEMU writes for machines with a 64-bit processor");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    file.fail("damaged ELF header: neither 32-bit nor 64-bit, or of no byte order");
  if (header.e_type != ET_CORE)
    file.fail("ELF file of type " + std::to_string(header.e_type) + ", not a core (4): it holds no machine's memory");
  if (header.e_machine != EM_X86_64)
    file.fail("ELF core of machine " + std::to_string(header.e_machine) + "; x86-64 (62) is expected");
  if (header.e_phentsize != sizeof(Elf64_Phdr))
    file.fail("damaged ELF header: program headers of " + std::to_string(header.e_phentsize) + " bytes, not " +
              std::to_string(sizeof(Elf64_Phdr)));
}

/// The number of program headers; where 16 bits do not hold it, it stands in the first section header.
std::uint64_t headers_of(const file_bytes& file, const Elf64_Ehdr& header) {
  if (header.e_phnum != PN_XNUM) return header.e_phnum;
  if (!file.holds(header.e_shoff, sizeof(Elf64_Shdr)))
    file.fail("ELF file is cut off: the number of its program headers stands beyond its end");
  return file.number<Elf64_Shdr>(header.e_shoff).sh_info;
}

void read_load(const file_bytes& file, std::uint64_t number, const Elf64_Phdr& h, layout& found) {
  if (!file.holds(h.p_offset, h.p_filesz))
    file.fail("ELF core is cut off: program header " + std::to_string(number) + " has " + std::to_string(h.p_filesz) +
              " bytes at offset " + std::to_string(h.p_offset) + ", and the file has " + std::to_string(file.size()));
  found.segments.push_back({h.p_paddr, h.p_filesz, h.p_offset});
}

void read_notes(const file_bytes& file, std::uint64_t number, const Elf64_Phdr& h, layout& found) {
  const auto cut_off = [&] {
    file.fail("ELF core is cut off or damaged: a note of program header " + std::to_string(number) +
              " reaches beyond it");
  };
  if (!file.holds(h.p_offset, h.p_filesz)) cut_off();
  const std::uint64_t end = h.p_offset + h.p_filesz;
  for (std::uint64_t at = h.p_offset; at < end;) {
    if (end - at < sizeof(Elf64_Nhdr)) cut_off();
    const auto note = file.number<Elf64_Nhdr>(at);
    const std::uint64_t name = at + sizeof note;
    const std::uint64_t content = name + aligned(note.n_namesz);
    if (content > end || note.n_descsz > end - content) cut_off();
    const bool of_cpu = note.n_namesz == 5 && file.says(name, "QEMU") && note.n_descsz >= registers_end;
    if (of_cpu && file.number<std::uint32_t>(content) == known_version) {
      const auto control = [&](unsigned n) { return file.number<std::uint64_t>(content + registers_offset + 8 * n); };
      found.cpus.push_back({control(0), control(3), control(4)});
    }
    at = content + aligned(note.n_descsz);
  }
}

}  // namespace

bool is_elf(const file_bytes& file) {
  return file.says(0, ELFMAG);
}

layout read_elf_core(const file_bytes& file) {
  check_kind(file);
  const auto header = file.number<Elf64_Ehdr>(0);
  const std::uint64_t count = headers_of(file, header);
  if (!file.holds(header.e_phoff, count * sizeof(Elf64_Phdr)))
    file.fail("ELF core is cut off within its " + std::to_string(count) + " program headers");
  layout found;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto h = file.number<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (h.p_type == PT_LOAD) read_load(file, i, h, found);
    if (h.p_type == PT_NOTE) read_notes(file, i, h, found);
  }
  return found;
}

}  // namespace nestwalk::image
