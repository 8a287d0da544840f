// Payloads that are recycled: the memory manager of those who may have several calls under way.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <tlm>

namespace nestwalk::protocol {

/// A memory manager (IEEE 1666, 14.5) that keeps released payloads for the next caller, last in first out.
class payload_pool : public tlm::tlm_mm_interface {
 public:
  /// `prepare` is called once for each payload that the pool makes: it attaches, by set_extension, what its payloads
  /// always carry. The payload owns those extensions from then on.
  explicit payload_pool(std::function<void(tlm::tlm_generic_payload&)> prepare = {}) : prepare_(std::move(prepare)) {}
  payload_pool(const payload_pool&) = delete;
  payload_pool& operator=(const payload_pool&) = delete;

  /// A payload with one reference, which the caller gives back by release(). Its attributes are what the caller before
  /// left, but for no byte enables, no DMI hint and an incomplete response.
  tlm::tlm_generic_payload& acquire() {
    if (idle_.empty()) grow();
    tlm::tlm_generic_payload& payload = *idle_.back();
    idle_.pop_back();
    payload.acquire();
    payload.set_byte_enable_ptr(nullptr);
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return payload;
  }

  /// Called by the payload when its last reference goes.
  void free(tlm::tlm_generic_payload* payload) override {
    payload->reset();
    idle_.push_back(payload);
  }

  /// Payloads made so far: as many as were under way at once.
  std::size_t size() const { return all_.size(); }

 private:
  void grow() {
    all_.push_back(std::make_unique<tlm::tlm_generic_payload>(this));
    if (prepare_) prepare_(*all_.back());
    idle_.push_back(all_.back().get());
  }

  std::function<void(tlm::tlm_generic_payload&)> prepare_;
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> all_;
  std::vector<tlm::tlm_generic_payload*> idle_;
};

/// A payload of a pool for as long as the lease lives.
class payload_lease {
 public:
  explicit payload_lease(payload_pool& pool) : payload_(pool.acquire()) {}
  ~payload_lease() { payload_.release(); }
  payload_lease(const payload_lease&) = delete;
  payload_lease& operator=(const payload_lease&) = delete;
  tlm::tlm_generic_payload& operator*() const { return payload_; }

 private:
  tlm::tlm_generic_payload& payload_;
};

}  // namespace nestwalk::protocol
