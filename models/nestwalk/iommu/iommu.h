// A remapping unit of Intel's Virtualization Technology for Directed I/O.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include <systemc>

#include "nestwalk/iommu/device_port.h"
#include "nestwalk/iommu/event_line.h"
#include "nestwalk/iommu/fault_log.h"
#include "nestwalk/iommu/invalidation_engine.h"
#include "nestwalk/iommu/iommu_config.h"
#include "nestwalk/iommu/message_port.h"
#include "nestwalk/iommu/register_file.h"
#include "nestwalk/iommu/remapper.h"
#include "nestwalk/iommu/translation_path.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/shared_memory_way.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/translation/grant_ledger.h"

namespace nestwalk::iommu {

/// Devices on one side, memory on the other; what it does is told by its registers and by tables in memory (VT-d
/// specification; docs/iommu.md names the revision). Only `memory` must be bound: the other sockets to memory lead
/// where it does where they are not.
class iommu : public sc_core::sc_module, private invalidation_target, private protocol::blocking_target {
 public:
  protocol::memory_target_socket registers{"registers"};  ///< faces software, by offset
  protocol::memory_initiator_socket memory{"memory"};     ///< faces memory: the devices' accesses (HPA)
  /// Faces memory: device tables, queue, status writes and interrupt messages.
  protocol::memory_initiator_socket structure_memory{"structure_memory"};
  protocol::memory_initiator_socket first_stage_memory{"first_stage_memory"};    ///< faces the first stage's tables
  protocol::memory_initiator_socket second_stage_memory{"second_stage_memory"};  ///< faces the second stage's

  /// Throws input_error where the configuration makes no unit.
  iommu(const sc_core::sc_module_name& name, const iommu_config& c);
  /// Not inline, so that no code of another compiler's holds tables of classes that this library has too.
  ~iommu() override;

  /// Faces a device: the socket of requester id `source`, which the configuration must name.
  protocol::memory_target_socket& device(std::uint16_t source);

  /// Who answers device-TLB invalidations, until a device does.
  void answer_device_invalidations_by(device_responder responder) { engine_.answer_by(std::move(responder)); }

  /// A reset of the unit: registers as at power-on, nothing cached. No request may be inside, and its processes idle.
  void reset();

  void describe(statistics::group& into);
  const translation_path& path() const { return path_; }
  device_resolver& resolver() { return resolver_; }

 private:
  struct attached {
    std::unique_ptr<protocol::memory_target_socket> socket;
    std::unique_ptr<device_port> port;
  };

  // Registers.
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
  void written(const register_file::touched& t);
  void global_command(std::uint32_t value);
  void invalidate_everything();
  // Grants.
  void before_end_of_elaboration() override;
  void end_of_elaboration() override;
  void revoke(unsigned port, std::uint64_t first, std::uint64_t last);
  double dmi_grants() const;
  // Invalidations.
  void invalidate(const paging::vtd::descriptor& d) override { remapper_.invalidate(d); }
  paging::vtd::table_mode mode() const override { return remapper_.mode(); }
  void translation_enabled(bool on) override;

  const iommu_config config_;
  // The backward interface of `memory`, which all devices share.
  struct requests_back : protocol::blocking_initiator {
    explicit requests_back(translation::grant_ledger& grants) : grants_(grants) {}
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
      grants_.take_back_memory(first, last);
    }

   private:
    translation::grant_ledger& grants_;
  };

  translation::grant_ledger grants_;
  // One for each socket: a bus may not see the same one twice.
  requests_back requests_back_{grants_};
  protocol::shared_memory_way way_{memory, requests_back_};
  protocol::blocking_initiator structures_back_;
  register_file file_;
  message_port messages_;
  event_line fault_event_;
  event_line completion_event_;
  fault_log faults_;
  device_resolver resolver_;
  translation_path path_;
  remapper remapper_;
  invalidation_engine engine_;
  std::vector<attached> devices_;
};

}  // namespace nestwalk::iommu
