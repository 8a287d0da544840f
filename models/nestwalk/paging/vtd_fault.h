// Why a remapping unit blocks a request: the fault reasons of the specification's tables.
#pragma once

#include <cstdint>

namespace nestwalk::paging::vtd {

/// Fault reasons (VT-d specification, 7.1.3, table 30), each by the code
/// that stands in a fault record and named by its condition.
enum class reason : std::uint8_t {
  none = 0,
  // Legacy mode.
  root_not_present = 0x01,           ///< LRT.2
  context_not_present = 0x02,        ///< LCT.2
  context_invalid = 0x03,            ///< LCT.4: a width, type or table that this unit cannot use
  address_beyond_width = 0x04,       ///< LGN.1
  write_denied = 0x05,               ///< LGN.2
  read_denied = 0x06,                ///< LGN.3
  paging_entry_unreadable = 0x07,    ///< LSS.1
  root_unreadable = 0x08,            ///< LRT.1
  context_unreadable = 0x09,         ///< LCT.1
  root_reserved = 0x0a,              ///< LRT.3
  context_reserved = 0x0b,           ///< LCT.3
  paging_entry_reserved = 0x0c,      ///< LSS.2
  translated_request_denied = 0x0d,  ///< LCT.5
  interrupt_address = 0x0e,          ///< LGN.4
  // The root-table address register.
  table_mode_invalid = 0x30,    ///< RTA.1
  pasid_in_legacy_mode = 0x31,  ///< RTA.2
  dma_aborted = 0x33,           ///< RTA.4: abort-DMA mode
  // Scalable mode.
  sm_root_unreadable = 0x38,            ///< SRT.1
  sm_root_not_present = 0x39,           ///< SRT.2
  sm_root_reserved = 0x3a,              ///< SRT.3
  sm_context_unreadable = 0x40,         ///< SCT.1
  sm_context_not_present = 0x41,        ///< SCT.2
  sm_context_reserved = 0x42,           ///< SCT.3
  sm_context_invalid = 0x43,            ///< SCT.4: RID_PASID beyond the directory, or PRE without DTE
  sm_translated_request_denied = 0x44,  ///< SCT.5
  sm_pasid_denied = 0x45,               ///< SCT.6: PASIDE is 0
  sm_pasid_too_large = 0x46,            ///< SCT.7: beyond the directory
  sm_pasid_is_rid_pasid = 0x48,         ///< SCT.9: a request names the PASID of those without one
  sm_directory_unreadable = 0x50,       ///< SPD.1
  sm_directory_not_present = 0x51,      ///< SPD.2
  sm_directory_reserved = 0x52,         ///< SPD.3
  sm_pasid_entry_unreadable = 0x58,     ///< SPT.1
  sm_pasid_entry_not_present = 0x59,    ///< SPT.2
  sm_pasid_entry_reserved = 0x5a,       ///< SPT.3
  sm_pasid_entry_invalid = 0x5b,        ///< SPT.4
  sm_execute_request_denied = 0x5c,     ///< SPT.5: ERS or ERE is 0
  sm_supervisor_request_denied = 0x5d,  ///< SPT.6: SRE is 0
  sm_first_unreadable = 0x70,           ///< SFS.1: an entry below the top table
  sm_first_not_present = 0x71,          ///< SFS.2
  sm_first_reserved = 0x72,             ///< SFS.3
  sm_first_root_unreadable = 0x73,      ///< SFS.4: an entry of the table that FSPTPTR names
  sm_first_beyond_width = 0x74,         ///< SFS.5: an address in a first-stage entry beyond the second stage's reach
  sm_first_root_read_denied = 0x75,     ///< SFS.6: the second stage denies reads of the top table
  sm_first_read_denied = 0x76,          ///< SFS.7: it denies reads of a lower table
  sm_first_flag_denied = 0x77,          ///< SFS.8: it denies the write of an accessed or dirty flag
  sm_second_unreadable = 0x78,          ///< SSS.1: an entry below the top table
  sm_second_not_present = 0x79,         ///< SSS.2: an entry without R and W, or entries that together give neither
  sm_second_reserved = 0x7a,            ///< SSS.3
  sm_second_root_unreadable = 0x7b,     ///< SSS.4: an entry of the table that SSPTPTR names
  sm_second_flag_unsnooped = 0x7c,      ///< SSS.5: a flag is due and page walks are not snooped
  sm_second_flag_failed = 0x7d,         ///< SSS.6: memory refused the update of a flag
  sm_not_canonical = 0x80,              ///< SGN.1
  sm_user_denied = 0x81,                ///< SGN.2: U/S is 0
  sm_execute_denied = 0x82,             ///< SGN.3, up to revision 4
  sm_address_beyond_width = 0x83,       ///< SGN.4: a host address: of a translated request, or in pass-through
  sm_second_beyond_width = 0x84,        ///< SGN.5: a request that only the second stage translates
  sm_write_denied = 0x85,               ///< SGN.6
  sm_read_denied = 0x86,                ///< SGN.7
  sm_interrupt_address = 0x87,          ///< SGN.8
  sm_pasid_unsupported = 0x89,          ///< SGN.10: beyond PSS
  sm_first_flag_unsnooped = 0x90,       ///< SFS.9
  sm_first_flag_failed = 0x91,          ///< SFS.10
};

/// The condition in words: "the root entry is not present".
const char* title_of(reason r);

/// Whether the fault is recorded only where fault processing is not disabled (FPD) by the entries that led to it. Those
/// found before a context entry was read cannot be.
bool qualified(reason r);

}  // namespace nestwalk::paging::vtd
