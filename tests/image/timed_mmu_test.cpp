// Every page of a real machine, by an mmu of modules with everything cached.
#include <gtest/gtest.h>

#include "image/linux_npt.h"
#include "platforms/conform/bare_mmu.h"

namespace nestwalk::image {
namespace {

using paging::fault_kind;
using test::linux_npt;
using test::page_truth;

mmu::mmu_config cached(unsigned physical_bits) {
  mmu::mmu_config c;
  c.processor.maker = paging::vendor::amd;
  c.processor.physical_bits = physical_bits;
  for (tlb::tlb_config* t : {&c.l1i_tlb, &c.l1d_tlb, &c.l2_tlb, &c.nested_tlb})
    t->base = {1024, 4, tlb::pages::of_4k | tlb::pages::of_2m | tlb::pages::of_4m | tlb::pages::of_1g};
  for (walker::walker_config* w : {&c.guest_walker, &c.nested_walker})
    w->caches.pml5e = w->caches.pml4e = w->caches.pdpte = w->caches.pde = {16, 4};
  return c;
}

/// Asks for every page again and again, in both directions, so that TLBs, walk caches and walks all answer.
void expect_all_pages(unsigned physical_bits) {
  const linux_npt machine;
  platforms::bare_mmu mmu("machine", cached(physical_bits), machine.image.get());
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  protocol::translation_controls controls;
  controls.nested_paging = true;
  controls.format = paging::nested_kind::npt;
  controls.host = machine.host_registers();
  mmu.enter(controls, machine.guest_registers());

  const auto expect_page = [&](const page_truth& truth) {
    const auto mode = truth.guest_user ? paging::access_mode::user : paging::access_mode::supervisor;
    for (unsigned again = 0; again < 2; ++again) {
      const bool done = mmu.access(paging::gva(truth.gva + 8), {paging::access_type::read, mode}, 8);
      const bool reserved = truth.is_device() && physical_bits < 52;
      ASSERT_EQ(done, truth.hpa && !reserved) << truth.name();
      if (done) {
        ASSERT_EQ(mmu.output.value, *truth.hpa + 8) << truth.name();
        continue;
      }
      ASSERT_EQ(mmu.fault.kind, fault_kind::nested_page_fault) << truth.name();
      ASSERT_EQ(mmu.fault.guest_physical.value, truth.gpa + 8) << truth.name();
      ASSERT_EQ((mmu.fault.qualification & paging::pf::rsvd) != 0, reserved) << truth.name();
    }
  };
  for (const page_truth& truth : machine.pages) expect_page(truth);
  for (auto truth = machine.pages.rbegin(); truth != machine.pages.rend(); ++truth) expect_page(*truth);
}

TEST(linux_npt_on_an_mmu, translates_every_page_at_52_bits) {
  expect_all_pages(52);
}

TEST(linux_npt_on_an_mmu, has_reserved_bits_below) {
  expect_all_pages(48);
}

}  // namespace
}  // namespace nestwalk::image
