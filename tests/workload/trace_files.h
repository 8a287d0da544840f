// Trace files for the tests: written, packed, and read to their end.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "nestwalk/protocol/error.h"
#include "nestwalk/workload/source.h"

namespace nestwalk::workload::test {

/// A file that is there as long as this is, with a name of its own.
class temporary_file {
 public:
  explicit temporary_file(const std::string& content, const std::string& name = "trace") {
    std::string folder = (std::filesystem::temp_directory_path() / "nestwalk.XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    path_ = (folder_ / name).string();
    std::ofstream(path_, std::ios::binary) << content;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::filesystem::remove_all(folder_); }

  const std::string& path() const { return path_; }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

enum class packing { gz, bz2, xz, zst };

/// `content` as one packed stream.
inline std::string packed(const std::string& content, packing how) {
  std::string result(content.size() + 4096, '\0');
  std::size_t used = 0;
  archive* const writer = archive_write_new();
  if (how == packing::gz) archive_write_add_filter_gzip(writer);
  if (how == packing::bz2) archive_write_add_filter_bzip2(writer);
  if (how == packing::xz) archive_write_add_filter_xz(writer);
  if (how == packing::zst) archive_write_add_filter_zstd(writer);
  archive_write_set_format_raw(writer);
  archive_write_set_bytes_per_block(writer, 0);
  EXPECT_EQ(archive_write_open_memory(writer, result.data(), result.size(), &used), ARCHIVE_OK);
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
  EXPECT_EQ(archive_write_data(writer, content.data(), content.size()), static_cast<la_ssize_t>(content.size()));
  archive_entry_free(entry);
  EXPECT_EQ(archive_write_close(writer), ARCHIVE_OK);
  archive_write_free(writer);
  result.resize(used);
  return result;
}

/// All operations of `from`, read `batch` at a time.
inline std::vector<operation> all_of(source& from, std::size_t batch = 100) {
  std::vector<operation> all;
  std::vector<operation> some(batch);
  while (const std::size_t count = from.next(some.data(), batch))
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  return all;
}

/// The operations of `from` until it throws, and what it says; no message when it does not throw.
struct reading {
  std::vector<operation> operations;
  std::string message;
};

inline reading read_until_error(source& from, std::size_t batch = 100) {
  reading result;
  std::vector<operation> some(batch);
  try {
    while (const std::size_t count = from.next(some.data(), batch))
      result.operations.insert(result.operations.end(), some.begin(),
                               some.begin() + static_cast<std::ptrdiff_t>(count));
  } catch (const input_error& error) {
    result.message = error.what();
  }
  return result;
}

/// The message of the `input_error` that `action` throws; empty when it throws none.
template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const input_error& error) {
    return error.what();
  }
  return {};
}

inline bool has(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

inline bool same(const operation& a, const operation& b) {
  return a.kind == b.kind && a.call == b.call && a.size == b.size && a.argument == b.argument &&
         a.address == b.address && a.length == b.length;
}

inline bool same(const std::vector<operation>& a, const std::vector<operation>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i])) return false;
  return true;
}

/// What random tests begin from: NESTWALK_SEED, or 1.
inline unsigned seed() {
  const char* const given = std::getenv("NESTWALK_SEED");
  const unsigned value = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 0)) : 1;
  std::cout << "NESTWALK_SEED=" << value << '\n';
  return value;
}

/// A lackey trace of `lines` accesses, all different.
inline std::string lackey_text(unsigned lines) {
  constexpr const char* kinds[] = {"I  ", " L ", " S ", " M "};
  std::string text;
  char line[48];
  for (unsigned i = 0; i < lines; ++i) {
    std::snprintf(line, sizeof line, "%s%08llx,%u\n", kinds[i % 4],
                  (i % 3 == 0 ? 0x1ffe000000ull : 0x4000000ull) + i * 7919ull, i % 16 + 1);
    text += line;
  }
  return text;
}

}  // namespace nestwalk::workload::test
