// Functional coverage: which combinations of stage, level, fault, page sizes, access and occupancy walks have met.
#pragma once

#include <string>
#include <vector>

#include "nestwalk/paging/access.h"
#include "tb/rtl_request.h"
#include "tb/rtl_response.h"

namespace nestwalk::tb {

class crosses {
 public:
  crosses();

  void add(const rtl_context& c, const paging::access& a, const rtl_response& r, unsigned occupancy);
  void merge(const crosses& other);
  std::size_t hit() const;
  /// Combinations that can be.
  std::size_t size() const;
  /// The combinations not met, a line each.
  std::vector<std::string> missed() const;

 private:
  static std::size_t bin_of(const rtl_context& c, const paging::access& a, const rtl_response& r, unsigned occupancy);

  std::vector<bool> seen_;
};

}  // namespace nestwalk::tb
