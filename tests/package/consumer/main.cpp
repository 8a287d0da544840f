#include <exception>
#include <iostream>

#include "user_part.h"

// An executable that links the parts once more, beside the shared library that has them.
int sc_main(int, char*[]) {
  if (user::reads_through_the_mmu()) return 0;
  std::cerr << "the access through the mmu failed\n";
  return 1;
}
