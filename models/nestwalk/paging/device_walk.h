// The walk of a remapping unit's device tables as a step machine: it neither reads memory nor knows time.
#pragma once

#include <cstdint>

#include "nestwalk/paging/address.h"
#include "nestwalk/paging/vtd_capabilities.h"
#include "nestwalk/paging/vtd_entries.h"
#include "nestwalk/paging/vtd_fault.h"
#include "nestwalk/paging/vtd_request.h"

namespace nestwalk::paging::vtd {

/// What the root-table address register says of the tables (VT-d specification, 11.4.5): the field TTM.
enum class table_mode : std::uint8_t { legacy = 0, scalable = 1, reserved = 2, abort_dma = 3 };

/// Whether a unit has the mode; requests and queue of one in another are refused.
constexpr bool has_mode(const unit_capabilities& unit, table_mode mode) {
  switch (mode) {
    case table_mode::legacy: return true;
    case table_mode::scalable: return unit.has(ecap::smts);
    case table_mode::abort_dma: return unit.has(ecap::adms);
    case table_mode::reserved: break;
  }
  return false;
}

/// A unit's device tables, made once when the root table is set: immutable.
struct device_tables {
  unit_capabilities unit;
  entry_formats formats;
  table_mode mode = table_mode::legacy;
  hpa root;

  /// From a value of the root-table address register.
  static device_tables of(const unit_capabilities& unit, std::uint64_t rtaddr);
};

/// How the requests of a device, or of one of its PASIDs, are translated.
enum class translation_kind : std::uint8_t { first_stage, second_stage, nested, pass_through };

/// What the tables say about a request: the way it is translated, and the entry that tells the rest.
struct assignment {
  translation_kind kind = translation_kind::pass_through;
  bool scalable = false;
  bool privileged = false;         ///< the request has supervisor rights
  std::uint8_t second_levels = 0;  ///< levels that AW names, of the second-stage tables and of a legacy pass-through
  std::uint16_t domain = 0;        ///< DID
  std::uint32_t pasid = 0;         ///< the request's, or RID_PASID; 0 in legacy mode
  entry tells{};                   ///< the legacy context entry, or the PASID entry
};

/// `read` asks for the entry of `bytes()` at `at()`; then it is done, with an assignment, or faulted.
enum class device_step : std::uint8_t { read, done, faulted };

/// The walk for one request, from the root table or from entries that a context cache and a PASID cache kept (VT-d
/// specification, 3.4). Whatever was kept is judged again for each request. The tables outlive the walk.
class device_walk {
 public:
  /// Entries kept from earlier walks, null where there is none; with `disables_faults`, the FPD bits of the entries
  /// above a kept PASID entry.
  struct kept {
    const entry* context = nullptr;
    const entry* pasid = nullptr;
    bool pasid_disables_faults = false;
  };

  device_walk(const device_tables& tables, const request& r) : device_walk(tables, r, kept{}) {}
  device_walk(const device_tables& tables, const request& r, const kept& from);

  device_step state() const { return state_; }
  /// `read`: which entry, where it stands, and its size.
  entry_kind reads() const { return kind_; }
  hpa at() const { return at_; }
  unsigned bytes() const { return format().bytes; }

  /// Answers `read` with the entry.
  device_step value(const entry& e);
  /// Answers `read`: memory answered an error.
  device_step unreadable() { return fail(format().unreadable); }

  /// Once the walk is past it: the context entry, for a context cache.
  bool has_context() const { return has_context_; }
  const entry& context() const { return context_; }
  /// The PASID that the PASID entry was looked up under, and whether it or its directory entry has FPD set, for a PASID
  /// cache.
  std::uint32_t pasid() const { return pasid_; }
  bool pasid_disables_faults() const { return pasid_disables_faults_; }

  /// After `done`.
  const assignment& result() const { return result_; }
  /// After `faulted`.
  reason why() const { return why_; }
  /// Whether an entry that was read has FPD set.
  bool disables_faults() const { return disables_faults_; }

 private:
  const entry_format& format() const { return tables_->formats[static_cast<unsigned>(kind_)]; }
  hpa pointer(std::uint64_t qword) const { return hpa(qword & pointer_mask(tables_->unit)); }
  device_step fail(reason why);
  device_step read(entry_kind kind, hpa at);
  device_step done(translation_kind kind, unsigned second_levels, const entry& e);
  device_step begin();
  device_step take(const entry& e);
  device_step take_context(const entry& e);
  device_step take_sm_context(const entry& e);
  device_step look_up_pasid();
  device_step take_pasid_entry(const entry& e);
  reason pasid_denied(const entry& e);
  reason request_denied(const entry& e) const;

  const device_tables* tables_;
  request request_;
  kept kept_;
  device_step state_ = device_step::read;
  entry_kind kind_ = entry_kind::root;
  hpa at_;
  bool has_context_ = false;
  bool disables_faults_ = false;
  bool pasid_disables_faults_ = false;
  reason why_ = reason::none;
  std::uint32_t pasid_ = 0;
  entry context_{};
  assignment result_;
};

}  // namespace nestwalk::paging::vtd
