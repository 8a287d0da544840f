// Carries out what software asks of a remapping unit: the invalidation queue, and the commands in its registers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include <systemc>

#include "nestwalk/iommu/event_line.h"
#include "nestwalk/iommu/fault_log.h"
#include "nestwalk/iommu/register_file.h"
#include "nestwalk/iommu/transfers.h"
#include "nestwalk/paging/device_walk.h"
#include "nestwalk/paging/vtd_descriptor.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/statistics/counter.h"
#include "nestwalk/statistics/group.h"

namespace nestwalk::iommu {

/// What the engine takes.
struct invalidation_engine_config {
  sc_core::sc_time cycle{1, sc_core::SC_NS};  ///< clock period
  unsigned cycles_per_descriptor = 16;        ///< time that the unit adds to each descriptor
  unsigned cycles_per_command = 16;           ///< time of a command in a register
  unsigned device_time_out_cycles = 100'000;  ///< time after which a device that has not answered is given up
};

/// What the caches behind the engine do.
class invalidation_target {
 public:
  virtual ~invalidation_target() = default;
  /// A context-cache, IOTLB, PASID-cache or PASID-based-IOTLB descriptor.
  virtual void invalidate(const paging::vtd::descriptor& d) = 0;
  /// The table mode in use.
  virtual paging::vtd::table_mode mode() const = 0;
  /// The translation-enable bit changed, all earlier requests having ended.
  virtual void translation_enabled(bool on) = 0;
};

/// How a device answers a device-TLB invalidation: after `after`; never, where there is none; `from` is the source that
/// the completion names.
struct device_answer {
  std::optional<sc_core::sc_time> after;
  std::uint16_t from = 0;
};
using device_responder = std::function<device_answer(const paging::vtd::descriptor&)>;

/// One process carries out commands and descriptors in order and takes its own time; a register write starts it and
/// does not wait for it (VT-d specification, 6.5).
class invalidation_engine : public sc_core::sc_module {
 public:
  struct surroundings {
    register_file& registers;
    fault_log& faults;
    event_line& completion;
    transfers& inside;
    invalidation_target& target;
    protocol::memory_initiator_socket& memory;
    paging::vtd::unit_capabilities unit;
  };

  invalidation_engine(const sc_core::sc_module_name& name, const surroundings& s, const invalidation_engine_config& c);

  /// Who answers device-TLB invalidations; by default every device does at once.
  void answer_by(device_responder responder) { responder_ = std::move(responder); }

  /// Software wrote the global command register.
  void global_command(std::uint32_t value);
  /// Software wrote a context or IOTLB command with its start bit set.
  void context_command() { order(order_kind::context); }
  void iotlb_command(std::uint64_t address);
  /// Software wrote the protected memory enable register.
  void protection_command() { order(order_kind::protect); }
  /// The tail, the queue's address or an error bit changed.
  void look_again() { changed_.notify(sc_core::SC_ZERO_TIME); }
  /// Forgets what was ordered; the process must be idle.
  void reset();

  struct counters {
    statistics::counter descriptors = 0;
    statistics::counter commands = 0;
    statistics::counter waits = 0;
    statistics::counter queue_errors = 0;
    statistics::counter time_outs = 0;
    statistics::counter busy_cycles = 0;
  };
  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  enum class order_kind : std::uint8_t { context, iotlb, enable, disable, protect, start_queue, stop_queue };
  struct pending_device {
    sc_core::sc_time done_at;
    bool answers;
    std::uint16_t source;
    std::uint16_t from;
  };

  void order(order_kind kind);
  void run();
  void carry_out(order_kind kind);
  bool takes_commands() const;
  void carry_out_context();
  void carry_out_iotlb();
  bool queue_waits() const;
  void next_descriptor();
  bool fetch(std::uint64_t at, paging::vtd::descriptor_qwords& raw);
  void perform(const paging::vtd::descriptor& d);
  bool finish(const paging::vtd::descriptor& wait);
  bool await_devices();
  void tell(std::uint32_t bit, std::uint16_t source, unsigned shift);
  paging::vtd::queue_error queue_is_wrong() const;
  void stop(paging::vtd::queue_error why);
  void advance();
  bool wide() const { return (registers_[unit_register::iqa] & iqa::dw) != 0; }
  void spend(unsigned cycles);

  register_file& registers_;
  fault_log& faults_;
  event_line& completion_;
  transfers& inside_;
  invalidation_target& target_;
  protocol::memory_initiator_socket& memory_;
  const paging::vtd::unit_capabilities unit_;
  const invalidation_engine_config config_;
  device_responder responder_;
  std::deque<order_kind> orders_;
  std::deque<pending_device> devices_;
  std::uint32_t commanded_ = 0;  // the global command register as last written
  std::uint64_t invalidate_address_ = 0;
  sc_core::sc_event changed_;
  protocol::owned_payload payload_;
  counters counts_;
};

}  // namespace nestwalk::iommu
