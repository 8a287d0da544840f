#include "nestwalk/image/second_stage.h"

#include <algorithm>

#include "nestwalk/paging/drive.h"

namespace nestwalk::image {
namespace {

using paging::access_type;
using paging::fault_kind;
using paging::gpa;
using paging::hpa;
using paging::nested_access;
using nested_walk = paging::walk<gpa, hpa>;

/// Answers a walk from the image and lets it set flags in nothing.
struct looking_port {
  const memory_image& memory;
  paging::fault& failed;

  bool read(hpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
    if (memory.read(entry, bytes, value)) return true;
    failed = paging::memory_error(paging::stage_kind::nested, level, entry);
    return false;
  }
  paging::exchange_result exchange(hpa, unsigned, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
  bool log(hpa, std::uint64_t) { return true; }
};

nested_access look_for(access_type type, paging::purpose why) {
  nested_access question;
  question.type = type;
  question.why = why;
  question.looks = true;
  return question;
}

/// Whether entries that are there, and allow something else, refused an access.
bool allows_else(const paging::fault& why) {
  return why.kind == fault_kind::ept_violation && why.cause == paging::walk_cause::forbidden;
}

}  // namespace

/// As many as there can be, up to those that cover 64 GiB by pages of 4K.
std::size_t second_stage::kept_tables(const memory_image& memory) {
  constexpr std::size_t most = std::size_t{1} << 15;
  return std::min<std::size_t>(most, (memory.bytes() >> paging::page_4k) + 1);
}

/// Bytes from `at` to the end of what an entry of `level` covers; level 0: of everything.
std::uint64_t second_stage::reach(gpa at, unsigned level) const {
  if (level == 0) return ~at.value;
  return (std::uint64_t{1} << stage_.format.level[level].shift) - at.offset(stage_.format.level[level].shift);
}

second_stage::answer second_stage::walk(gpa at, const nested_access& question) {
  constexpr unsigned lowest_level = 1;
  const std::uint64_t block = at.value >> stage_.format.level[lowest_level + 1].shift;
  kept_table& kept = lowest_[block % lowest_.size()];
  nested_walk w =
      block == kept.block ? nested_walk(stage_, at, question, kept.start) : nested_walk(stage_, at, question);
  answer found;
  if (!paging::drive(w, stage_.format.entry_log2, looking_port{memory_, found.why})) {
    found.bytes = reach(at, found.why.level);
    return found;
  }
  if (w.state() == paging::walk_step::faulted) {
    found.why = w.why();
    found.bytes = reach(at, found.why.level);
    return found;
  }
  found.page = w.result();
  found.bytes = (std::uint64_t{1} << found.page.nested_size_log2) - at.offset(found.page.nested_size_log2);
  if (found.page.nested_size_log2 == stage_.format.level[lowest_level].shift && w.began_at() > lowest_level)
    kept = {block, w.reached(lowest_level)};
  return found;
}

second_stage::answer second_stage::page(gpa at) {
  if (last_at_ <= at && at - last_at_ < last_page_.bytes) {
    answer same = last_page_;
    same.bytes -= at - last_at_;
    return same;
  }
  answer found = walk(at, look_for(access_type::read, paging::purpose::data_page));
  if (allows_else(found.why)) {  // execute-only pages, for the supervisor or for users
    nested_access question = look_for(access_type::fetch, paging::purpose::data_page);
    question.user = false;
    question.linear_rights.bits = paging::rights::all & ~paging::rights::user;
    if (const answer fetched = walk(at, question); fetched.mapped()) found = fetched;
    question.linear_rights.bits = paging::rights::all;
    if (!found.mapped())
      if (const answer fetched = walk(at, question); fetched.mapped()) found = fetched;
  }
  last_page_ = found;
  last_at_ = at;
  return found;
}

second_stage::answer second_stage::table(gpa at, unsigned level) {
  nested_access question = look_for(access_type::read, paging::purpose::table_entry);
  question.table_level = static_cast<std::uint8_t>(level);
  return walk(at, question);
}

}  // namespace nestwalk::image
