// Both stages composed, untimed and uncached: what the architecture answers, from the tables as they stand.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "nestwalk/paging/drive.h"
#include "nestwalk/paging/fault.h"
#include "nestwalk/paging/mapping.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/walk.h"

namespace nestwalk::paging {

/// What a translation came to.
struct outcome {
  fault failure;               ///< kind none where it succeeded
  mapping<hpa> page;           ///< the mapping of both stages
  hpa output;                  ///< where the address goes
  bool flags_were_set = true;  ///< no accessed or dirty flag was due
  bool mapped() const { return failure.kind == fault_kind::none; }
};

/// Walks through `memory`, which offers
///     bool read(hpa, unsigned bytes, std::uint64_t& value);       // false: memory answers an error
///     exchange_result exchange(hpa, unsigned bytes, std::uint64_t expected, std::uint64_t desired);
///     bool log(hpa, std::uint64_t record);  // optional: writes a record of the page-modification log; false as `read`
/// A memory that only looks answers `stored`, stores nothing and has no `log`; without one nothing is logged, and a
/// full log is no obstacle.
template <class Memory>
class two_stage_walk {
 public:
  two_stage_walk(const domain& c, Memory& memory) : domain_(c), memory_(memory) {}

  /// The translation of a linear address for an access.
  outcome translate(gva in, const access& a) {
    linear_ = in;
    outcome result;
    walk<gva, gpa> w(domain_.guest, in, a);
    if (!drive(w, domain_.guest.format.entry_log2, guest_port{*this, result})) return result;
    if (w.state() == walk_step::faulted) {
      result.failure = w.why();
      return result;
    }
    const mapping<gpa> first = w.result();
    if (!domain_.nested_on) {
      result.page = untranslated(first);
    } else {
      outcome second = translate(w.output(), {a.type, purpose::data_page, true, first.granted, in, 0, looks, a.user()});
      result.flags_were_set = result.flags_were_set && second.flags_were_set;
      result.failure = second.failure;
      if (!second.mapped()) return result;
      result.page = compose(first, second.page, w.output());
    }
    result.output = result.page.translate(in);
    return result;
  }

  /// The translation of a guest-physical address by the second stage; identity where there is none.
  outcome translate(gpa in, const nested_access& a) {
    outcome result;
    if (!domain_.nested_on) {
      result.output = hpa(in.value);
      return result;
    }
    nested_access asked = a;
    asked.looks = asked.looks || looks;
    walk<gpa, hpa> w(domain_.nested, in, asked);
    if (!drive(w, domain_.nested.format.entry_log2, nested_port{*this, result})) return result;
    if (w.state() == walk_step::faulted) {
      result.failure = w.why();
      return result;
    }
    result.page = w.result();
    result.output = w.output();
    return result;
  }

 private:
  template <class M, class = void>
  struct offers_log : std::false_type {};
  template <class M>
  struct offers_log<M, std::void_t<decltype(std::declval<M&>().log(hpa{}, std::uint64_t{}))>> : std::true_type {};
  static constexpr bool looks = !offers_log<Memory>::value;

  struct nested_port {
    two_stage_walk& self;
    outcome& result;
    bool read(hpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
      return self.memory_.read(entry, bytes, value) || self.refuse(result, stage_kind::nested, level, entry);
    }
    exchange_result exchange(hpa entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
      result.flags_were_set = false;
      const exchange_result done = self.memory_.exchange(entry, bytes, expected, desired);
      if (done == exchange_result::failed) self.refuse(result, stage_kind::nested, level, entry, purpose::flag_update);
      return done;
    }
    bool log(hpa slot, std::uint64_t record) {
      if constexpr (looks)
        return true;
      else
        return self.memory_.log(slot, record) || self.refuse(result, stage_kind::nested, 0, slot);
    }
  };
  struct guest_port {
    two_stage_walk& self;
    outcome& result;
    bool locate(gpa entry, unsigned level, purpose why, hpa& at) {
      const auto table_level = static_cast<std::uint8_t>(level);
      const outcome table =
          self.translate(entry, {access_type::read, why, true, rights{}, self.linear_, table_level, looks});
      result.flags_were_set = result.flags_were_set && table.flags_were_set;
      result.failure = table.failure;
      at = table.output;
      return table.mapped();
    }
    bool read(gpa entry, unsigned level, unsigned bytes, std::uint64_t& value) {
      hpa at;
      if (!locate(entry, level, purpose::table_entry, at)) return false;
      return self.memory_.read(at, bytes, value) || self.refuse(result, stage_kind::guest, level, at);
    }
    exchange_result exchange(gpa entry, unsigned level, unsigned bytes, std::uint64_t expected, std::uint64_t desired) {
      hpa at;
      result.flags_were_set = false;
      if (!locate(entry, level, purpose::flag_update, at)) return exchange_result::failed;
      const exchange_result done = self.memory_.exchange(at, bytes, expected, desired);
      if (done == exchange_result::failed) self.refuse(result, stage_kind::guest, level, at, purpose::flag_update);
      return done;
    }
  };

  static bool refuse(outcome& result, stage_kind stage, unsigned level, hpa entry, purpose why = purpose::table_entry) {
    result.failure = memory_error(stage, level, entry, why);
    return false;
  }

  const domain& domain_;
  Memory& memory_;
  gva linear_;
};

}  // namespace nestwalk::paging
