#include "nestwalk/translation/access_counters.h"

#include <string>

namespace nestwalk::translation {

void access_counters::describe(statistics::group& into) {
  into.add("accesses", "accesses",
           "Accesses that arrived, each once however many pages it touches; after a fault they arrive again.",
           accesses);
  into.add("page_crossings", "accesses", "Accesses that touch more than one 4-KByte page, each time that they arrive.",
           page_crossings);
  into.add("further_pages", "translations", "Translations of the pages of such accesses beyond the first.",
           further_pages);
  for (unsigned kind = 1; kind < paging::fault_kinds; ++kind)
    into.add(std::string("faults_") + paging::name_of(static_cast<paging::fault_kind>(kind)), "faults",
             "Accesses that ended in this fault or exit.", faults[kind]);
  into.add("miss_time", "steps", "Time in translations that missed the L1 TLB, in steps of SystemC's time resolution.",
           miss_time);
  into.add("dmi_grants", "grants", "DMI requests that were granted.", dmi_grants);
}

}  // namespace nestwalk::translation
