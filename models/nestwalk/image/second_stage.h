// Where guest-physical addresses go, asked in the order of addresses.
#pragma once

#include <cstdint>
#include <vector>

#include "nestwalk/image/memory_image.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/walk.h"

namespace nestwalk::image {

/// The second stage of a domain over the memory of an image, without effect on it. It keeps where the lowest tables
/// are, so that most answers cost one read.
class second_stage {
 public:
  /// Of one address: its mapping, or why there is none.
  struct answer {
    paging::mapping<paging::hpa> page;
    paging::fault why;        ///< kind none where it is mapped
    std::uint64_t bytes = 0;  ///< from the address on, for which the same holds
    bool mapped() const { return why.kind == paging::fault_kind::none; }
  };

  /// `domain`, with its second stage on, and `memory` outlive this.
  second_stage(const paging::domain& domain, const memory_image& memory)
      : stage_(domain.nested), memory_(memory), lowest_(kept_tables(memory)) {}

  /// A data page: mapped where its entries allow any access at all.
  answer page(paging::gpa at);
  /// A table of the guest, as a walk of the guest's tables asks for its entries, which are of `level`.
  answer table(paging::gpa at, unsigned level);

 private:
  /// The lowest table for a block of addresses.
  struct kept_table {
    std::uint64_t block = ~std::uint64_t{0};
    paging::walk_start<paging::hpa> start;
  };

  static std::size_t kept_tables(const memory_image& memory);
  answer walk(paging::gpa at, const paging::nested_access& question);
  std::uint64_t reach(paging::gpa at, unsigned level) const;

  const paging::nested_stage& stage_;
  const memory_image& memory_;
  answer last_page_;  // of `page`, from `last_at_` on
  paging::gpa last_at_;
  std::vector<kept_table> lowest_;  // by the addresses that they cover, direct mapped
};

}  // namespace nestwalk::image
