// One walk as a numbered table.
#pragma once

#include <ostream>
#include <string>

#include "platforms/mode.h"
#include "platforms/walks/walk_record.h"

namespace nestwalk::platforms {

/// What a table of a walk calls things.
struct walk_titles {
  std::string heading;          ///< the question
  const char* first = "guest";  ///< the dimensions
  const char* second = "nested";
  const char* second_tlb = "nested TLB";  ///< between the walkers
};

/// Prints each memory read on a numbered line: the dimension, the entry, the space and address where it lies, its value
/// and flags, who served it, the cycles. Exchanges of flags, and why the second stage was asked, stand between them
/// without numbers; then the mapping with both stages' rights, or the fault.
void print_walk(const walk_record& record, machine_mode mode, std::ostream& out);

/// The steps alone, under a heading, with entries of device tables as a dimension of their own; then how many reads and
/// cycles they were.
void print_steps(const walk_record& record, const walk_titles& titles, std::ostream& out);
/// Where a mapped address goes, and the rights of both stages, those of a stage that took part.
void print_mapping(const walk_record& record, const walk_titles& titles, std::ostream& out);

}  // namespace nestwalk::platforms
