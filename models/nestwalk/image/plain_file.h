// An image's bytes as a plain file, whatever they were packed with.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace nestwalk::image {

/// How far unpacking is: bytes made, and the share of the packed file that was read (negative where not known).
using unpacking_progress = std::function<void(std::uint64_t bytes, double share)>;

/// A descriptor of the caller's: of the file at `path` where it is a plain one; of a nameless temporary file where it
/// is packed (gz, bz2, xz, zst, told by content), or no regular file ("-" is standard input), into which it is copied
/// once, with holes for pages of zeroes. Throws `input_error` where it is missing, unreadable, empty or a damaged
/// archive, or where the folder for temporary files (TMPDIR, or /tmp) has no room. Once `stop` (may be null) is true,
/// copying ends with an `input_error` at the next read that a signal interrupts.
int open_plain(const std::string& path, const unpacking_progress& progress, const std::atomic<bool>* stop = nullptr);

}  // namespace nestwalk::image
