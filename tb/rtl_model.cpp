#include "tb/rtl_model.h"

namespace nestwalk::tb {

void rtl_model::reset() {
  constexpr unsigned cycles = 3;
  in = {};
  in.reset = true;
  for (unsigned i = 0; i < cycles; ++i) cycle();
  in.reset = false;
}

const model_shape* find_shape(unsigned contexts) {
  for (const model_shape& shape : model_shapes())
    if (shape.contexts == contexts && shape.nested_tlb_entries == 0 && shape.walk_cache_entries == 0 && !shape.bypass)
      return &shape;
  return nullptr;
}

}  // namespace nestwalk::tb
