#include "nestwalk/image/mapping_scan.h"

#include <algorithm>

namespace nestwalk::image {
namespace {

using paging::gpa;
using paging::gva;
using paging::hpa;
using paging::walk_step;

constexpr paging::access any_access{paging::access_type::read, paging::access_mode::supervisor_ac};
constexpr std::uint64_t looks_at_each_table = 16;

/// The stage with rights that are not judged: what an entry gives is wanted, not whether it suffices.
paging::guest_stage unjudged(paging::guest_stage stage) {
  paging::rights_policy::controls lets_all_through;
  lets_all_through.paging = false;
  stage.policy = paging::rights_policy(lets_all_through);
  return stage;
}

}  // namespace

mapping_scan::mapping_scan(const paging::domain& domain, const memory_image& memory, const scan_limits& limits)
    : domain_(domain), memory_(memory), limits_(limits), guest_(unjudged(domain.guest)), second_(domain, memory) {}

bool mapping_scan::run(const sink& found) {
  found_ = &found;
  open_ = {};
  pieces_ = tables_ = 0;
  over_ = false;
  known_.clear();
  scan_all();
  if (open_.bytes != 0) found(open_);
  return !over_;
}

std::uint64_t mapping_scan::entry_span(unsigned level) const {
  return std::uint64_t{1} << guest_.format.level[level].shift;
}

std::uint64_t mapping_scan::table_span(unsigned level) const {
  return entry_span(level) * (guest_.format.level[level].index_mask + std::uint64_t{1});
}

/// The address that the tables' bits stand for: in the upper half, with all bits above them set.
gva mapping_scan::canonical(std::uint64_t linear) const {
  if (paging::stage_rules<gva>::admits(guest_, gva(linear))) return gva(linear);
  return gva(linear | ~std::uint64_t{0} << guest_.linear_bits);
}

/// The root, or each root that a register of PAE paging names; without paging, what passes.
void mapping_scan::scan_all() {
  const std::uint64_t end = std::uint64_t{1} << guest_.linear_bits;
  for (std::uint64_t linear = 0; linear < end && !over_;) {
    const walk w(guest_, gva(linear), any_access);
    if (w.state() == walk_step::read) {
      const table root = w.reached(w.began_at());
      scan_table(root, linear);
      linear += table_span(root.level);
      continue;
    }
    if (w.state() == walk_step::mapped) scan_page(linear, w.result());
    linear += std::uint64_t{1} << paging::page_1g;
  }
}

void mapping_scan::scan_table(const table& t, std::uint64_t linear) {
  known_table& known = known_[t.table.value | t.level];
  if (known.uniform && known.gathered == t.gathered) {
    mapped_range all = known.page;
    all.first = canonical(linear);
    all.bytes = table_span(t.level);
    all.one_page = true;
    return emit(all);
  }
  if (++tables_ > limits_.tables + looks_at_each_table * known_.size()) over_ = true;
  if (over_) return;
  hpa at(t.table.value);
  if (domain_.nested_on) {
    const second_stage::answer place = second_.table(t.table, t.level);
    if (!place.mapped()) return emit_unusable(linear, table_span(t.level), place.why);
    at = place.page.translate(t.table);
  }
  scan_entries(t, linear, at);

  const gva first = canonical(linear);
  known_table& now = known_[t.table.value | t.level];
  now.gathered = t.gathered;
  now.uniform = open_.one_page && open_.first <= first && open_.end() == first.value + table_span(t.level);
  now.page = open_;
}

void mapping_scan::scan_entries(const table& t, std::uint64_t linear, hpa at) {
  const paging::format& f = guest_.format;
  const unsigned bytes = 1u << f.entry_log2;
  const unsigned entries = f.level[t.level].index_mask + 1u;
  for (unsigned i = 0; i < entries && !over_; ++i, linear += entry_span(t.level)) {
    std::uint64_t entry = 0;
    const hpa place = at + std::uint64_t{i} * bytes;
    if (!memory_.read(place, bytes, entry)) {
      emit_unusable(linear, entry_span(t.level), paging::memory_error(paging::stage_kind::guest, t.level, place));
    } else if ((entry & f.present) != 0) {
      scan_entry(t, linear, entry);
    }
  }
}

void mapping_scan::scan_entry(const table& t, std::uint64_t linear, std::uint64_t entry) {
  walk w(guest_, gva(linear), any_access, t);
  walk_step next = w.value(entry);
  if (next == walk_step::read) return scan_table(w.reached(t.level - 1), linear);
  if (next == walk_step::faulted) return scan_failed(w, linear);
  while (next == walk_step::update) next = w.updated();  // no flag is set in memory
  scan_page(linear, w.result());
}

/// Not inlined: the compiler does not see that a walk that faults knows why.
[[gnu::noinline]] void mapping_scan::scan_failed(const walk& w, std::uint64_t linear) {
  emit_unusable(linear, entry_span(w.level()), w.why());
}

void mapping_scan::scan_page(std::uint64_t linear, const paging::mapping<gpa>& first) {
  const std::uint64_t bytes = std::uint64_t{1} << first.guest_size_log2;
  mapped_range piece;
  piece.guest_size_log2 = first.guest_size_log2;
  for (std::uint64_t done = 0; done < bytes && !over_; done += piece.bytes) {
    piece.first = canonical(linear + done);
    piece.guest_physical = first.page + done;
    piece.bytes = bytes;
    paging::mapping<hpa> both = paging::untranslated(first);
    piece.why = {};
    if (domain_.nested_on) {
      const second_stage::answer answer = second_.page(piece.guest_physical);
      piece.bytes = std::min(answer.bytes, bytes - done);
      piece.why = answer.why;
      if (answer.mapped()) both = paging::compose(first, answer.page, piece.guest_physical);
    }
    piece.nested_size_log2 = piece.mapped() ? both.nested_size_log2 : std::uint8_t{63};
    piece.host_physical = piece.mapped() ? both.translate(gva(linear + done)) : hpa();
    piece.granted = {static_cast<std::uint8_t>(both.granted.bits & ~paging::rights::dirty), both.granted.key};
    piece.global = first.global;
    emit(piece);
  }
}

void mapping_scan::emit_unusable(std::uint64_t linear, std::uint64_t bytes, const paging::fault& why) {
  const std::uint64_t half = std::uint64_t{1} << (guest_.linear_bits - 1);
  if (linear < half && linear + bytes > half && canonical(half) != gva(half)) {  // what is no address lies between
    emit_unusable(linear, half - linear, why);
    return emit_unusable(half, linear + bytes - half, why);
  }
  mapped_range piece;
  piece.first = canonical(linear);
  piece.bytes = bytes;
  piece.granted = {0, 0};
  piece.why = why;
  emit(piece);
}

void mapping_scan::emit(const mapped_range& piece) {
  if (++pieces_ > limits_.pieces) over_ = true;
  if (open_.take(piece)) return;
  if (open_.bytes != 0) (*found_)(open_);
  open_ = piece;
}

}  // namespace nestwalk::image
