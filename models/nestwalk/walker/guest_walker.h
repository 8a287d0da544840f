// The walker of the first stage: gva to hpa, with a second stage or without.
#pragma once

#include "nestwalk/walker/walker.h"

namespace nestwalk::walker {

/// Walks the guest's tables. Under a second stage it asks `second_stage` for the page of each table entry and of the
/// data, and its walks are two-dimensional; without one a gpa is an hpa.
///
/// Flags are set in an entry through the mapping that served its read where that permits a nested write with the dirty
/// flag set, else (or always, where the configuration says so) after a second question, `purpose::flag_update`.
class guest_walker final : public walker<paging::gva>, private protocol::translation_bw_if<paging::gpa> {
 public:
  /// Faces who answers guest-physical addresses: a nested TLB or the nested walker. May stay unbound in a machine
  /// without a second stage.
  tlm::tlm_base_initiator_socket<32, protocol::translation_fw_if<paging::gpa>, protocol::translation_bw_if<paging::gpa>,
                                 1, sc_core::SC_ZERO_OR_MORE_BOUND>
      second_stage{"second_stage"};

  /// Throws input_error where the configuration makes no walker.
  guest_walker(const sc_core::sc_module_name& name, const walker_config& config);

 private:
  template <bool ByGrants>
  struct port;
  struct nested_question;

  bool translate(question& t, sc_core::sc_time& delay) override;
  bool look(question& t) override { return look_up(t); }
  void invalidate(const paging::selector& s, sc_core::sc_time& delay) override;
  void withdrawn(const paging::selector& scope) override;

  bool walk_once(question& t, bool uncached, sc_core::sc_time& delay);
  bool ask(nested_question& second, question& t, paging::gpa at, paging::purpose why, sc_core::sc_time& delay);
  static cache_key key_of(const question& t);
  void fill(const question& t, const walk& w, const nested_question& second);

  held_address holds_;
  bool asks_again_;
};

}  // namespace nestwalk::walker
