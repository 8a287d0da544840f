// The bodies of walk<In, Out>; in a header so that the walkers' loops inline them.
#pragma once

namespace nestwalk::paging {

template <class In, class Out>
walk<In, Out>::walk(const stage_type& stage, In in, const question_type& question)
    : stage_(&stage), question_(&question), in_(rules::reduced(stage, in)) {
  begin();
}

template <class In, class Out>
walk<In, Out>::walk(const stage_type& stage, In in, const question_type& question, const walk_start<Out>& from)
    : stage_(&stage), question_(&question), in_(rules::reduced(stage, in)) {
  start(from.level, from.table, from.gathered);
}

template <class In, class Out>
void walk<In, Out>::begin() {
  const format& f = stage_->format;
  constexpr std::uint64_t everything = ~std::uint64_t{0};
  start(f.levels, stage_->root, everything);
  if (!rules::admits(*stage_, in_)) {
    at_.level = 0;
    fail(walk_cause::not_admitted);
    return;
  }
  if constexpr (std::is_same_v<In, gva>) {
    if (f.levels == 0) {  // CR0.PG = 0: linear addresses pass, with every right
      page_ = in_.base(page_1g).value;
      size_log2_ = page_1g;
      state_ = walk_step::mapped;
      return;
    }
    if (stage_->from_registers) {
      const std::uint64_t pdpte = stage_->pdpte[(in_.value >> page_1g) & 3];
      if ((pdpte & x86_entry::p) == 0) {
        at_.level = 3;
        fail(walk_cause::not_present);
        return;
      }
      start(f.levels, Out(f.address_of(pdpte)), everything);
    }
  }
}

/// At the first entry: the one in the table of `level` at `table`.
template <class In, class Out>
inline void walk<In, Out>::start(unsigned level, Out table, std::uint64_t gathered) {
  began_ = static_cast<std::uint8_t>(level);
  start_table_ = table;
  start_gathered_ = gathered;
  at_ = {table + index_offset(stage_->format, in_, level), gathered, level};
  state_ = walk_step::read;
}

template <class In, class Out>
inline std::uint64_t walk<In, Out>::index_offset(const format& f, In in, unsigned level) {
  const level_format& l = f.level[level];
  return (in.value >> l.slot_shift) & l.slot_mask;
}

template <class In, class Out>
inline walk_step walk<In, Out>::fail(walk_cause why) {
  cause_ = why;
  return state_ = walk_step::faulted;
}

template <class In, class Out>
inline typename walk<In, Out>::found walk<In, Out>::classify(const format& f, unsigned level, std::uint64_t entry) {
  if ((entry & f.present) == 0) return found::not_present;
  const bool leaf = f.is_leaf(entry, level);
  if (f.malformed(entry, level, leaf)) return found::malformed;
  return leaf ? found::leaf : found::table;
}

template <class In, class Out>
inline typename walk<In, Out>::found walk<In, Out>::advance(const format& f, In in, cursor& at, std::uint64_t entry) {
  const level_format& l = f.level[at.level];
  std::uint64_t gives = entry ^ f.invert;
  std::uint64_t table = entry & f.address;
  if (!usually((entry & l.plain_mask) == l.plain_bits)) {
    const found what = classify(f, at.level, entry);
    if (what != found::table) {
      at.gathered &= gives;
      return what;
    }
    gives |= l.silent;
    table = f.address_of(entry);
  }
  at.gathered &= gives;
  --at.level;
  at.entry = Out(table) + index_offset(f, in, at.level);
  return found::table;
}

template <class In, class Out>
inline walk_step walk<In, Out>::arrive(found what, std::uint64_t entry) {
  switch (what) {
    case found::table: return state_ = walk_step::read;
    case found::leaf: return judge_leaf(entry);
    case found::not_present: return fail(walk_cause::not_present);
    case found::malformed: break;
  }
  return fail(walk_cause::malformed);
}

template <class In, class Out>
inline walk_step walk<In, Out>::value(std::uint64_t entry) {
  values_[at_.level] = entry;
  return arrive(advance(stage_->format, in_, at_, entry), entry);
}

template <class In, class Out>
template <class Read>
[[gnu::always_inline]] inline bool walk<In, Out>::read_down(Read&& read) {
  const format& f = stage_->format;
  const In in = in_;
  cursor at = at_;
  found next = found::table;
  std::uint64_t value = 0;
  do {
    if (!read(at.entry, at.level, value)) {
      at_ = at;
      return false;
    }
    values_[at.level] = value;
    next = advance(f, in, at, value);
  } while (usually(next == found::table));
  at_ = at;
  arrive(next, value);
  return true;
}

template <class In, class Out>
inline walk_step walk<In, Out>::judge_leaf(std::uint64_t leaf) {
  const format& f = stage_->format;
  leaf_ = static_cast<std::uint8_t>(at_.level);
  if (!rules::permits(*stage_, *question_, stage_->format.granted(at_.gathered, leaf)))
    return fail(walk_cause::forbidden);
  page_ = f.page_of(leaf, leaf_);
  size_log2_ = f.level[leaf_].shift;
  const bool dirty = (leaf & f.dirty) == f.dirty;
  if (!f.accessed || ((at_.gathered & f.accessed) == f.accessed && (dirty || !rules::sets_dirty(*stage_, *question_))))
    return state_ = walk_step::mapped;
  if (!stage_->flags_may_be_set) return fail(walk_cause::flag_unsnooped);
  at_.level = began_ + 1u;
  if constexpr (can_log) {
    if (logs() && stage_->log->full()) {
      at_.level = leaf_;
      return fail(walk_cause::log_full);
    }
  }
  return next_update();
}

template <class In, class Out>
bool walk<In, Out>::logs() const {
  return stage_->log != nullptr && !question_->looks;
}

template <class In, class Out>
std::uint64_t walk<In, Out>::due(unsigned level) const {
  const format& f = stage_->format;
  std::uint64_t flags = level == leaf_ ? f.accessed : f.accessed & ~f.level[level].silent;
  if (level == leaf_ && rules::sets_dirty(*stage_, *question_)) flags |= f.dirty;
  return flags & ~values_[level];
}

template <class In, class Out>
Out walk<In, Out>::table_of(unsigned level) const {
  return level == began_ ? start_table_ : Out(stage_->format.address_of(values_[level + 1]));
}

template <class In, class Out>
walk_step walk<In, Out>::next_update() {
  while (at_.level > leaf_) {
    --at_.level;
    if (due(at_.level) != 0) {
      at_.entry = table_of(at_.level) + index_offset(stage_->format, in_, at_.level);
      return state_ = walk_step::update;
    }
  }
  return state_ = walk_step::mapped;
}

template <class In, class Out>
walk_step walk<In, Out>::updated() {
  const std::uint64_t set = due(at_.level);
  values_[at_.level] |= set;
  if constexpr (can_log)
    if ((set & stage_->format.dirty) != 0 && logs()) return state_ = walk_step::log;
  return next_update();
}

template <class In, class Out>
walk_step walk<In, Out>::logged() {
  --stage_->log->index;
  return next_update();
}

template <class In, class Out>
walk_step walk<In, Out>::lost() {
  begin();
  return state_;
}

template <class In, class Out>
inline mapping<Out> walk<In, Out>::result() const {
  mapping<Out> m;
  m.page = Out(page_);
  const format& f = stage_->format;
  if (f.levels == 0) {
    m.guest_size_log2 = size_log2_;
    if constexpr (std::is_same_v<In, gva>) rules::finish_type(*stage_, m);
    return m;
  }
  const std::uint64_t leaf = values_[leaf_];
  m.granted = stage_->format.granted(at_.gathered, leaf);
  if ((leaf & f.dirty) == f.dirty) m.granted.bits = static_cast<std::uint8_t>(m.granted.bits | rights::dirty);
  rules::finish(*stage_, leaf, leaf_, m);
  return m;
}

template <class In, class Out>
walk_start<Out> walk<In, Out>::reached(unsigned level) const {
  const format& f = stage_->format;
  std::uint64_t gathered = start_gathered_;
  for (unsigned at = began_; at > level; --at) gathered = f.gathered_through(gathered, values_[at], at);
  return {level, table_of(level), gathered};
}

template <class In, class Out>
fault walk<In, Out>::why() const {
  const std::uint64_t leaf = cause_ == walk_cause::forbidden ? values_[leaf_] : 0;
  const rights granted = stage_->format.granted(at_.gathered, leaf);
  return rules::why(*stage_, in_, *question_, {cause_, static_cast<std::uint8_t>(at_.level), granted});
}

}  // namespace nestwalk::paging
