#include "nestwalk/guest/memory_manager.h"

#include <optional>

namespace nestwalk::guest {

using paging::gpa;
using paging::gva;
namespace entry = paging::x86_entry;
namespace pf = paging::pf;

namespace {

constexpr unsigned size_of_level(unsigned level) {
  return paging::page_4k + 9 * (level - 1);
}
constexpr std::uint64_t bytes_of(unsigned size_log2) {
  return std::uint64_t{1} << size_log2;
}

}  // namespace

// ---- Faults

bool memory_manager::resolve(process& p, const paging::fault& fault) {
  const gva address = fault.linear;
  const bool write = (fault.error_code & pf::wr) != 0;
  const bool fetch = (fault.error_code & pf::id) != 0;
  if (address_space::last_user_address(config_.levels) < address) return false;
  const region rights = p.regions.at(address);
  if (rights == region::none || (write && rights == region::read_only)) return false;

  slot s = p.space.walk(address, memory_);
  if (!s.present()) {
    map_on_demand(p, s, fault, rights);
  } else if (write && (s.value & entry::rw) == 0) {
    allow_write(s);
  } else if (fetch && (s.value & entry::xd) != 0) {
    ++counts_.execute_faults;
    address_space::store(s, (s.value & ~entry::xd) | entry::a, memory_);
  } else {  // a TLB that had not heard of a right given since
    ++counts_.spurious_faults;
    context_.flush({address});
  }
  return true;
}

/// Like Linux, the handler sets the accessed flag, and the dirty flag for a write, of what it maps: the access that
/// follows would. Unlike Linux, a page first read is not a shared page of zeroes but a page of its own.
void memory_manager::map_on_demand(process& p, slot s, const paging::fault& fault, region rights) {
  ++counts_.demand_faults;
  unsigned level = choose_level(p, s, fault.linear);
  std::optional<gpa> frame;
  for (; level > 1 && !(frame = frames_.try_allocate(size_of_level(level))); --level) {
  }
  if (!frame) frame = frames_.allocate(paging::page_4k);
  memory_.clear(*frame, bytes_of(size_of_level(level)));

  std::uint64_t value = frame->value | entry::p | entry::us | (level > 1 ? paging::page_size_bit : 0);
  if (rights == region::read_write) value |= entry::rw;
  if ((fault.error_code & pf::id) == 0) value |= entry::xd;
  if (config_.preset_flags) value |= entry::a | ((fault.error_code & pf::wr) != 0 ? entry::d : 0);
  address_space::descend(s, fault.linear, level, memory_, frames_);
  address_space::store(s, value, memory_);
  count_mapped(level);
}

/// The largest page that the policy allows where the walk ended at `s`: aligned, accessible alike, nothing in it.
unsigned memory_manager::choose_level(const process& p, const slot& s, gva address) const {
  unsigned level = config_.pages == page_policy::pages_1g ? 3 : config_.pages == page_policy::pages_2m ? 2 : 1;
  for (; level > 1; --level) {
    if (s.level() < level) continue;
    const gva first = address.base(size_of_level(level));
    if (p.regions.uniform(first, first + (bytes_of(size_of_level(level)) - 1))) break;
  }
  return level;
}

/// A write to a page that its entry holds read-only, though the process may write there: copied where others have it.
void memory_manager::allow_write(slot s) {
  const std::uint64_t given = entry::rw | (config_.preset_flags ? entry::a | entry::d : 0);
  if (shared_.shared(s.frame())) {
    ++counts_.copy_faults;
    copy_page(s, given);
    context_.flush({s.page});
  } else {
    ++counts_.reuse_faults;
    address_space::store(s, s.value | given, memory_);
  }
}

/// Puts a copy of the page into the slot, of which this was one of several mappings. The caller flushes.
void memory_manager::copy_page(slot& s, std::uint64_t flags) {
  const gpa old = s.frame();
  const gpa copy = frames_.allocate(s.size_log2());
  memory_.copy(old, copy, bytes_of(s.size_log2()));
  address_space::store(s, (s.value - old.value + copy.value) | flags, memory_);
  shared_.remove(old);
}

// ---- System calls

void memory_manager::map(process& p, gva first, gva last) {
  p.regions.set(first, last, region::read_write);
}

void memory_manager::unmap(process& p, gva first, gva last) {
  std::vector<gva> flushed;
  std::vector<taken_page> taken;
  p.regions.set(first, last, initially());
  split_at(p, first, flushed);
  split_at(p, last + 1, flushed);
  take_away(p, first, last, flushed, taken);
  const std::vector<gpa> tables = p.space.prune(first, last, memory_);
  context_.flush(flushed);
  free_pages(taken, tables);
}

/// Writing is only permitted again when the program writes, page by page.
void memory_manager::protect(process& p, gva first, gva last, bool writable) {
  p.regions.set_where_mapped(first, last, writable ? region::read_write : region::read_only);
  if (writable) return;
  std::vector<gva> flushed;
  split_at(p, first, flushed);
  split_at(p, last + 1, flushed);
  p.space.for_each_leaf(first, last, [&](slot& s) {
    if ((s.value & entry::rw) == 0) return;
    cpu_->execute(config_.page_instructions);
    address_space::store(s, address_space::load(s, memory_) & ~entry::rw, memory_);
    flushed.push_back(s.page);
  });
  context_.flush(flushed);
}

gpa memory_manager::make_root(gpa kernel_root) {
  const gpa root = frames_.allocate(paging::page_4k);
  const std::uint64_t half = bytes_of(paging::page_4k) / 2;
  memory_.clear(root, half);
  memory_.copy(kernel_root + half, root + half, half);
  return root;
}

void memory_manager::fork(process& parent, process& child) {
  std::uint64_t restricted = 0;
  const gva last = address_space::last_user_address(config_.levels);
  parent.space.for_each_leaf(gva(0), last, [&](slot& s) {
    cpu_->execute(config_.page_instructions);
    s.value = address_space::load(s, memory_);
    if ((s.value & entry::rw) != 0) {
      address_space::store(s, s.value & ~entry::rw, memory_);
      ++restricted;
    }
    shared_.add(s.frame());
    slot copy = child.space.make(s.page, s.level(), memory_, frames_);
    address_space::store(copy, s.value & ~entry::a, memory_);  // the child has not touched it yet, as Linux has it
    count_mapped(s.level());
  });
  if (restricted != 0) context_.flush_all();
}

void memory_manager::destroy(process& p) {
  std::vector<gva> flushed;
  std::vector<taken_page> taken;
  const gva last = address_space::last_user_address(config_.levels);
  take_away(p, gva(0), last, flushed, taken);
  const std::vector<gpa> tables = p.space.prune(gva(0), last, memory_);
  context_.flush_all();
  free_pages(taken, tables);
}

void memory_manager::take_away(process& p, gva first, gva last, std::vector<gva>& flushed,
                               std::vector<taken_page>& taken) {
  p.space.for_each_leaf(first, last, [&](slot& s) {
    cpu_->execute(config_.page_instructions);
    address_space::load(s, memory_);
    taken.push_back({s.frame(), s.size_log2()});
    flushed.push_back(s.page);
    address_space::store(s, 0, memory_);
    ++counts_.pages_unmapped;
  });
}

void memory_manager::free_pages(const std::vector<taken_page>& taken, const std::vector<gpa>& tables) {
  for (const taken_page& page : taken)
    if (shared_.remove(page.frame)) frames_.release(page.frame, page.size_log2);
  for (const gpa table : tables) frames_.release(table, paging::page_4k);
}

/// Makes `boundary` the beginning of a page, where it lies inside a large one.
void memory_manager::split_at(process& p, gva boundary, std::vector<gva>& flushed) {
  if (address_space::last_user_address(config_.levels) < boundary) return;
  for (;;) {
    std::optional<slot> s = p.space.look(boundary);
    if (!s || s->page == boundary || s->level() == 1) return;
    s->value = address_space::load(*s, memory_);
    if (shared_.shared(s->frame())) copy_page(*s, 0);
    const gpa frame = s->frame();
    const unsigned size_log2 = s->size_log2();
    address_space::split(*s, memory_, frames_);
    frames_.split(frame, size_log2);
    flushed.push_back(s->page);
    ++counts_.pages_split;
  }
}

void memory_manager::count_mapped(unsigned level) {
  ++(level == 1 ? counts_.pages_mapped_4k : level == 2 ? counts_.pages_mapped_2m : counts_.pages_mapped_1g);
}

void memory_manager::describe(statistics::group& into) {
  statistics::group& faults = into.child("page_faults");
  faults.add("demand", "faults", "Page faults that mapped a new page.", counts_.demand_faults);
  faults.add("copy_on_write", "faults", "Page faults that copied a page shared since fork.", counts_.copy_faults);
  faults.add("reuse", "faults",
             "Page faults that made a page writable because no other process shares it any more, or its region is "
             "writable again.",
             counts_.reuse_faults);
  faults.add("execute", "faults", "Page faults of the first fetch from a page of data.", counts_.execute_faults);
  faults.add("spurious", "faults", "Page faults on accesses that the tables permit.", counts_.spurious_faults);
  faults.add("bad", "faults", "Page faults on accesses that the process had no right to.", counts_.bad_faults);
  into.add("pages_mapped_4k", "pages", "4-KByte pages mapped, by faults and by fork.", counts_.pages_mapped_4k);
  into.add("pages_mapped_2m", "pages", "2-MByte pages mapped.", counts_.pages_mapped_2m);
  into.add("pages_mapped_1g", "pages", "1-GByte pages mapped.", counts_.pages_mapped_1g);
  into.add("pages_unmapped", "pages", "Pages taken out of the tables.", counts_.pages_unmapped);
  into.add("pages_split", "pages", "Large pages replaced by 512 smaller ones.", counts_.pages_split);
  memory_.describe(into);
}

}  // namespace nestwalk::guest
