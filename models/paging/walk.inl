// The bodies of walk<In, Out>; in a header so that the walkers' loops inline them.
#pragma once

namespace nestwalk::paging {

template <class In, class Out>
walk<In, Out>::walk(const stage_type& stage, In in, const question_type& question)
    : stage_(&stage), question_(&question), in_(rules::reduced(stage, in)) {
  begin();
}

template <class In, class Out>
walk<In, Out>::walk(const stage_type& stage, In in, const question_type& question, const walk_start<Out>& start)
    : stage_(&stage), question_(&question), in_(rules::reduced(stage, in)) {
  at_.gathered = start_gathered_ = start.gathered;
  start_table_ = start.table;
  began_ = static_cast<std::uint8_t>(start.level);
  descend(start.level, start.table);
}

template <class In, class Out>
void walk<In, Out>::begin() {
  const format& f = stage_->format;
  at_.gathered = start_gathered_ = ~std::uint64_t{0};
  at_.level = began_ = f.levels;
  state_ = walk_step::read;
  if (!rules::admits(*stage_, in_)) {
    at_.level = 0;
    state_ = fail(walk_cause::not_admitted);
    return;
  }
  start_table_ = stage_->root;
  if constexpr (std::is_same_v<In, gva>) {
    if (f.levels == 0) {  // CR0.PG = 0: linear addresses pass, with every right
      rights_ = rights{};
      page_ = in_.base(page_1g).value;
      size_log2_ = page_1g;
      state_ = walk_step::mapped;
      return;
    }
    if (stage_->from_registers) {
      const std::uint64_t pdpte = stage_->pdpte[(in_.value >> page_1g) & 3];
      if ((pdpte & x86_entry::p) == 0) {
        at_.level = 3;
        state_ = fail(walk_cause::not_present);
        return;
      }
      start_table_ = Out(pdpte & f.address);
    }
  }
  descend(f.levels, start_table_);
}

template <class In, class Out>
inline std::uint64_t walk<In, Out>::index_offset(const format& f, In in, unsigned level) {
  const level_format& l = f.level[level];
  return (in.value >> l.slot_shift) & l.slot_mask;
}

template <class In, class Out>
inline void walk<In, Out>::descend(unsigned level, Out table) {
  at_.level = level;
  at_.entry = table + index_offset(stage_->format, in_, level);
}

template <class In, class Out>
inline walk_step walk<In, Out>::fail(walk_cause why) {
  cause_ = why;
  return state_ = walk_step::faulted;
}

template <class In, class Out>
inline typename walk<In, Out>::found walk<In, Out>::advance(const format& f, In in, cursor& at, std::uint64_t entry) {
  at.gathered &= entry ^ f.invert;
  const level_format& l = f.level[at.level];
  if ((entry & l.plain_mask) != l.plain_bits) {
    if ((entry & f.present) == 0) return found::not_present;
    const bool leaf = f.is_leaf(entry, at.level);
    if (f.malformed(entry, at.level, leaf)) return found::malformed;
    if (leaf) return found::leaf;
  }
  --at.level;
  at.entry = Out(entry & f.address) + index_offset(f, in, at.level);
  return found::table;
}

template <class In, class Out>
inline walk_step walk<In, Out>::arrive(found what) {
  switch (what) {
    case found::table: return state_ = walk_step::read;
    case found::leaf: return judge_leaf();
    case found::not_present: return fail(walk_cause::not_present);
    case found::malformed: break;
  }
  return fail(walk_cause::malformed);
}

template <class In, class Out>
inline walk_step walk<In, Out>::value(std::uint64_t entry) {
  values_[at_.level] = entry;
  return arrive(advance(stage_->format, in_, at_, entry));
}

template <class In, class Out>
template <class Read>
[[gnu::always_inline]] inline bool walk<In, Out>::read_down(Read&& read) {
  const format& f = stage_->format;
  const In in = in_;
  cursor at = at_;
  found next = found::table;
  do {
    std::uint64_t value = 0;
    if (!read(at.entry, at.level, value)) {
      at_ = at;
      return false;
    }
    values_[at.level] = value;
    next = advance(f, in, at, value);
  } while (next == found::table);
  at_ = at;
  arrive(next);
  return true;
}

template <class In, class Out>
inline walk_step walk<In, Out>::judge_leaf() {
  const format& f = stage_->format;
  leaf_ = static_cast<std::uint8_t>(at_.level);
  const std::uint64_t leaf = values_[leaf_];
  rights_ = rules::granted(*stage_, at_.gathered, leaf);
  if (!rules::permits(*stage_, *question_, rights_)) return fail(walk_cause::forbidden);
  page_ = f.page_of(leaf, leaf_);
  size_log2_ = f.level[leaf_].shift;
  const bool dirty = (leaf & f.dirty) == f.dirty;
  if (!f.accessed || ((at_.gathered & f.accessed) != 0 && (dirty || !rules::sets_dirty(*stage_, *question_)))) {
    rights_.bits = static_cast<std::uint8_t>(rights_.bits | (dirty ? rights::dirty : 0));
    return state_ = walk_step::mapped;
  }
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
  std::uint64_t flags = f.accessed;
  if (level == leaf_ && rules::sets_dirty(*stage_, *question_)) flags |= f.dirty;
  return flags & ~values_[level];
}

template <class In, class Out>
Out walk<In, Out>::table_of(unsigned level) const {
  return level == began_ ? start_table_ : Out(values_[level + 1] & stage_->format.address);
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
  if ((values_[leaf_] & stage_->format.dirty) == stage_->format.dirty)
    rights_.bits = static_cast<std::uint8_t>(rights_.bits | rights::dirty);
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
  m.granted = rights_;
  if (stage_->format.levels == 0) {
    m.guest_size_log2 = size_log2_;
    if constexpr (std::is_same_v<In, gva>) rules::finish_type(*stage_, m);
    return m;
  }
  rules::finish(*stage_, values_[leaf_], leaf_, m);
  return m;
}

template <class In, class Out>
walk_start<Out> walk<In, Out>::reached(unsigned level) const {
  std::uint64_t gathered = start_gathered_;
  for (unsigned at = began_; at > level; --at) gathered &= values_[at] ^ stage_->format.invert;
  return {level, table_of(level), gathered};
}

template <class In, class Out>
fault walk<In, Out>::why() const {
  rights granted = rights_;
  if (cause_ != walk_cause::forbidden) granted = rules::granted(*stage_, at_.gathered, 0);
  return rules::why(*stage_, in_, *question_, {cause_, static_cast<std::uint8_t>(at_.level), granted});
}

}  // namespace nestwalk::paging
