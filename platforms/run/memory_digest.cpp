#include "platforms/run/memory_digest.h"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace nestwalk::platforms {
namespace {

constexpr std::uint64_t page_bytes = 4096;

struct state_deleter {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

using page_content = std::array<unsigned char, page_bytes>;

bool all_zero(const page_content& page) {
  return page[0] == 0 && std::equal(page.begin() + 1, page.end(), page.begin());
}

}  // namespace

std::string memory_digest(const guest_memory_view& memory) {
  const std::unique_ptr<XXH3_state_t, state_deleter> state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  page_content bytes;
  for (auto page = memory.next_page(paging::gpa(0)); page; page = memory.next_page(*page + page_bytes)) {
    memory.read(*page, bytes.data());
    if (all_zero(bytes)) continue;
    XXH3_128bits_update(state.get(), &page->value, sizeof page->value);
    XXH3_128bits_update(state.get(), bytes.data(), bytes.size());
  }
  const XXH128_hash_t digest = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", digest.high64, digest.low64);
}

}  // namespace nestwalk::platforms
