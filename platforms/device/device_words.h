// Device-table entries and requests by the names of the VT-d specification.
#pragma once

#include <cstdint>
#include <string>

#include "nestwalk/paging/vtd_entries.h"
#include "nestwalk/paging/vtd_request.h"

namespace nestwalk::platforms {

/// What an entry is called: "root", "context", "PASID dir", "PASID".
const char* name_of(paging::vtd::entry_kind kind);
/// The flags of an entry's first qword: "P FPD", or "not present".
std::string device_entry_flags(paging::vtd::entry_kind kind, std::uint64_t value);
/// What a context or PASID entry says beyond its flags: "domain 1, nested: first stage of 4 levels at GPA 0x1000,
/// second stage of 4 levels at HPA 0x101000"; empty where it says nothing.
std::string device_entry_words(paging::vtd::entry_kind kind, const paging::vtd::entry& e);
/// A requester id as bus, device and function: "01:02.3".
std::string source_words(std::uint16_t source);
/// The requester id that "01:02.3", "113" or "0x113" names. Throws `input_error` for any other text.
std::uint16_t parsed_source(const std::string& text);

}  // namespace nestwalk::platforms
