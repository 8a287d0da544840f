#include "nestwalk/paging/vtd_fault.h"

#include <array>
#include <utility>

namespace nestwalk::paging::vtd {

namespace {

constexpr std::array<std::pair<reason, const char*>, 62> titles = {{
    {reason::root_not_present, "the root entry is not present"},
    {reason::context_not_present, "the context entry is not present"},
    {reason::context_invalid, "the context entry asks for what this unit cannot do"},
    {reason::address_beyond_width, "the address is beyond the width that the context entry names"},
    {reason::write_denied, "the second stage does not allow the write"},
    {reason::read_denied, "the second stage does not allow the read"},
    {reason::paging_entry_unreadable, "memory error at a second-stage entry"},
    {reason::root_unreadable, "memory error at the root entry"},
    {reason::context_unreadable, "memory error at the context entry"},
    {reason::root_reserved, "a reserved bit is set in the root entry"},
    {reason::context_reserved, "a reserved bit is set in the context entry"},
    {reason::paging_entry_reserved, "a reserved bit is set in a second-stage entry"},
    {reason::translated_request_denied, "the context entry does not allow translated requests"},
    {reason::interrupt_address, "the address leads to the interrupt range"},
    {reason::table_mode_invalid, "the root-table address register names no mode of this unit"},
    {reason::pasid_in_legacy_mode, "a request with PASID under legacy tables"},
    {reason::dma_aborted, "the unit is in abort-DMA mode"},
    {reason::sm_root_unreadable, "memory error at the root entry"},
    {reason::sm_root_not_present, "the root entry is not present"},
    {reason::sm_root_reserved, "a reserved bit is set in the root entry"},
    {reason::sm_context_unreadable, "memory error at the context entry"},
    {reason::sm_context_not_present, "the context entry is not present"},
    {reason::sm_context_reserved, "a reserved bit is set in the context entry"},
    {reason::sm_context_invalid, "fields of the context entry do not go together"},
    {reason::sm_translated_request_denied, "the context entry does not allow translated requests"},
    {reason::sm_pasid_denied, "the context entry does not allow requests with PASID"},
    {reason::sm_pasid_too_large, "the PASID is beyond the PASID directory"},
    {reason::sm_pasid_is_rid_pasid, "the PASID is that of requests without one, RID_PASID"},
    {reason::sm_directory_unreadable, "memory error at the PASID directory entry"},
    {reason::sm_directory_not_present, "the PASID directory entry is not present"},
    {reason::sm_directory_reserved, "a reserved bit is set in the PASID directory entry"},
    {reason::sm_pasid_entry_unreadable, "memory error at the PASID entry"},
    {reason::sm_pasid_entry_not_present, "the PASID entry is not present"},
    {reason::sm_pasid_entry_reserved, "a reserved bit is set in the PASID entry"},
    {reason::sm_pasid_entry_invalid, "the PASID entry asks for what this unit cannot do"},
    {reason::sm_execute_request_denied, "the PASID entry does not allow execute requests"},
    {reason::sm_supervisor_request_denied, "the PASID entry does not allow supervisor requests"},
    {reason::sm_first_unreadable, "memory error at a first-stage entry"},
    {reason::sm_first_not_present, "a first-stage entry is not present"},
    {reason::sm_first_reserved, "a reserved bit is set in a first-stage entry"},
    {reason::sm_first_root_unreadable, "memory error at an entry of the first stage's top table"},
    {reason::sm_first_beyond_width, "a first-stage entry leads beyond the second stage"},
    {reason::sm_first_root_read_denied, "the second stage does not allow reads of the first stage's top table"},
    {reason::sm_first_read_denied, "the second stage does not allow reads of a first-stage table"},
    {reason::sm_first_flag_denied, "the second stage does not allow a flag to be set in a first-stage entry"},
    {reason::sm_second_unreadable, "memory error at a second-stage entry"},
    {reason::sm_second_not_present, "a second-stage entry allows nothing"},
    {reason::sm_second_reserved, "a reserved bit is set in a second-stage entry"},
    {reason::sm_second_root_unreadable, "memory error at an entry of the second stage's top table"},
    {reason::sm_second_flag_unsnooped, "a second-stage flag is due, and page walks are not snooped"},
    {reason::sm_second_flag_failed, "memory refused to set a second-stage flag"},
    {reason::sm_not_canonical, "the address is not canonical"},
    {reason::sm_user_denied, "the first stage does not allow user accesses"},
    {reason::sm_execute_denied, "the first stage does not allow execution"},
    {reason::sm_address_beyond_width, "the address is beyond the width of host addresses or of the PASID entry"},
    {reason::sm_second_beyond_width, "the address is beyond the width of the second stage"},
    {reason::sm_write_denied, "the tables do not allow the write"},
    {reason::sm_read_denied, "the tables do not allow the read"},
    {reason::sm_interrupt_address, "the address leads to the interrupt range"},
    {reason::sm_pasid_unsupported, "the PASID is wider than the unit supports"},
    {reason::sm_first_flag_unsnooped, "a first-stage flag is due, and page walks are not snooped"},
    {reason::sm_first_flag_failed, "memory refused to set a first-stage flag"},
}};

}  // namespace

const char* title_of(reason r) {
  for (const auto& [each, title] : titles)
    if (each == r) return title;
  return "no fault";
}

bool qualified(reason r) {
  switch (r) {
    case reason::none:
    case reason::root_not_present:
    case reason::root_unreadable:
    case reason::context_unreadable:
    case reason::root_reserved:
    case reason::table_mode_invalid:
    case reason::pasid_in_legacy_mode:
    case reason::dma_aborted:
    case reason::sm_root_unreadable:
    case reason::sm_root_not_present:
    case reason::sm_root_reserved:
    case reason::sm_context_unreadable:
    case reason::sm_directory_unreadable:
    case reason::sm_pasid_entry_unreadable: return false;
    default: return true;
  }
}

}  // namespace nestwalk::paging::vtd
