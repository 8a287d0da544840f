#include "nestwalk/protocol/vm_exit.h"

namespace nestwalk::protocol {

const char* name_of(exit_reason reason) {
  switch (reason) {
    case exit_reason::exception: return "exception";
    case exit_reason::control_register_write: return "control_register_write";
    case exit_reason::efer_write: return "efer_write";
    case exit_reason::invlpg: return "invlpg";
    case exit_reason::invpcid: return "invpcid";
    case exit_reason::ept_violation: return "ept_violation";
    case exit_reason::ept_misconfiguration: return "ept_misconfiguration";
    case exit_reason::nested_page_fault: return "nested_page_fault";
    case exit_reason::page_modification_log_full: return "page_modification_log_full";
  }
  return "unknown";
}

}  // namespace nestwalk::protocol
