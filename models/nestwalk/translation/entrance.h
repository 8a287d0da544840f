// Where questions enter a stack of TLBs and walkers.
#pragma once

#include <systemc>

#include "nestwalk/protocol/translation.h"
#include "nestwalk/tlb/tlb.h"
#include "nestwalk/translation/grant_ledger.h"

namespace nestwalk::translation {

/// The way of one asker into a stack. Its first TLB, where one is built, is looked up directly, so that a hit takes no
/// call through a socket; what it misses goes the way that a call through the socket would go. A mapping that the stack
/// withdraws takes back the grants that came by it.
template <class In>
class entrance : private protocol::translation_bw_if<In> {
 public:
  /// `name` is that of its socket.
  entrance(const char* name, grant_ledger& grants) : socket_(name), grants_(grants) {
    socket_.bind(static_cast<protocol::translation_bw_if<In>&>(*this));
  }

  /// Leads to `first`, or where that is not built to `next`.
  void lead_to(tlb::tlb<In>* first, protocol::translation_target_socket<In>& next) {
    first_ = first;
    socket_.bind(first != nullptr ? first->requests : next);
  }

  /// Whether there is a TLB to look up.
  bool has_tlb() const { return first_ != nullptr; }
  /// The first TLB, to observe and to count; null where not built.
  const tlb::tlb<In>* first() const { return first_; }
  /// What a look-up of the first TLB takes: nothing where there is none.
  sc_core::sc_time latency() const { return first_ != nullptr ? first_->latency() : sc_core::SC_ZERO_TIME; }

  /// The mapping in the first TLB, which must be there, or null for a miss; adds what that takes to `delay`. Good until
  /// the next call of any kind.
  const paging::mapping<paging::hpa>* look_up(In address, const paging::question_of<In>& question,
                                              const paging::domain& domain, sc_core::sc_time& delay) {
    const auto* const found = first_->look_up(address, question, domain);
    delay += first_->latency();
    return found;
  }
  /// The rest of a translation that `look_up` missed, or all of it where there is no TLB. False: `t.fault` says why.
  bool pass_on(protocol::translation<In>& t, sc_core::sc_time& delay) {
    return first_ != nullptr ? first_->pass_on(t, delay) : socket_->translate(t, delay);
  }
  /// A whole translation; adds the time that it takes to `delay`. False: `t.fault` says why.
  bool translate(protocol::translation<In>& t, sc_core::sc_time& delay) {
    if (first_ == nullptr || t.uncached) return pass_on(t, delay);
    const auto* const found = look_up(t.address, t.question, *t.domain, delay);
    if (found == nullptr) return pass_on(t, delay);
    t.mapping = *found;
    t.from_cache = true;
    return true;
  }
  /// As the tables in memory say, without effect.
  bool look(protocol::translation<In>& t) { return socket_->look(t); }
  /// Takes away what is selected, in every TLB and walk cache on the way.
  void invalidate(const paging::selector& s, sc_core::sc_time& delay) { socket_->invalidate(s, delay); }

 private:
  void withdrawn(const paging::selector& scope) override { grants_.take_back(scope); }

  protocol::translation_initiator_socket<In> socket_;
  tlb::tlb<In>* first_ = nullptr;
  grant_ledger& grants_;
};

}  // namespace nestwalk::translation
