// How long it takes to find everything that a guest of 64 GiB maps by pages of 4K, through EPT pages of 4K.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include "nestwalk/image/mapping_scan.h"
#include "support/table_builder.h"

namespace {

using namespace nestwalk;
namespace leaf = nestwalk::test::leaf;

constexpr std::uint64_t gib = std::uint64_t{1} << 30;
constexpr std::uint64_t memory_bytes = 64 * gib;
constexpr std::uint64_t pages = memory_bytes >> paging::page_4k;
constexpr std::uint64_t entries = 512;
constexpr std::uint64_t table_bytes = 4096;
/// The tables of a stage: lowest first, each level after the other, then the root.
constexpr std::uint64_t lowest_tables = pages / entries;
constexpr std::uint64_t middle_tables = lowest_tables / entries;
constexpr std::uint64_t nested_tables = memory_bytes;  // host-physical
constexpr std::uint64_t guest_tables = memory_bytes;   // guest-physical, by one EPT page of 1G
constexpr std::uint64_t guest_backing = 66 * gib;      // and where that is
constexpr std::uint64_t root_at = (lowest_tables + middle_tables + 1) * table_bytes;

/// Page `number` goes there: in a row, or so that no neighbour stays one. Both factors are odd, so every page is met.
std::uint64_t target(std::uint64_t number, bool scattered, std::uint64_t factor) {
  return (scattered ? number * factor % pages : number) << paging::page_4k;
}

/// The tables of both stages in a raw file with holes, gone with it.
class big_guest {
 public:
  explicit big_guest(bool scattered)
      : path_((std::filesystem::temp_directory_path() / ("nestwalk-map." + std::to_string(::getpid()))).string()) {
    std::ofstream file(path_, std::ios::binary);
    write_stage(file, nested_tables, nested_tables, scattered, 2654435761, leaf::ept, leaf::ept_rwx);
    write_stage(file, guest_backing, guest_tables, scattered, 81007, leaf::x86, leaf::x86_clean | paging::x86_entry::a);
    const std::uint64_t upper = nested_tables + (lowest_tables + middle_tables) * table_bytes;
    write(file, guest_backing + root_at + table_bytes - 8, 0);  // the last table, whole
    write(file, upper + (guest_tables / gib) * 8, guest_backing | leaf::ept | paging::page_size_bit);
    if (!file) throw std::runtime_error(path_ + ": cannot be written");
  }
  big_guest(const big_guest&) = delete;
  big_guest& operator=(const big_guest&) = delete;
  ~big_guest() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }
  static paging::domain domain() {
    paging::paging_registers guest;
    guest.cr0 = paging::cr0::pg | paging::cr0::pe | paging::cr0::wp;
    guest.cr4 = paging::cr4::pae | paging::cr4::pge;
    guest.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
    guest.cr3 = guest_tables + root_at;
    paging::domain d;
    d.nested = paging::decode_ept({(nested_tables + root_at) | 0x1e, false, false}, {});
    d.nested_on = true;
    d.guest = paging::decode_guest(guest, {}, &d.nested);
    return d;
  }

 private:
  static void write(std::ofstream& file, std::uint64_t at, std::uint64_t entry) {
    file.seekp(static_cast<std::streamoff>(at));
    file.write(reinterpret_cast<const char*>(&entry), sizeof entry);
  }
  /// Entries that refer to tables one after the other.
  static void write_tables(std::ofstream& file, std::uint64_t at, std::uint64_t count, std::uint64_t first,
                           std::uint64_t flags) {
    file.seekp(static_cast<std::streamoff>(at));
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t entry = (first + i * table_bytes) | flags;
      file.write(reinterpret_cast<const char*>(&entry), sizeof entry);
    }
  }
  /// A stage's tables, which are at `place` in the file and at `base` in the space that they live in.
  static void write_stage(std::ofstream& file, std::uint64_t place, std::uint64_t base, bool scattered,
                          std::uint64_t factor, std::uint64_t page_flags, std::uint64_t table_flags) {
    const std::uint64_t middle = lowest_tables * table_bytes;
    const std::uint64_t upper = middle + middle_tables * table_bytes;
    file.seekp(static_cast<std::streamoff>(place));
    for (std::uint64_t page = 0; page < pages; ++page) {
      const std::uint64_t entry = target(page, scattered, factor) | page_flags;
      file.write(reinterpret_cast<const char*>(&entry), sizeof entry);
    }
    write_tables(file, place + middle, lowest_tables, base, table_flags);
    write_tables(file, place + upper, middle_tables, base + middle, table_flags);
    write_tables(file, place + root_at, 1, base + upper, table_flags);
  }

  std::string path_;
};

void map_64_gib_by_4k(benchmark::State& state) {
  const big_guest guest(state.range(0) != 0);
  const paging::domain domain = big_guest::domain();
  std::uint64_t mapped = 0;
  std::uint64_t ranges = 0;
  for (auto _ : state) {
    const auto image = image::memory_image::open(guest.path());
    image::mapping_scan(domain, *image).run([&](const image::mapped_range& r) {
      mapped += r.mapped() ? r.bytes : 0;
      ++ranges;
    });
  }
  if (mapped != static_cast<std::uint64_t>(state.iterations()) * memory_bytes)
    state.SkipWithError("not everything is mapped");
  state.counters["ranges"] = static_cast<double>(ranges) / static_cast<double>(state.iterations());
}
BENCHMARK(map_64_gib_by_4k)->ArgName("scattered")->Arg(0)->Arg(1)->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace
