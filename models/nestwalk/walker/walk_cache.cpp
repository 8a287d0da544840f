#include "nestwalk/walker/walk_cache.h"

#include "nestwalk/protocol/error.h"

namespace nestwalk::walker {

template <class Out>
walk_cache<Out>::walk_cache(const walk_cache_config& config, const std::string& owner) {
  build(5, config.pml5e, owner, "pml5e");
  build(4, config.pml4e, owner, "pml4e");
  build(3, config.pdpte, owner, "pdpte");
  build(2, config.pde, owner, "pde");
}

template <class Out>
void walk_cache<Out>::build(unsigned level, const walk_cache_size& size, const std::string& owner, const char* name) {
  if (size.entries == 0) return;
  const unsigned ways = size.ways == 0 ? size.entries : size.ways;
  if (size.entries % ways != 0)
    throw input_error(owner + "." + name + ".ways: " + std::to_string(ways) + " does not divide the " +
                      std::to_string(size.entries) + " entries; take a divisor, or 0 for full associativity");
  levels_[level].build(size.entries, ways);
  built_ = true;
}

template <class Out>
void walk_cache<Out>::invalidate(const paging::selector& s) {
  if (!s.walk_caches || !built_) return;
  for (auto& level : levels_)
    level.drop([&s](const key& k) { return s.takes(k.tags.kind()) && s.tags_agree(k.tags, /*global=*/false); });
}

template class walk_cache<paging::gpa>;
template class walk_cache<paging::hpa>;

}  // namespace nestwalk::walker
