// SystemC 2.3.4 tells AddressSanitizer of each switch to the stack of a thread, but not of the way back to that of
// sc_main. The sanitizer then takes the last thread's stack for the one in use: what an exception unwinds keeps its
// marks, on which a later call falsely fails, and what only sc_main's variables point to counts as leaked. The linker
// puts these functions in the place of sc_start (option --wrap); they tell the sanitizer of the way back.
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>

#include <systemc>

namespace {

void tell_of_main_stack() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* bottom = nullptr;
  std::size_t size = 0;
  pthread_attr_getstack(&attributes, &bottom, &size);
  pthread_attr_destroy(&attributes);
  __sanitizer_start_switch_fiber(nullptr, bottom, size);
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
}

/// Also where sc_start ends by an exception.
struct way_back {
  ~way_back() { tell_of_main_stack(); }
};

}  // namespace

// The names are the linker's, of sc_core::sc_start() and sc_core::sc_start(const sc_time&, sc_starvation_policy).
extern "C" {

void __real__ZN7sc_core8sc_startEv();
void __real__ZN7sc_core8sc_startERKNS_7sc_timeENS_20sc_starvation_policyE(const sc_core::sc_time&,
                                                                          sc_core::sc_starvation_policy);

void __wrap__ZN7sc_core8sc_startEv() {
  const way_back after;
  __real__ZN7sc_core8sc_startEv();
}

void __wrap__ZN7sc_core8sc_startERKNS_7sc_timeENS_20sc_starvation_policyE(const sc_core::sc_time& duration,
                                                                          sc_core::sc_starvation_policy policy) {
  const way_back after;
  __real__ZN7sc_core8sc_startERKNS_7sc_timeENS_20sc_starvation_policyE(duration, policy);
}
}
