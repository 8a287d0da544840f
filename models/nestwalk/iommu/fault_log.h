// The fault records of a remapping unit and its fault status register.
#pragma once

#include <cstdint>

#include "nestwalk/iommu/event_line.h"
#include "nestwalk/iommu/register_file.h"
#include "nestwalk/paging/vtd_capabilities.h"
#include "nestwalk/paging/vtd_fault.h"
#include "nestwalk/paging/vtd_request.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::iommu {

/// A blocked request.
struct blocked_request {
  paging::vtd::request asked;
  std::uint64_t address = 0;
  paging::vtd::reason why = paging::vtd::reason::none;
};

/// Primary fault logging (VT-d specification, 7.2.1 and 7.3): records are filled in turn; a fault of a source that has
/// a pending record is dropped, one that finds the next record still pending overflows, and after an overflow nothing
/// is recorded until software clears PFO.
class fault_log {
 public:
  struct counters {
    statistics::counter recorded = 0;
    statistics::counter collapsed = 0;   ///< of a source that had a pending record
    statistics::counter overflowed = 0;  ///< that found no free record, or came after one that did not
  };

  fault_log(register_file& registers, event_line& event, const paging::vtd::unit_capabilities& unit)
      : registers_(registers), event_(event), unit_(unit) {}

  /// Records a fault, as far as there is room.
  void record(const blocked_request& fault);
  /// Sets a bit of the fault status register that is no record's: IQE, ICE or ITE.
  void set_status(std::uint32_t bit);
  /// Software wrote the status register or a record: works out PPF, and takes the event back where nothing is left.
  void written();
  /// The next fault goes into the first record again.
  void reset() { next_ = 0; }

  void describe(statistics::group& into);
  const counters& counts() const { return counts_; }

 private:
  bool pending(unsigned record) const;
  bool source_is_pending(std::uint16_t source) const;
  void store(const blocked_request& fault);

  register_file& registers_;
  event_line& event_;
  paging::vtd::unit_capabilities unit_;
  unsigned next_ = 0;  // the record that the next fault goes into
  counters counts_;
};

}  // namespace nestwalk::iommu
