#include "nestwalk/workload/foreign_format.h"

#include <algorithm>
#include <cstdint>

#include "nestwalk/workload/lackey_line.h"
#include "nestwalk/workload/lackey_text.h"
#include "nestwalk/workload/text.h"

namespace nestwalk::workload {

namespace {

using namespace std::string_view_literals;

struct magic {
  std::size_t at;
  std::string_view bytes;
  const char* is;  ///< and what to do about it
};

// At least four bytes each: a ChampSim trace begins with the low bytes of any address.
constexpr magic archives[] = {
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive"}, {0, "Rar!\x1a\7"sv, "a rar archive"},
    {0, "\x04\x22\x4d\x18"sv, "an lz4 file"},    {0, "!<arch>\n"sv, "an ar archive"},
    {257, "ustar"sv, "a tar archive"},
};
constexpr const char* unpack_it = "; unpack it, and give the trace in it";

constexpr magic others[] = {
    {0, "\x7f\x45LF"sv, "an ELF program or library; trace it with 'valgrind --tool=lackey --trace-mem=yes PROGRAM'"},
    {0, "\xcf\xfa\xed\xfe"sv, "a Mach-O program"},
    {0, "\xd4\xc3\xb2\xa1"sv, "a pcap capture of a network"},
    {0, "\xa1\xb2\xc3\xd4"sv, "a pcap capture of a network"},
    {0, "\x4d\x3c\xb2\xa1"sv, "a pcap capture of a network"},
    {0, "\xa1\xb2\x3c\x4d"sv, "a pcap capture of a network"},
    {0, "\x0a\x0d\x0d\x0a"sv, "a pcapng capture of a network"},
    {0, "PERFILE2"sv, "a recording of Linux perf"},
    {0, "gem5"sv, "a gem5 trace (protocol buffers)"},
    {0, "TFIS"sv, "a Sniper SIFT trace"},
    {0, "SQLite format 3"sv, "an SQLite database"},
    {0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file"},
    {0, "\x93NUMPY"sv, "a NumPy array"},
    {0, "PAR1"sv, "a Parquet table"},
    {0, "%PDF-"sv, "a PDF document"},
    {0, "\x89PNG\r\n\x1a\n"sv, "a PNG picture"},
    {0, "version https://git-lfs.github.com/"sv,
     "a Git LFS pointer, in place of the file; fetch it with 'git lfs pull'"},
    {0, "<!DOCTYPE html"sv, "a web page"},
    {0, "<html"sv, "a web page"},
};

template <std::size_t N>
const char* find(const magic (&table)[N], std::string_view start) {
  for (const magic& each : table)
    if (start.size() >= each.at && start.substr(each.at, each.bytes.size()) == each.bytes) return each.is;
  return nullptr;
}

/// A local header, with a version of the format that there is, or the end of an archive of nothing.
bool is_zip(std::string_view start) {
  constexpr unsigned char latest_version = 0x3f;
  if (start.substr(0, 4) == "PK\5\6") return true;
  return start.size() >= 6 && start.substr(0, 4) == "PK\3\4" &&
         static_cast<unsigned char>(start[4]) <= latest_version && static_cast<unsigned char>(start[5]) <= 30;
}

/// UTF-16 behind its mark, as PowerShell's > writes.
bool is_utf16(std::string_view start) {
  return start.size() >= 4 && ((start.substr(0, 2) == "\xff\xfe" && start[3] == '\0' && start[2] != '\0') ||
                               (start.substr(0, 2) == "\xfe\xff" && start[2] == '\0' && start[3] != '\0'));
}

/// DynamoRIO's offline traces (drmemtrace): entries of 12 bytes, a type, a size and an address, of which the first is
/// the header (type 25) with the format's version.
bool is_dynamorio(std::string_view start) {
  constexpr std::size_t entry_size = 12;
  constexpr unsigned header = 25;
  constexpr unsigned types = 128;
  const auto type_at = [start](std::size_t at) {
    return static_cast<unsigned char>(start[at]) | unsigned{static_cast<unsigned char>(start[at + 1])} << 8;
  };
  if (start.size() < 2 * entry_size || type_at(0) != header || type_at(2) != 0) return false;
  if (load_eight(start.data() + 4) > 0xff) return false;
  for (std::size_t at = entry_size; at + entry_size <= start.size(); at += entry_size)
    if (type_at(at) >= types) return false;
  return true;
}

bool is_hex(std::string_view text) {
  if (text.substr(0, 2) == "0x") text.remove_prefix(2);
  return !text.empty() && text.size() <= 16 && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

/// Takes the next word off `line`.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t\r")));
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

/// 'IP: R ADDRESS' or W, as Pin's example pinatrace writes; more may follow.
bool is_pinatrace(std::string_view line) {
  std::string_view ip = take_word(line);
  if (ip.size() < 2 || ip.back() != ':' || ip.substr(0, 2) != "0x") return false;
  ip.remove_suffix(1);
  const std::string_view kind = take_word(line);
  return is_hex(ip) && (kind == "R" || kind == "W") && is_hex(take_word(line));
}

/// 'LABEL ADDRESS': dinero III labels 0 to 4, dinero IV also letters and a size behind the address.
bool is_dinero(std::string_view line) {
  const std::string_view label = take_word(line);
  if (label.size() != 1 || "01234rwimcv"sv.find(label[0]) == std::string_view::npos) return false;
  if (!is_hex(take_word(line))) return false;
  const std::string_view size = take_word(line);
  return (size.empty() || is_hex(size)) && take_word(line).empty();
}

/// Whether `is` holds for each whole line, of which there must be two, or for one that is all there is. Lines that
/// begin with # are comments.
bool all_lines(std::string_view start, bool (*is)(std::string_view)) {
  unsigned count = 0;
  for (std::size_t at = 0; at < start.size();) {
    const std::size_t end = start.find('\n', at);
    if (end == std::string_view::npos && count != 0) break;  // it may be cut off
    const std::string_view line = start.substr(at, end - at);
    at = std::min(end, start.size() - 1) + 1;
    if (line.empty() || line[0] == '#') continue;
    if (!is(line)) return false;
    ++count;
  }
  return count != 0;
}

}  // namespace

std::string foreign_format(std::string_view start) {
  // These may well hold the text of a trace, as it is.
  if (const char* const archive = find(archives, start); archive != nullptr) return std::string(archive) + unpack_it;
  if (is_zip(start)) return std::string("a zip archive") + unpack_it;
  if (holds_lackey_line(start)) return {};
  if (const char* const other = find(others, start); other != nullptr) return other;
  if (is_utf16(start)) return "text in UTF-16; write it as plain text (PowerShell: Out-File -Encoding ascii)";
  if (is_dynamorio(start)) return "a DynamoRIO trace (drmemtrace)";
  if (all_lines(start, &is_pinatrace)) return "the text of Pin's pinatrace";
  if (all_lines(start, &is_dinero)) return "a dinero trace (din, text)";
  return {};
}

}  // namespace nestwalk::workload
