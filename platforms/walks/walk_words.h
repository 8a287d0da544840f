// What is in a walk, by the names of the manuals.
#pragma once

#include <string>

#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/rights.h"
#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// "0x1f000".
std::string hex(std::uint64_t number);
/// "4K", "2M", "1G" of a size's power of two.
std::string page_size(unsigned log2);
/// What an entry of the level is called: "PML4E", "PTE"; "EPT PDE", "nPTE", "SS PTE" in the second stage.
std::string entry_name(paging::stage_kind stage, paging::nested_kind format, unsigned level);
/// "read", "write", "fetch".
const char* name_of(paging::access_type type);
/// "user", "supervisor", "supervisor with AC".
const char* name_of(paging::access_mode mode);
/// "data page", "table entry", "flag update".
const char* name_of(paging::purpose why);
/// The rights of the guest's stage: "read write fetch, user", and of the second one: "read write execute".
std::string guest_rights(paging::rights r);
std::string nested_rights(paging::rights r);
/// The fault with its code spelled out: "#PF(0x6) at 0x7f0000001000: write, user, page not present".
std::string described(const paging::fault& fault);

}  // namespace nestwalk::platforms
