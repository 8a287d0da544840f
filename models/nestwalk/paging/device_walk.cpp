#include "nestwalk/paging/device_walk.h"

#include <algorithm>

namespace nestwalk::paging::vtd {

namespace {

constexpr unsigned field(std::uint64_t from, unsigned at, unsigned width) {
  return static_cast<unsigned>((from >> at) & ((1u << width) - 1));
}

// Levels that an address-width field names: 1 is 39 bits, 2 is 48, 3 is 57; 0 where the unit has no such tables.
unsigned levels_of(const unit_capabilities& unit, unsigned width) {
  const unsigned levels = width + 2;
  return width != 0 && unit.second_levels(levels) ? levels : 0;
}

bool uses_second_stage(unsigned pgtt) {
  return pgtt == pasid_entry::second_stage || pgtt == pasid_entry::nested;
}
bool uses_first_stage(unsigned pgtt) {
  return pgtt == pasid_entry::first_stage || pgtt == pasid_entry::nested;
}

bool offers(const unit_capabilities& unit, unsigned pgtt) {
  switch (pgtt) {
    case pasid_entry::first_stage: return unit.has(ecap::fsts);
    case pasid_entry::second_stage: return unit.has(ecap::ssts);
    case pasid_entry::nested: return unit.has(ecap::nest);
    case pasid_entry::pass_through: return unit.has(ecap::pt);
    default: return false;
  }
}

translation_kind kind_of(unsigned pgtt) {
  switch (pgtt) {
    case pasid_entry::first_stage: return translation_kind::first_stage;
    case pasid_entry::second_stage: return translation_kind::second_stage;
    case pasid_entry::nested: return translation_kind::nested;
    default: return translation_kind::pass_through;
  }
}

}  // namespace

device_tables device_tables::of(const unit_capabilities& unit, std::uint64_t rtaddr) {
  return {unit, formats_of(unit), static_cast<table_mode>(field(rtaddr, 10, 2)), hpa(rtaddr & pointer_mask(unit))};
}

device_walk::device_walk(const device_tables& tables, const request& r, const kept& from)
    : tables_(&tables), request_(r), kept_(from) {
  begin();
}

device_step device_walk::fail(reason why) {
  why_ = why;
  return state_ = device_step::faulted;
}

device_step device_walk::read(entry_kind kind, hpa at) {
  kind_ = kind;
  at_ = at;
  return state_ = device_step::read;
}

device_step device_walk::done(translation_kind kind, unsigned second_levels, const entry& e) {
  result_.kind = kind;
  result_.second_levels = static_cast<std::uint8_t>(second_levels);
  result_.scalable = tables_->mode == table_mode::scalable;
  result_.pasid = pasid_;
  result_.tells = e;
  return state_ = device_step::done;
}

device_step device_walk::begin() {
  if (!has_mode(tables_->unit, tables_->mode)) return fail(reason::table_mode_invalid);
  if (tables_->mode == table_mode::abort_dma) return fail(reason::dma_aborted);
  if (tables_->mode == table_mode::legacy) {
    if (request_.has_pasid) return fail(reason::pasid_in_legacy_mode);
    if (kept_.context != nullptr) return take_context(*kept_.context);
    return read(entry_kind::root, tables_->root + request_.bus() * 16);
  }
  if (kept_.context != nullptr) return take_sm_context(*kept_.context);
  return read(entry_kind::sm_root, tables_->root + request_.bus() * 16 + (request_.function() >> 7) * 8);
}

device_step device_walk::value(const entry& e) {
  const entry_format& f = format();
  if (f.disables_faults && (e[0] & fault_processing_disable) != 0) {
    disables_faults_ = true;
    if (kind_ == entry_kind::pasid_directory || kind_ == entry_kind::pasid_table) pasid_disables_faults_ = true;
  }
  if ((e[0] & present) == 0) return fail(f.absent);
  if (f.is_malformed(e)) return fail(f.malformed);
  return take(e);
}

device_step device_walk::take(const entry& e) {
  switch (kind_) {
    case entry_kind::root: return read(entry_kind::context, pointer(e[0]) + request_.function() * 16);
    case entry_kind::context: return take_context(e);
    case entry_kind::sm_root: return read(entry_kind::sm_context, pointer(e[0]) + (request_.function() & 0x7f) * 32);
    case entry_kind::sm_context: return take_sm_context(e);
    case entry_kind::pasid_directory: return read(entry_kind::pasid_table, pointer(e[0]) + (pasid_ & 63) * 64);
    case entry_kind::pasid_table: break;
  }
  return take_pasid_entry(e);
}

device_step device_walk::take_context(const entry& e) {
  namespace c = context_entry;
  disables_faults_ = disables_faults_ || (e[0] & fault_processing_disable) != 0;
  const unsigned type = field(e[0], c::translation_type, 2);
  const bool passes = type == c::pass_through;
  if (!passes && (e[0] & beyond_host(tables_->unit)) != 0) return fail(reason::context_reserved);
  const unsigned levels = levels_of(tables_->unit, field(e[1], c::address_width, 3));
  if (levels == 0) return fail(reason::context_invalid);
  if (type == c::with_device_tlb && !tables_->unit.has(ecap::dt)) return fail(reason::context_invalid);
  if (passes && !tables_->unit.has(ecap::pt)) return fail(reason::context_invalid);
  if (type > c::pass_through) return fail(reason::context_invalid);
  context_ = e;
  has_context_ = true;
  result_.domain = static_cast<std::uint16_t>(field(e[1], c::domain, 16));
  if (request_.type == request_type::translated && type != c::with_device_tlb)
    return fail(reason::translated_request_denied);
  return done(passes ? translation_kind::pass_through : translation_kind::second_stage, levels, e);
}

// The PASID of a request, or of those without one, as far as the context entry decides on it.
reason device_walk::pasid_denied(const entry& e) {
  namespace c = sm_context_entry;
  const unsigned directory_bits = field(e[0], c::pdts, 3) + 13;
  const auto rid_pasid = static_cast<std::uint32_t>(e[1] & c::rid_pasid);
  if (!request_.has_pasid) {
    pasid_ = rid_pasid;
    return reason::none;
  }
  pasid_ = request_.pasid;
  if ((e[0] & c::paside) == 0) return reason::sm_pasid_denied;
  if ((pasid_ >> tables_->unit.pasid_bits()) != 0) return reason::sm_pasid_unsupported;
  if ((pasid_ >> directory_bits) != 0) return reason::sm_pasid_too_large;
  return pasid_ == rid_pasid ? reason::sm_pasid_is_rid_pasid : reason::none;
}

device_step device_walk::take_sm_context(const entry& e) {
  namespace c = sm_context_entry;
  disables_faults_ = disables_faults_ || (e[0] & fault_processing_disable) != 0;
  if ((e[1] & c::rid_pasid) >> (field(e[0], c::pdts, 3) + 13) != 0 || (e[0] & (c::dte | c::pre)) == c::pre)
    return fail(reason::sm_context_invalid);
  context_ = e;
  has_context_ = true;
  if (request_.type == request_type::translated && (e[0] & c::dte) == 0)
    return fail(reason::sm_translated_request_denied);
  if (const reason wrong = pasid_denied(e); wrong != reason::none) return fail(wrong);
  result_.privileged = request_.has_pasid ? request_.privileged : (e[1] & c::rid_priv) != 0;
  return look_up_pasid();
}

device_step device_walk::look_up_pasid() {
  if (kept_.pasid == nullptr) return read(entry_kind::pasid_directory, pointer(context_[0]) + (pasid_ >> 6) * 8);
  disables_faults_ = disables_faults_ || kept_.pasid_disables_faults;
  return take_pasid_entry(*kept_.pasid);
}

reason device_walk::request_denied(const entry& e) const {
  if (request_.access == access_type::fetch && (e[2] & pasid_entry::ere) == 0) return reason::sm_execute_request_denied;
  if (result_.privileged && (e[2] & pasid_entry::sre) == 0) return reason::sm_supervisor_request_denied;
  return reason::none;
}

device_step device_walk::take_pasid_entry(const entry& e) {
  namespace p = pasid_entry;
  const unsigned pgtt = field(e[0], p::pgtt, 3);
  const unsigned levels = levels_of(tables_->unit, field(e[0], p::address_width, 3));
  if (!offers(tables_->unit, pgtt)) return fail(reason::sm_pasid_entry_invalid);
  if (uses_second_stage(pgtt) && levels == 0) return fail(reason::sm_pasid_entry_invalid);
  const unsigned mode = field(e[2], p::fspm, 2);
  if (uses_first_stage(pgtt) && (mode > 1 || (mode == 1 && !tables_->unit.can(cap::fs5lp))))
    return fail(reason::sm_pasid_entry_invalid);
  if (pgtt == p::nested && (e[2] >> std::min(second_stage_bits(levels), tables_->unit.guest_bits())) != 0)
    return fail(reason::sm_pasid_entry_invalid);
  if (const reason denied = request_denied(e); denied != reason::none) return fail(denied);
  result_.domain = static_cast<std::uint16_t>(e[1] & p::domain);
  return done(kind_of(pgtt), levels, e);
}

}  // namespace nestwalk::paging::vtd
