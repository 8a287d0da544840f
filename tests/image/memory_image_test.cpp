// What is read as an image, what it holds, and what is said of one that cannot be read.
#include "nestwalk/image/memory_image.h"

#include <fstream>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "image/image_builder.h"
#include "workload/trace_files.h"

namespace nestwalk::image {
namespace {

using test::elf_core;
using test::elf_parts;
using test::image_builder;
using workload::test::has;
using workload::test::message_of;
using workload::test::packed;
using workload::test::packing;
using workload::test::temporary_file;

/// Three pages in two runs; each qword at a page's start is the page's address and 7.
image_builder three_pages() {
  image_builder memory;
  for (const std::uint64_t page : {0x5000u, 0x6000u, 0x9000u}) memory.write(page, page | 7);
  return memory;
}

std::unique_ptr<memory_image> opened(const std::string& content, const image_options& options = {}) {
  const temporary_file file(content, "image");
  return memory_image::open(file.path(), options);
}

std::string refusal(const std::string& content) {
  return message_of([&] { opened(content); });
}

std::uint64_t qword(const memory_image& image, std::uint64_t address) {
  std::uint64_t value = 0;
  return image.read(paging::hpa(address), 8, value) ? value : ~std::uint64_t{0};
}

void expect_three_pages(const memory_image& image) {
  EXPECT_EQ(qword(image, 0x5000), 0x5007u);
  EXPECT_EQ(qword(image, 0x6000), 0x6007u);
  EXPECT_EQ(qword(image, 0x9000), 0x9007u);
  EXPECT_EQ(qword(image, 0x9ff8), 0u);
  std::uint64_t value = 0;
  for (const std::uint64_t missing : {0x0u, 0x4ff8u, 0x7000u, 0x8ff8u, 0xa000u})
    EXPECT_FALSE(image.read(paging::hpa(missing), 8, value)) << std::hex << missing;
  EXPECT_EQ(image.bytes(), 3 * 4096u);
  EXPECT_EQ(image.end(), 0xa000u);
}

TEST(memory_image, reads_an_elf_core_by_physical_address) {
  const auto image = opened(elf_core(three_pages()).file());
  EXPECT_EQ(image->kind(), memory_image::format::elf_core);
  expect_three_pages(*image);
  EXPECT_TRUE(image->cpus().empty());
}

TEST(memory_image, reads_lime) {
  const auto image = opened(test::lime(three_pages()));
  EXPECT_EQ(image->kind(), memory_image::format::lime);
  expect_three_pages(*image);
}

TEST(memory_image, takes_anything_else_for_raw_memory_from_its_base_on) {
  image_options options;
  options.base = 0x5000;
  const image_builder memory = three_pages();
  const auto image = opened(memory.bytes_of(memory.segments(0).front()), options);
  EXPECT_EQ(image->kind(), memory_image::format::raw);
  EXPECT_EQ(qword(*image, 0x5000), 0x5007u);
  EXPECT_EQ(qword(*image, 0x6000), 0x6007u);
  EXPECT_EQ(image->end(), 0x7000u);
}

TEST(memory_image, has_the_registers_of_every_processor_that_a_note_tells_of) {
  const auto image = opened(elf_core(three_pages(), {{1, 0x1000, 0x20}, {0x80000001, 0x7fffe000, 0x1020}}).file());
  ASSERT_EQ(image->cpus().size(), 2u);
  EXPECT_EQ(image->cpus()[0].cr3, 0x1000u);
  EXPECT_EQ(image->cpus()[1].cr0, 0x80000001u);
  EXPECT_EQ(image->cpus()[1].cr3, 0x7fffe000u);
  EXPECT_EQ(image->cpus()[1].cr4, 0x1020u);
}

TEST(memory_image, is_unpacked_by_content) {
  for (const packing how : {packing::gz, packing::xz, packing::zst})
    expect_three_pages(*opened(packed(elf_core(three_pages()).file(), how)));
}

TEST(memory_image, tells_how_far_unpacking_is) {
  std::uint64_t told = 0;
  image_options options;
  options.progress = [&](std::uint64_t bytes, double) { told = bytes; };
  const auto image = opened(packed(std::string(9 << 20, 'x'), packing::zst), options);
  EXPECT_EQ(told, 8u << 20);
  EXPECT_EQ(image->bytes(), 9u << 20);
}

TEST(memory_image, of_a_plain_file_is_read_where_it_is_touched) {
  const temporary_file file("", "image");
  constexpr std::uint64_t size = std::uint64_t{64} << 30;
  ASSERT_EQ(::truncate(file.path().c_str(), static_cast<off_t>(size)), 0);
  const auto image = memory_image::open(file.path());
  EXPECT_EQ(image->end(), size);
  EXPECT_EQ(qword(*image, size - 8), 0u);
  const auto run = image->around(0);
  std::vector<unsigned char> resident(1 << 20);
  ASSERT_EQ(::mincore(run.host, resident.size() * 4096, resident.data()), 0);
  EXPECT_LE(std::count_if(resident.begin(), resident.end(), [](unsigned char page) { return (page & 1) != 0; }), 256)
      << "more than the look at what it is";
}

TEST(memory_image, keeps_what_is_written_from_the_file) {
  const std::string content = elf_core(three_pages()).file();
  const temporary_file file(content, "image");
  const auto image = memory_image::open(file.path());
  const auto run = image->around(0x5000);
  run.host[0] = 99;
  EXPECT_EQ(qword(*image, 0x5000), 0x5063u);
  image->restore();
  EXPECT_EQ(qword(*image, 0x5000), 0x5007u);
  run.host[0] = 99;
  std::ifstream again(file.path(), std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(again), {}), content);
}

TEST(memory_image, says_which_addresses_are_missing) {
  const auto image = opened(elf_core(three_pages()).file());
  EXPECT_EQ(image->around(0).last, 0x4fffu);
  EXPECT_EQ(image->around(0x8000).first, 0x7000u);
  EXPECT_EQ(image->around(0x8000).last, 0x8fffu);
  EXPECT_EQ(image->around(0x8000).host, nullptr);
  EXPECT_EQ(image->around(0x6001).first, 0x5000u);
  EXPECT_EQ(image->around(0x6001).last, 0x6fffu);
  EXPECT_EQ(image->around(~std::uint64_t{0}).first, 0xa000u);
}

TEST(memory_image, of_which_pieces_overlap_and_agree_is_read) {
  elf_parts parts = elf_core(three_pages());
  Elf64_Phdr again = parts.programs[1];  // as the kernel's crash dumps have the kernel's text twice
  again.p_paddr += 0x1000;
  again.p_offset += 0x1000;
  again.p_filesz = again.p_memsz = 0x1000;
  parts.programs.insert(parts.programs.begin() + 1, again);
  ++parts.header.e_phnum;
  for (Elf64_Phdr& each : parts.programs) each.p_offset += sizeof again;
  expect_three_pages(*opened(parts.file()));
}

TEST(memory_image, of_which_pieces_overlap_and_differ_is_refused) {
  elf_parts parts = elf_core(three_pages());
  parts.programs[2].p_paddr = 0x6000;
  EXPECT_TRUE(has(refusal(parts.file()), "hold memory at physical addresses from 0x6000 to 0x6fff and differ"));
}

TEST(memory_image, with_more_headers_than_16_bits_count_is_read) {
  elf_parts parts = elf_core(three_pages());
  Elf64_Shdr section{};
  section.sh_info = parts.header.e_phnum;
  parts.header.e_phnum = PN_XNUM;
  parts.header.e_shoff = parts.file().size();
  std::string file = parts.file();
  test::append(file, section);
  expect_three_pages(*opened(file));
}

TEST(memory_image, leaves_out_what_does_not_fill_eight_bytes) {
  const auto image = opened(std::string(4096 + 5, '\1'));
  EXPECT_EQ(image->end(), 4096u);
}

TEST(memory_image, cut_off_at_any_byte_is_refused_or_shorter) {
  const std::string whole = elf_core(three_pages(), {{1, 2, 3}}).file();
  const std::string in_lime = test::lime(three_pages());
  for (const std::string* const file : {&whole, &in_lime}) {
    for (std::size_t length = 4; length < file->size(); length += length < 256 ? 1 : 251)
      EXPECT_TRUE(has(refusal(file->substr(0, length)), "cut off")) << length;
  }
}

TEST(memory_image, packed_and_cut_off_is_refused) {
  for (const packing how : {packing::gz, packing::xz, packing::zst}) {
    std::string content = elf_core(three_pages()).file();
    for (std::size_t i = 8192; i < content.size(); ++i) content[i] = static_cast<char>(i * i >> 5);
    const std::string archive = packed(content, how);
    EXPECT_TRUE(has(refusal(archive.substr(0, archive.size() / 2)), "archive is corrupt, cut off or empty"));
  }
}

TEST(memory_image, of_another_kind_is_refused_by_name) {
  const auto spoiled = [](auto&& spoil) {
    elf_parts parts = elf_core(three_pages());
    spoil(parts);
    return refusal(parts.file());
  };
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.header.e_ident[EI_DATA] = ELFDATA2MSB; }), "big-endian ELF"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.header.e_ident[EI_CLASS] = ELFCLASS32; }), "32-bit ELF"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.header.e_ident[EI_CLASS] = 9; }), "damaged ELF header"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.header.e_type = ET_EXEC; }), "not a core"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.header.e_machine = EM_AARCH64; }), "x86-64 (62) is expected"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.header.e_phentsize = 32; }), "damaged ELF header"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.programs.resize(1); }), "no memory in this image"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.programs[1].p_paddr = std::uint64_t{1} << 52; }), "end at 2^52"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.programs[1].p_paddr = ~std::uint64_t{0}; }), "end at 2^52"));
  EXPECT_TRUE(has(spoiled([](elf_parts& p) { p.programs[1].p_filesz = ~std::uint64_t{0}; }), "cut off"));
  EXPECT_TRUE(has(refusal(""), "is empty"));
  EXPECT_TRUE(has(refusal("KDUMP   and more"), "a kdump-compressed dump, which is not read; makedumpfile -E"));
  std::string version_2 = test::lime(three_pages());
  version_2[4] = 2;
  EXPECT_TRUE(has(refusal(version_2), "avml-convert"));
  std::string backwards = test::lime(three_pages());
  backwards[17] = 1;
  EXPECT_TRUE(has(refusal(backwards), "ends before it begins"));
}

TEST(memory_image, that_is_missing_is_refused_by_name) {
  EXPECT_TRUE(has(message_of([] { memory_image::open("/no/such/image"); }), "/no/such/image: cannot be opened"));
}

}  // namespace
}  // namespace nestwalk::image
