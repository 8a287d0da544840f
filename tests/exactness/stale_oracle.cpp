#include "stale_oracle.h"

#include <algorithm>

#include "nestwalk/paging/stage_rules.h"

namespace nestwalk::test {

using paging::gpa;
using paging::gva;
using paging::hpa;

// One search: who asks what, under which PCID's tables, and the answer looked for.
struct stale_oracle::guest_path {
  gva in;
  paging::access access;
  paging::translation_tags tags;
  bool foreign;  // another PCID's tables: only their global pages count
  hpa output;
};

namespace {

std::uint64_t index_offset(const paging::format& f, unsigned level, std::uint64_t in) {
  return ((in >> f.level[level].shift) & f.level[level].index_mask) << f.entry_log2;
}

}  // namespace

void stale_oracle::clear() {
  entries.clear();
  flushes.clear();
  roots_.clear();
  no_globals_until_ = 0;
}

void stale_oracle::set_global_pages(bool on, std::uint64_t now) {
  no_globals_until_ = on ? std::min(no_globals_until_, now) : entry_history::forever;
}

void stale_oracle::select_root(std::uint16_t vpid, std::uint16_t pcid, std::uint64_t root, std::uint64_t now) {
  roots_[{vpid, pcid}].store(0, root, now);
}

std::uint64_t stale_oracle::nested_window() const {
  return flushes.last(paging::mapping_kind::guest_physical, domain_->tags, false, 0, 63);
}

// A guest's entries live on in linear or combined mappings; INVEPT ends the combined ones.
std::uint64_t stale_oracle::guest_window(const paging::translation_tags& tags, bool global, gva in,
                                         unsigned size_log2) const {
  const auto kind = domain_->nested_on ? paging::mapping_kind::combined : paging::mapping_kind::linear;
  return flushes.last(kind, tags, global, in.base(size_log2).value, size_log2);
}

bool stale_oracle::allows(const paging::domain& now, gva in, const paging::access& a, hpa output) {
  domain_ = &now;
  for (const auto& [owner, history] : roots_) {
    if (owner.first != now.tags.space) continue;
    guest_path path{in, a, now.tags, owner.second != now.tags.process, output};
    path.tags.process = owner.second;
    for (const entry_history::held& root : history.all(0))
      if (root.value != 0 &&
          descend_guest(path, now.guest.format.levels, gpa(root.value), ~std::uint64_t{0}, root.until))
        return true;
  }
  return false;
}

bool stale_oracle::descend_guest(const guest_path& path, unsigned level, gpa table, std::uint64_t gathered,
                                 std::uint64_t until) {
  const paging::format& f = domain_->guest.format;
  const gpa slot = table + index_offset(f, level, path.in.value);
  const paging::nested_access question{paging::access_type::read, paging::purpose::table_entry, true, {}, path.in};
  return each_nested(slot, question, [&](hpa at, paging::rights, std::uint64_t nested_until, unsigned) {
    if (nested_until <= nested_window()) return false;
    for (const entry_history::held& entry : entries.all(at.value)) {
      const std::uint64_t value = entry.value;
      const std::uint64_t silent = f.level[level].silent;
      if ((value & f.present) == 0 || ((value | silent) & f.accessed) == 0) continue;
      const bool leaf = f.is_leaf(value, level);
      if (f.malformed(value, level, leaf)) continue;
      const std::uint64_t rights = gathered & ((value ^ f.invert) | silent);
      const std::uint64_t end = std::min(until, entry.until);
      if (leaf ? take_guest_leaf(path, level, rights, value, end)
               : descend_guest(path, level - 1, gpa(value & f.address), rights, end))
        return true;
    }
    return false;
  });
}

bool stale_oracle::take_guest_leaf(const guest_path& path, unsigned level, std::uint64_t gathered, std::uint64_t leaf,
                                   std::uint64_t until) {
  const paging::guest_stage& stage = domain_->guest;
  const unsigned size = stage.format.level[level].shift;
  // Of a PGE that has since been cleared by a VM entry, which owes no flush, global mappings may be left.
  const bool global = (leaf & paging::x86_entry::g) != 0;
  const bool as_global = global && until > guest_window(path.tags, true, path.in, size);
  // Filled while PGE was 0 it is none, whatever its entry says.
  const std::uint64_t own = guest_window(path.tags, false, path.in, size);
  const bool as_own = !path.foreign && until > own && (!global || no_globals_until_ > own);
  if (!as_global && !as_own) return false;
  if (path.access.type == paging::access_type::write && (leaf & stage.format.dirty) == 0) return false;
  const paging::rights r = stage.format.granted(gathered, leaf);
  if (!stage.policy.guest_permits(path.access, r)) return false;
  const gpa to(stage.format.page_of(leaf, level) + path.in.offset(size));
  if (!domain_->nested_on) return hpa(to.value) == path.output;
  const paging::nested_access question{path.access.type,  paging::purpose::data_page, true, r, path.in, false,
                                       path.access.user()};
  return each_nested(to, question, [&](hpa at, paging::rights, std::uint64_t nested_until, unsigned) {
    return nested_until > nested_window() && at == path.output;
  });
}

bool stale_oracle::each_nested(gpa in, const paging::nested_access& a, const found& see) {
  if (!domain_->nested_on) return see(hpa(in.value), paging::rights{}, entry_history::forever, 63);
  const paging::nested_stage& stage = domain_->nested;
  if (!paging::stage_rules<gpa>::admits(stage, in)) return false;
  return descend_nested(in, a, stage.format.levels, stage.root, ~std::uint64_t{0}, entry_history::forever, see);
}

bool stale_oracle::descend_nested(gpa in, const paging::nested_access& a, unsigned level, hpa table,
                                  std::uint64_t gathered, std::uint64_t until, const found& see) {
  using rules = paging::stage_rules<gpa>;
  const paging::nested_stage& stage = domain_->nested;
  const paging::format& f = stage.format;
  const hpa slot = table + index_offset(f, level, in.value);
  for (const entry_history::held& entry : entries.all(slot.value)) {
    const std::uint64_t value = entry.value;
    if ((value & f.present) == 0 || (value & f.accessed) != f.accessed) continue;
    const bool leaf = f.is_leaf(value, level);
    if (f.malformed(value, level, leaf)) continue;
    const std::uint64_t all = gathered & (value ^ f.invert);
    const std::uint64_t end = std::min(until, entry.until);
    if (!leaf) {
      if (descend_nested(in, a, level - 1, hpa(value & f.address), all, end, see)) return true;
      continue;
    }
    const paging::rights r = f.granted(all, value);
    if (!rules::permits(stage, a, r)) continue;
    if (rules::writes(stage, a) && (value & f.dirty) != f.dirty) continue;
    const unsigned size = f.level[level].shift;
    if (see(hpa(f.page_of(value, level) + in.offset(size)), r, end, size)) return true;
  }
  return false;
}

}  // namespace nestwalk::test
