// A user's shared library with an mmu in it.
#pragma once

#include <systemc>

namespace user {

/// One read through an mmu and a dram of this library; whether it came back as it should.
bool reads_through_the_mmu();

}  // namespace user
