// ELF cores of whole machines: QEMU's dump-guest-memory, the kernel's crash dumps.
#pragma once

#include "nestwalk/image/file_bytes.h"
#include "nestwalk/image/layout.h"

namespace nestwalk::image {

/// Whether the file begins as ELF does.
bool is_elf(const file_bytes& file);

/// Reads the headers of an ELF core of an x86-64 machine: each PT_LOAD is memory at its p_paddr, for the p_filesz bytes
/// that the file has of it; each note named "QEMU" is a processor's registers. Throws `input_error` for an ELF file of
/// another kind, and for one that is cut off or damaged.
layout read_elf_core(const file_bytes& file);

}  // namespace nestwalk::image
