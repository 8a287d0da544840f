#include "nestwalk/paging/registers.h"

#include "nestwalk/configuration/group.h"

namespace nestwalk::paging {

void describe(const configuration::group& into, capabilities& c) {
  into.choice<vendor>(
      "vendor", {{"intel", vendor::intel}, {"amd", vendor::amd}},
      "maker whose manual the processor follows: intel has EPT as its second stage, amd nested paging (NPT)", c.maker);
  into.whole("physical_bits", "bits", {36, 52}, "width of a physical address (MAXPHYADDR)", c.physical_bits);
}

}  // namespace nestwalk::paging
