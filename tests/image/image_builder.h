// Memory images for the tests, made by hand: pages in memory, written out in each format.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <map>
#include <string>
#include <vector>

#include "nestwalk/image/layout.h"

namespace nestwalk::image::test {

/// Pages that are there once something was written to them. Offers what a table_builder asks of a memory.
class image_builder {
 public:
  static constexpr std::uint64_t page_bytes = 4096;
  using page = std::array<char, page_bytes>;

  std::uint64_t read(std::uint64_t address) {
    std::uint64_t value = 0;
    std::memcpy(&value, place(address), sizeof value);
    return value;
  }
  void write(std::uint64_t address, std::uint64_t value) { std::memcpy(place(address), &value, sizeof value); }
  /// Makes the page of `address` be there.
  void touch(std::uint64_t address) { place(address); }
  void remove(std::uint64_t address) { pages_.erase(address / page_bytes); }

  /// The runs of pages, as segments of a file that has them one after the other from `offset` on.
  std::vector<segment> segments(std::uint64_t offset) const {
    std::vector<segment> all;
    for (const auto& [number, bytes] : pages_) {
      if (all.empty() || all.back().end() != number * page_bytes) all.push_back({number * page_bytes, 0, offset});
      all.back().bytes += page_bytes;
      offset += page_bytes;
    }
    return all;
  }
  /// The bytes of a segment.
  std::string bytes_of(const segment& s) const {
    std::string bytes;
    for (std::uint64_t at = s.first; at < s.end(); at += page_bytes) {
      const page& p = pages_.at(at / page_bytes);
      bytes.append(p.data(), p.size());
    }
    return bytes;
  }

 private:
  char* place(std::uint64_t address) { return pages_[address / page_bytes].data() + address % page_bytes; }

  std::map<std::uint64_t, page> pages_;
};

template <class Plain>
void append(std::string& to, const Plain& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A note as QEMU writes one for each processor.
inline std::string cpu_note(const cpu_registers& r) {
  std::string content(440, '\0');
  const auto put = [&](std::size_t at, auto value) { std::memcpy(content.data() + at, &value, sizeof value); };
  put(0, std::uint32_t{1});
  put(4, std::uint32_t{440});
  put(392, r.cr0);
  put(392 + 24, r.cr3);
  put(392 + 32, r.cr4);
  std::string note;
  append(note, Elf64_Nhdr{5, static_cast<Elf64_Word>(content.size()), 0});
  note.append("QEMU\0\0\0", 8);
  return note + content;
}

/// The parts of an ELF core, to be spoiled by a test before they are put together.
struct elf_parts {
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> programs;
  std::string notes;
  std::string body;

  std::string file() const {
    std::string all;
    append(all, header);
    for (const Elf64_Phdr& each : programs) append(all, each);
    return all + notes + body;
  }
};

/// An ELF core of the pages: a PT_NOTE, then a PT_LOAD for each run.
inline elf_parts elf_core(const image_builder& memory, const std::vector<cpu_registers>& cpus = {}) {
  elf_parts parts;
  for (const cpu_registers& each : cpus) parts.notes += cpu_note(each);
  const std::size_t count = memory.segments(0).size() + 1;
  const std::uint64_t notes_at = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);
  Elf64_Phdr note{};
  note.p_type = PT_NOTE;
  note.p_offset = notes_at;
  note.p_filesz = parts.notes.size();
  parts.programs.push_back(note);
  for (const segment& each : memory.segments(notes_at + parts.notes.size())) {
    Elf64_Phdr load{};
    load.p_type = PT_LOAD;
    load.p_offset = each.offset;
    load.p_paddr = each.first;
    load.p_filesz = load.p_memsz = each.bytes;
    parts.programs.push_back(load);
    parts.body += memory.bytes_of(each);
  }
  std::memcpy(parts.header.e_ident, ELFMAG, SELFMAG);
  parts.header.e_ident[EI_CLASS] = ELFCLASS64;
  parts.header.e_ident[EI_DATA] = ELFDATA2LSB;
  parts.header.e_ident[EI_VERSION] = EV_CURRENT;
  parts.header.e_type = ET_CORE;
  parts.header.e_machine = EM_X86_64;
  parts.header.e_version = EV_CURRENT;
  parts.header.e_phoff = sizeof(Elf64_Ehdr);
  parts.header.e_ehsize = sizeof(Elf64_Ehdr);
  parts.header.e_phentsize = sizeof(Elf64_Phdr);
  parts.header.e_phnum = static_cast<Elf64_Half>(count);
  return parts;
}

/// A LiME image of the pages.
inline std::string lime(const image_builder& memory) {
  std::string all;
  for (const segment& each : memory.segments(0)) {
    append(all, std::uint32_t{0x4c694d45});
    append(all, std::uint32_t{1});
    append(all, each.first);
    append(all, each.end() - 1);
    append(all, std::uint64_t{0});
    all += memory.bytes_of(each);
  }
  return all;
}

}  // namespace nestwalk::image::test
