// What each invalidation takes, and what it leaves: the manuals' sentences as a table.
#include "nestwalk/paging/invalidation.h"

#include <gtest/gtest.h>

namespace nestwalk::paging {
namespace {

// The mapping that an operation is asked about: VPID 1, PCID 3, EPTP page 7, covering 2 MBytes at 0x200000.
struct cached {
  mapping_kind kind = mapping_kind::combined;
  translation_tags tags{1, 3, 7};
  bool global = false;
  std::uint64_t base = 0x200000;
  unsigned size_log2 = page_2m;
};

bool gone(const selector& s, const cached& m) {
  return s.takes(m.kind) && s.tags_agree(pack(m.tags, m.kind), m.global) && s.covers(m.base, m.size_log2);
}

constexpr translation_tags now{1, 3, 7};
constexpr gva inside{0x345678};
constexpr gva outside{0x400000};

cached linear(cached m = {}) {
  return m.kind = mapping_kind::linear, m;
}
cached guest_physical(cached m = {}) {
  return m.kind = mapping_kind::guest_physical, m;
}
cached global(cached m = {}) {
  return m.global = true, m;
}
cached other_pcid(cached m = {}) {
  return m.tags.process = 4, m;
}
cached other_vpid(cached m = {}) {
  return m.tags.space = 2, m;
}
cached other_eptp(cached m = {}) {
  return m.tags.second = 8, m;
}

struct invalidation_case {
  const char* what;
  selector operation;
  cached mapping;
  bool goes;
  friend void PrintTo(const invalidation_case& c, std::ostream* out) { *out << c.what; }
};
class invalidations : public testing::TestWithParam<invalidation_case> {};
TEST_P(invalidations, take_what_the_manual_says_and_leave_what_may_stay) {
  EXPECT_EQ(gone(GetParam().operation, GetParam().mapping), GetParam().goes) << GetParam().what;
}

constexpr auto ia = invpcid_type::individual_address;
constexpr auto one = invpcid_type::single_context;

INSTANTIATE_TEST_SUITE_P(
    guest, invalidations,
    testing::Values(
        invalidation_case{"INVLPG, an address of the page", invlpg(inside, now), {}, true},
        invalidation_case{"INVLPG, linear mappings too", invlpg(inside, now), linear(), true},
        invalidation_case{"INVLPG, another page", invlpg(outside, now), {}, false},
        invalidation_case{"INVLPG, a global of another PCID", invlpg(inside, now), global(other_pcid()), true},
        invalidation_case{"INVLPG, another PCID", invlpg(inside, now), other_pcid(), false},
        invalidation_case{"INVLPG, another VPID", invlpg(inside, now), other_vpid(), false},
        invalidation_case{"INVLPG, every EPTP", invlpg(inside, now), other_eptp(), true},
        invalidation_case{"INVLPG, guest-physical stay", invlpg(inside, now), guest_physical(), false},
        invalidation_case{"MOV CR3, the new PCID", mov_cr3(3, now), {}, true},
        invalidation_case{"MOV CR3, another PCID", mov_cr3(4, now), {}, false},
        invalidation_case{"MOV CR3, globals stay", mov_cr3(3, now), global(), false},
        invalidation_case{"MOV CR3, guest-physical stay", mov_cr3(3, now), guest_physical(), false},
        invalidation_case{"CR4.PGE, globals go", whole_vpid(now), global(other_pcid()), true},
        invalidation_case{"CR4.PGE, another VPID", whole_vpid(now), global(other_vpid()), false},
        invalidation_case{"INVPCID address", invpcid(ia, 3, inside, now), {}, true},
        invalidation_case{"INVPCID address, globals stay", invpcid(ia, 3, inside, now), global(), false},
        invalidation_case{"INVPCID address, another PCID", invpcid(ia, 4, inside, now), {}, false},
        invalidation_case{"INVPCID domain", invpcid(one, 3, outside, now), {}, true},
        invalidation_case{"INVPCID domain, globals stay", invpcid(one, 3, outside, now), global(), false},
        invalidation_case{"INVPCID all with globals", invpcid(invpcid_type::all_with_globals, 0, outside, now),
                          global(other_pcid()), true},
        invalidation_case{"INVPCID all, PCIDs", invpcid(invpcid_type::all, 0, outside, now), other_pcid(), true},
        invalidation_case{"INVPCID all, globals stay", invpcid(invpcid_type::all, 0, outside, now), global(), false},
        invalidation_case{"#PF, the address", page_fault(inside, now), global(), true},
        invalidation_case{"#PF, another address", page_fault(outside, now), {}, false}));

constexpr std::uint64_t eptp_of_7 = 7 << 12 | 3 << 3 | 6;
constexpr auto single = invept_type::single_context;

INSTANTIATE_TEST_SUITE_P(
    host, invalidations,
    testing::Values(
        invalidation_case{"INVEPT single, combined", invept(single, eptp_of_7), global(), true},
        invalidation_case{"INVEPT single, guest-physical", invept(single, eptp_of_7), guest_physical(), true},
        invalidation_case{"INVEPT single, every VPID", invept(single, eptp_of_7), other_vpid(), true},
        invalidation_case{"INVEPT single, another EPTP", invept(single, eptp_of_7), other_eptp(), false},
        invalidation_case{"INVEPT, linear stay", invept(single, eptp_of_7), linear(), false},
        invalidation_case{"INVEPT all", invept(invept_type::all_context, 0), guest_physical(other_eptp()), true},
        invalidation_case{"INVEPT all, linear stay", invept(invept_type::all_context, 0), linear(), false},
        invalidation_case{"INVVPID address", invvpid(invvpid_type::individual_address, 1, inside), global(), true},
        invalidation_case{
            "INVVPID address, elsewhere", invvpid(invvpid_type::individual_address, 1, outside), {}, false},
        invalidation_case{"INVVPID address, every PCID", invvpid(invvpid_type::individual_address, 1, inside),
                          other_pcid(), true},
        invalidation_case{"INVVPID single", invvpid(invvpid_type::single_context, 1, gva()), linear(), true},
        invalidation_case{"INVVPID single, another", invvpid(invvpid_type::single_context, 2, gva()), {}, false},
        invalidation_case{"INVVPID single, guest-physical stay", invvpid(invvpid_type::single_context, 1, gva()),
                          guest_physical(), false},
        invalidation_case{"INVVPID all", invvpid(invvpid_type::all_context, 0, gva()), other_vpid(), true},
        invalidation_case{
            "INVVPID retaining globals", invvpid(invvpid_type::single_context_retaining_globals, 1, gva()), {}, true},
        invalidation_case{"INVVPID retaining globals, globals stay",
                          invvpid(invvpid_type::single_context_retaining_globals, 1, gva()), global(), false},
        invalidation_case{"VM entry without VPID, VPID 0", vm_transition_without_vpid(),
                          cached{mapping_kind::combined, {0, 3, 7}}, true},
        invalidation_case{"VM entry without VPID, another VPID", vm_transition_without_vpid(), {}, false},
        invalidation_case{"VM entry without VPID, guest-physical stay", vm_transition_without_vpid(), guest_physical(),
                          false},
        invalidation_case{"EPT violation, the guest-physical page", ept_violation_guest_physical(gpa(0x345678), now),
                          guest_physical(), true},
        invalidation_case{"EPT violation, another page", ept_violation_guest_physical(gpa(0x400000), now),
                          guest_physical(), false},
        invalidation_case{"EPT violation, the combined mapping", ept_violation_combined(inside, now), {}, true},
        invalidation_case{"EPT violation, linear stay", ept_violation_combined(inside, now), linear(), false}));

INSTANTIATE_TEST_SUITE_P(
    svm, invalidations,
    testing::Values(
        invalidation_case{"INVLPGA", invlpga(inside, 1), global(), true},
        invalidation_case{"INVLPGA, another ASID", invlpga(inside, 2), {}, false},
        invalidation_case{"TLB_CONTROL 0", vmrun(tlb_control::nothing, 1), {}, false},
        invalidation_case{"TLB_CONTROL 1", vmrun(tlb_control::flush_all, 1), other_vpid(), true},
        invalidation_case{"TLB_CONTROL 3", vmrun(tlb_control::flush_asid, 1), global(), true},
        invalidation_case{"TLB_CONTROL 3, another ASID", vmrun(tlb_control::flush_asid, 1), other_vpid(), false},
        invalidation_case{"TLB_CONTROL 3, guest-physical", vmrun(tlb_control::flush_asid, 1), guest_physical(), true},
        invalidation_case{"TLB_CONTROL 7, globals stay", vmrun(tlb_control::flush_asid_keep_globals, 1), global(),
                          false},
        invalidation_case{"TLB_CONTROL 7", vmrun(tlb_control::flush_asid_keep_globals, 1), {}, true}));

TEST(selector, takes_every_fragment_of_a_large_page_by_the_range_of_the_guest_page) {
  const selector s = invlpg(inside, now);
  EXPECT_TRUE(s.covers(0x200000, page_2m));
  EXPECT_FALSE(s.covers(0x346000, page_4k));
  EXPECT_TRUE(s.covers(0, 63));
}

}  // namespace
}  // namespace nestwalk::paging
