// The core: runs a program's operations in order, and the guest kernel and the VMM where they are needed.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "nestwalk/cpu/core_config.h"
#include "nestwalk/cpu/cycle_account.h"
#include "nestwalk/cpu/guest_instructions.h"
#include "nestwalk/cpu/guest_software.h"
#include "nestwalk/cpu/party_observer.h"
#include "nestwalk/cpu/quantum_keeper.h"
#include "nestwalk/cpu/retirement_observer.h"
#include "nestwalk/cpu/store_value.h"
#include "nestwalk/cpu/virtual_machine.h"
#include "nestwalk/paging/access.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/protocol/access_way.h"
#include "nestwalk/protocol/control.h"
#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/owned_payload.h"
#include "nestwalk/protocol/vm_exit.h"
#include "nestwalk/statistics/group.h"
#include "nestwalk/workload/operation.h"
#include "nestwalk/workload/source.h"

namespace nestwalk::cpu {

/// What a core is to run. Accesses are counted over the whole run, faulting ones that are passed over included.
struct program {
  workload::source* operations = nullptr;
  std::uint64_t warmup = 0;                              ///< accesses before `warmed_up` is called; 0: never
  std::uint64_t limit = 0;                               ///< accesses after which the run ends; 0: none
  std::function<void()> warmed_up;                       ///< resets the statistics
  std::function<void(std::uint64_t accesses)> progress;  ///< after each batch of operations
  std::uint64_t interval = 0;                            ///< accesses between calls of `interval_passed`; 0: never
  std::function<void()> interval_passed;                 ///< the statistics are up to date then
};

/// Why a core stands still.
enum class core_state : std::uint8_t {
  ready,     ///< not begun
  running,   ///< under way
  finished,  ///< the program ended
  limited,   ///< `program::limit` was reached
  stopped,   ///< `request_stop()`
  failed,    ///< `failure()` says why
};

/// An in-order core. It takes one operation after another: a fetch is one instruction and costs the base cycles per
/// instruction; what memory takes comes on top, in full. A `modify` is one access of the statistics and two on the
/// socket: a read with write intent, which asks for a write's rights and flags from the start, and a write. An access
/// that crosses a page goes out as it is: the mmu translates it page by page before any byte moves.
///
/// The core owns CPL and RFLAGS.AC and sends them with each access. It does not know what the VMM uses its controls
/// for. A fault goes to the guest kernel or, as the VM controls say, to the VMM; then the access is tried again. The
/// kernel's and the VMM's own code is not fetched: they say how many instructions they spend.
///
/// Local time runs ahead of SystemC's by at most a quantum; the core waits nowhere else.
class core : public sc_core::sc_module,
             private protocol::control_bw_if,
             private protocol::exit_bw_if,
             private guest_instructions_if {
 public:
  protocol::memory_initiator_socket fetch{"fetch"};  ///< faces the mmu's socket of that name (GVA)
  protocol::memory_initiator_socket data{"data"};    ///< faces the mmu's socket of that name (GVA)
  protocol::control_initiator_socket control{
      "control"};                                      ///< faces the mmu: register writes, invalidations, VM controls
  protocol::exit_initiator_socket exit{"exit"};        ///< faces the VMM, where there is one
  sc_core::sc_port<guest_software_if> guest{"guest"};  ///< the guest kernel
  sc_core::sc_export<guest_instructions_if> guest_instructions{"guest_instructions"};  ///< for the guest kernel
  sc_core::sc_export<host_instructions_if> host_instructions{"host_instructions"};     ///< for the VMM

  struct counters {
    statistics::counter fetches = 0;
    statistics::counter loads = 0;
    statistics::counter stores = 0;
    statistics::counter modifies = 0;
    statistics::counter skipped = 0;
    statistics::counter system_calls = 0;
    statistics::counter page_faults = 0;
    statistics::counter general_protections = 0;
    statistics::counter kernel_instructions = 0;
    statistics::counter kernel_loads = 0;
    statistics::counter kernel_stores = 0;
    statistics::counter accesses() const { return fetches + loads + stores + modifies; }
  };

  core(const sc_core::sc_module_name& name, const core_config& config);

  /// Before simulation: what to run, and who watches (nullptr: nobody, at no cost).
  void load_program(program what) { program_ = std::move(what); }
  void observe(retirement_observer* observer) { observer_ = observer; }
  void observe_parties(party_observer* observer) {
    parties_ = observer;
    account_.observe(observer);
  }

  /// Ends the run after the present batch of operations; may be called from a signal handler.
  void request_stop() noexcept { stop_.store(true, std::memory_order_relaxed); }

  core_state state() const { return state_; }
  /// What ended a failed run (an `input_error`, where input or configuration is to blame), for the caller to rethrow.
  std::exception_ptr failure() const { return failure_; }
  /// Accesses of the program since the start of the run, whatever the statistics count.
  std::uint64_t accesses_done() const { return accesses_done_; }

  const counters& counts() const { return counts_; }
  void describe(statistics::group& into);

 private:
  /// One memory socket as the core uses it.
  struct path {
    protocol::owned_payload payload;
    protocol::access_way target;
    protocol::blocking_initiator backward;  // one each, so that both may be bound to one target
  };
  /// One access as it is sent, and sent again after a fault.
  struct attempt {
    paging::access_type type;  // whose rights it needs
    paging::gva address;
    unsigned char* into;        // what is read or fetched, nullptr for a write
    const unsigned char* from;  // what is written now or, by a modify that reads, next; else nullptr
    unsigned size;
  };
  /// How an access goes on after a fault.
  enum class progress : std::uint8_t {
    again,
    emulated,  // the VMM has done it, all of it
    given_up,  // the program does without it
  };
  /// How an access has ended.
  enum class ending : std::uint8_t { performed, emulated, given_up };

  // The program.
  void run();
  void run_program();
  bool run_batch(std::size_t count);
  std::string place_of(std::size_t index) const;
  bool reached_mark();
  void choose_mark();
  void call_system(const workload::operation& call);
  void perform(const workload::operation& operation);
  template <paging::access_type Type>
  bool access(paging::gva address, unsigned size);
  bool modify(paging::gva address, unsigned size);
  void report(paging::access_type type, paging::gva address, const unsigned char* bytes, unsigned size);

  // Accesses and their faults.
  bool send(const attempt& a);
  ending recover(const attempt& a);
  progress resolve(const attempt& a, const paging::fault& fault);
  progress deliver(const attempt& a, const paging::fault& fault);
  progress leave(const attempt& a, protocol::exit_reason reason, const paging::fault& fault);
  void run_vmm(protocol::vm_exit& exit);
  void set_mode(paging::access_mode mode);
  paging::access_mode mode() const { return paging::mode_of(cpl_, alignment_check_); }
  void enter_kernel(const sc_core::sc_time& cost);
  void leave_kernel(const sc_core::sc_time& cost);
  [[noreturn]] void machine_check(const attempt& a, const paging::fault& fault) const;

  // guest_instructions_if
  void execute(std::uint64_t count) override;
  void load(paging::gva address, void* bytes, unsigned size) override;
  void store(paging::gva address, const void* bytes, unsigned size) override;
  void write_register(protocol::control_register which, std::uint64_t value) override;
  void invlpg(paging::gva address) override;
  void invpcid(paging::invpcid_type type, std::uint16_t pcid, paging::gva address) override;
  void write_alignment_check(bool set) override;
  void kernel_access(const attempt& a);
  bool emulated(protocol::vm_exit& exit, unsigned& exits);

  core_config config_;
  sc_core::sc_time instruction_time_;
  quantum_keeper time_;
  cycle_account account_;
  virtual_machine vm_;
  path fetch_path_;
  path data_path_;
  unsigned cpl_ = 0;
  bool alignment_check_ = false;
  program program_;
  std::vector<workload::operation> batch_;
  retirement_observer* observer_ = nullptr;
  party_observer* parties_ = nullptr;
  std::uint64_t accesses_done_ = 0;
  std::uint64_t mark_ = 0;  // the next value of accesses_done_ at which something is due
  std::uint64_t stores_done_ = 0;
  alignas(64) unsigned char loaded_[largest_access] = {};
  alignas(64) unsigned char stored_[largest_access] = {};
  core_state state_ = core_state::ready;
  std::exception_ptr failure_;
  std::atomic<bool> stop_{false};
  counters counts_;
};

}  // namespace nestwalk::cpu
