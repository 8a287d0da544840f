#include "nestwalk/paging/memory_type.h"

namespace nestwalk::paging {

memory_type combine(memory_type pat, memory_type below) {
  using t = memory_type;
  switch (pat) {
    case t::uc: return t::uc;
    case t::uc_minus: return below == t::wc || below == t::wp ? t::wc : t::uc;
    case t::wc: return t::wc;
    case t::wt: return below == t::uc || below == t::wc ? t::uc : t::wt;
    case t::wp: return below == t::uc || below == t::wc ? t::uc : t::wp;
    case t::wb: break;
  }
  return below == t::uc_minus ? t::uc : below;
}

memory_type combine_pats(memory_type guest, memory_type host) {
  using t = memory_type;
  switch (guest) {
    case t::uc: return t::uc;
    case t::uc_minus: return host == t::wc ? t::wc : t::uc;
    case t::wc: return t::wc;
    case t::wt:
    case t::wp: return host == guest || host == t::wb ? guest : t::uc;
    case t::wb: break;
  }
  return host == t::uc_minus ? t::uc : host;
}

memory_type combine(memory_type first, memory_type second, type_rule rule) {
  switch (rule) {
    case type_rule::below_pat: return combine(first, second);
    case type_rule::two_pats: return combine_pats(first, second);
    case type_rule::alone: break;
  }
  return second;
}

const char* name_of(memory_type type) {
  switch (type) {
    case memory_type::uc: return "UC";
    case memory_type::wc: return "WC";
    case memory_type::wt: return "WT";
    case memory_type::wp: return "WP";
    case memory_type::wb: return "WB";
    case memory_type::uc_minus: return "UC-";
  }
  return "reserved";
}

}  // namespace nestwalk::paging
