#include "nestwalk/paging/invalidation_check.h"

#include "nestwalk/paging/stage.h"

namespace nestwalk::paging {

bool ignores_invlpg(gva address, const capabilities& processor) {
  return !is_canonical(address, processor.linear_bits());
}

bool refuses_invpcid(const paging_registers& now, const capabilities& processor, invpcid_type type, std::uint16_t pcid,
                     gva address) {
  if (type > invpcid_type::all || pcid > cr3::pcid) return true;
  const bool by_pcid = type == invpcid_type::individual_address || type == invpcid_type::single_context;
  if (by_pcid && pcid != 0 && (now.cr4 & cr4::pcide) == 0) return true;
  return type == invpcid_type::individual_address && !is_canonical(address, processor.linear_bits());
}

bool refuses_invvpid(invvpid_type type, std::uint16_t vpid, gva address, const capabilities& processor) {
  if (type > invvpid_type::single_context_retaining_globals) return true;
  if (type != invvpid_type::all_context && vpid == 0) return true;
  return type == invvpid_type::individual_address && !is_canonical(address, processor.linear_bits());
}

bool refuses_invept(invept_type type, std::uint64_t eptp, const capabilities& processor) {
  if (type == invept_type::all_context) return false;
  return type != invept_type::single_context || why_invalid_eptp(eptp, processor) != nullptr;
}

}  // namespace nestwalk::paging
