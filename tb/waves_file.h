// A file of waveforms as Verilator writes it.
#pragma once

#include <string>

namespace nestwalk::tb {

/// Whether the FST file is whole: its blocks, each of which says how long it is, end where the file does. Verilator's
/// writer does not look whether its writes succeed, so a full disk leaves a file that ends early.
bool is_whole_fst(const std::string& path);

}  // namespace nestwalk::tb
