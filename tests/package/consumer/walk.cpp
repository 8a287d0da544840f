// nestwalk::paging alone, without SystemC: a walk of tables that the program keeps for itself.
#include <cstdint>
#include <iostream>
#include <map>

#include "nestwalk/paging/two_stage_walk.h"

namespace {

namespace paging = nestwalk::paging;

class tables {
 public:
  bool read(paging::hpa at, unsigned, std::uint64_t& value) {
    value = entries[at.value];
    return true;
  }
  static paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
  std::map<std::uint64_t, std::uint64_t> entries;
};

}  // namespace

int main() {
  paging::paging_registers registers;
  registers.cr0 = paging::cr0::pe | paging::cr0::pg;
  registers.cr3 = 0x1000;
  registers.cr4 = paging::cr4::pae;
  registers.efer = paging::efer::lme | paging::efer::lma;
  paging::domain domain;
  domain.guest = paging::decode_guest(registers, paging::capabilities());

  tables memory;
  memory.entries = {{0x1000, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x4003}, {0x4028, 0x7777'7003}};
  paging::two_stage_walk<tables> walk(domain, memory);
  const paging::outcome mapped = walk.translate(paging::gva(0x5123), paging::access());
  const paging::outcome failed = walk.translate(paging::gva(0x6123), paging::access());
  if (mapped.mapped() && mapped.output.value == 0x7777'7123 && failed.failure.kind == paging::fault_kind::page_fault)
    return 0;
  std::cerr << "the walk came out wrong\n";
  return 1;
}
