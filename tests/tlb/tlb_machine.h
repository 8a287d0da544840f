// A TLB between who asks and who answers, both watched.
#pragma once

#include <initializer_list>
#include <vector>

#include "nestwalk/protocol/translation_monitor.h"
#include "nestwalk/tlb/tlb.h"
#include "support/fake_translator.h"

namespace nestwalk::test {

template <class In>
struct tlb_machine {
  translation_asker<In> asker{"asker"};
  protocol::translation_monitor<In> above{"above"};
  tlb::tlb<In> tlb;
  protocol::translation_monitor<In> below{"below"};
  fake_translator<In> walker{"walker"};
  paging::domain domain;

  explicit tlb_machine(const tlb::tlb_config& c = {}) : tlb("tlb", c) {
    asker.next.bind(above.requests);
    above.next_level.bind(tlb.requests);
    tlb.next_level.bind(below.requests);
    below.next_level.bind(walker.requests);
    domain.tags = {1, 0, 0};
    paging::rights_policy::controls controls;
    controls.write_protect = true;
    domain.guest.policy = paging::rights_policy(controls);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  bool ask(std::uint64_t address, const paging::question_of<In>& q = {}) { return asker.ask(address, domain, q); }
  std::uint64_t output() const { return asker.t.output().value; }
  /// Whether the address is answered without the walker.
  bool hits(std::uint64_t address, const paging::question_of<In>& q = {}) {
    const std::uint64_t before = walker.asked;
    return ask(address, q) && walker.asked == before;
  }
  bool hits_with_tags(std::uint64_t address, const paging::translation_tags& tags, bool nested_on) {
    const paging::domain was = domain;
    domain.tags = tags;
    domain.nested_on = nested_on;
    const bool hit = hits(address);
    domain = was;
    return hit;
  }
};

inline tlb::tlb_config one_array(unsigned entries, unsigned ways, unsigned sizes = tlb::pages::of_4k,
                                 tlb::replacement_policy policy = tlb::replacement_policy::lru) {
  tlb::tlb_config c;
  c.base = {entries, ways, sizes};
  c.replacement = policy;
  return c;
}

inline tlb::tlb_config all_sizes() {
  return one_array(64, 4, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_4m | tlb::pages::of_1g);
}

}  // namespace nestwalk::test
