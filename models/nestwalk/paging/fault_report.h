// What the architectures report of a failed walk: error code, exit qualification, EXITINFO1. Each is a pure function of
// what happened and of the settings that it is reported under.
#pragma once

#include <cstdint>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/stage.h"

namespace nestwalk::paging {

/// The error code of a #PF (SDM vol. 3, 4.7; APM vol. 2, 8.4.2) for the access `a` that `f` ended.
std::uint32_t page_fault_error_code(const fault& f, const access& a, const guest_stage& s);

/// The exit qualification of an EPT violation (SDM vol. 3, table 27-7) for the question `a` that `f` ended.
std::uint64_t ept_exit_qualification(const fault& f, const nested_access& a, const nested_stage& s);

/// EXITINFO1 of a nested page fault (APM vol. 2, 15.25.6) for the question `a` that `f` ended.
std::uint64_t nested_page_fault_information(const fault& f, const nested_access& a, const nested_stage& s);

}  // namespace nestwalk::paging
