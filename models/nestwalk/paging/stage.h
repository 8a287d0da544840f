// The two stages of translation, decoded once per register write so that no walk reads a register.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "nestwalk/paging/access.h"
#include "nestwalk/paging/address.h"
#include "nestwalk/paging/format.h"
#include "nestwalk/paging/rights.h"
#include "nestwalk/paging/tags.h"

namespace nestwalk::paging {

/// The first stage: the guest's tables, gva -> gpa. Without levels (CR0.PG = 0) linear addresses pass.
struct guest_stage {
  paging::format format;
  gpa root;                     ///< where the top table begins
  bool from_registers = false;  ///< PAE: the walk begins at a PDPTE register, not at `root`
  std::array<std::uint64_t, 4> pdpte{};
  std::uint8_t linear_bits = 48;  ///< 32, 48 or 57
  bool reports_fetch = true;      ///< #PF reports I/D: EFER.NXE or CR4.SMEP (SDM vol. 3, 4.7)
  bool uncached = false;          ///< CR0.CD: every access is UC
  bool flags_may_be_set = true;   ///< VT-d: walks are snooped; else a walk that would set a flag ends
  std::uint64_t pat = pat_after_reset;
  rights_policy policy;
};

/// Which manual's second stage.
enum class nested_kind : std::uint8_t { ept, npt, vtd };

/// The page-modification log as the processor keeps it while a guest runs (SDM vol. 3, 28.3.6): 512 qwords at
/// `address`, filled downwards.
struct page_modification_log {
  static constexpr std::uint16_t entries = 512;

  hpa address;
  std::uint16_t index = entries - 1;  ///< of the next record; beyond 511 the log is full

  bool full() const { return index >= entries; }
  /// Where the next record goes.
  hpa next() const { return address + std::uint64_t{index} * 8; }
};

/// The second stage: nested tables, gpa -> hpa.
struct nested_stage {
  nested_kind kind = nested_kind::ept;
  paging::format format;
  hpa root;
  bool table_access_is_write = false;    ///< a guest table access counts as a write: NPT, and EPT with A/D flags on
  bool mode_based_execute = false;       ///< EPT: execute rights of supervisor (XS) and user (XU) pages
  bool advanced_information = false;     ///< EPT: exit qualification bits 11:9 are reported
  bool reports_fetch = true;             ///< NPT: EXITINFO1 reports I/D: the host's EFER.NXE or CR4.SMEP
  std::uint64_t pat = pat_after_reset;   ///< NPT: the host's PAT
  bool guest_mode_execute_trap = false;  ///< NPT: U/S tells whose code a page holds
  bool flags_may_be_set = true;          ///< VT-d: walks are snooped; else a walk that would set a flag ends
  page_modification_log* log = nullptr;  ///< EPT: where dirtied pages are recorded; null where the control is 0

  /// Whether a guest's walks under PAE paging read their PDPTE from the table at CR3, checked there and then, rather
  /// than from registers that MOV to CR3 loads: the rule of AMD's nested paging (APM vol. 2, 15.25.10).
  bool walks_pdptes() const { return kind == nested_kind::npt; }
};

/// All that a translation hangs on: both stages and the tags of what it leaves cached. Made by a register write or by a
/// walk of device tables; whoever keeps one for longer than a call shares it (`shared_domain`), and then it is not
/// changed any more.
struct domain {
  guest_stage guest;
  nested_stage nested;
  bool nested_on = false;  ///< a second stage translates; else a gpa is an hpa
  translation_tags tags;
  std::shared_ptr<page_modification_log> log;  ///< what `nested.log` points to, where it is this processor's

  /// How mappings of linear addresses are tagged: linear ones are not used while nested paging is on, nor combined ones
  /// while it is off (SDM vol. 3, 28.4.1).
  mapping_kind linear_kind() const { return nested_on ? mapping_kind::combined : mapping_kind::linear; }
};

/// The guest stage that the registers select, under the second stage that is on, if any.
guest_stage decode_guest(const paging_registers& registers, const capabilities& processor,
                         const nested_stage* second = nullptr);

/// Controls of a second stage in EPT format, as in the VMCS.
struct ept_controls {
  std::uint64_t eptp = 0;
  bool mode_based_execute = false;
  bool advanced_information = false;
  bool page_modification_logging = false;
  std::uint64_t log_address = 0;  ///< the "PML address" field
  std::uint16_t log_index = 511;  ///< the "PML index" field, which VM exits update
};

/// The second stage of a valid EPTP. Its `log` is for the caller to set.
nested_stage decode_ept(const ept_controls& controls, const capabilities& processor);

/// The second stage of NPT under the host's registers (APM vol. 2, 15.25.3); `host.cr3` is the nested CR3.
/// With the guest mode execute trap (VMCB offset 090h, bit 3) code at CPL 0 to 2 runs only from pages with U/S = 0, and
/// code at CPL 3 from those with U/S = 1; reads and writes do not ask for it.
nested_stage decode_npt(const paging_registers& host, const capabilities& processor,
                        bool guest_mode_execute_trap = false);

/// Whether VM entry accepts the EPTP (SDM vol. 3, 26.2.1.1); else the reason, for a message. nullptr when valid.
const char* why_invalid_eptp(std::uint64_t eptp, const capabilities& processor);

/// Whether VM entry accepts the PML address (SDM vol. 3, 26.2.1.1); else the reason, for a message. nullptr when valid.
const char* why_invalid_log(std::uint64_t address, const capabilities& processor);

/// Whether VMRUN with nested paging accepts the host's registers, `cr3` being the nested CR3 (APM vol. 2, 15.25.3 and
/// 15.25.4): only long-mode paging is modelled (4 or 5 levels; AMD's also have 32-bit and PAE hosts). Else the reason,
/// for a message. nullptr when valid.
const char* why_invalid_host(const paging_registers& host, const capabilities& processor);

/// Why a second stage is asked for a gpa: the question of one nested translation.
struct nested_access {
  access_type type = access_type::read;
  purpose why = purpose::data_page;
  bool linear_valid = true;      ///< a linear address led here
  rights linear_rights;          ///< data pages: guest rights of that linear address (U/S, R/W, XD are reported)
  gva linear;                    ///< that address
  std::uint8_t table_level = 0;  ///< guest tables: the level of the entry that is wanted; the fault reports it
  bool looks = false;            ///< asked without effect: nothing is logged, so that a full log is no obstacle
  bool user = true;              ///< a data page asked for at CPL 3: the guest mode execute trap asks
};

/// Answers the caller's question by address space: `question<gva>` is an access, `question<gpa>` a nested one.
template <class In>
struct stage_traits;
template <>
struct stage_traits<gva> {
  using stage = guest_stage;
  using question = access;
};
template <>
struct stage_traits<gpa> {
  using stage = nested_stage;
  using question = nested_access;
};
template <class In>
using stage_of = typename stage_traits<In>::stage;
template <class In>
using question_of = typename stage_traits<In>::question;

}  // namespace nestwalk::paging
