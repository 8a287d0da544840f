#include "nestwalk/iommu/iommu.h"

#include <algorithm>
#include <cstring>

#include "nestwalk/paging/vtd_consistency.h"
#include "nestwalk/protocol/error.h"

namespace nestwalk::iommu {

namespace {

std::string hexadecimal(unsigned value) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15];
  return text;
}

// A configuration that makes a unit; throws input_error for others.
const iommu_config& checked(const char* name, const iommu_config& c) {
  const std::string wrong = paging::vtd::contradiction_in(c.unit, c.version);
  if (!wrong.empty()) throw input_error(std::string(name) + '.' + wrong);
  return c;
}

// 4 or 8 bytes at a multiple of them, without byte enables.
bool is_register_access(const tlm::tlm_generic_payload& payload) {
  const unsigned bytes = payload.get_data_length();
  return (bytes == 4 || bytes == 8) && payload.get_address() % bytes == 0 && payload.get_byte_enable_ptr() == nullptr &&
         payload.get_streaming_width() >= bytes;
}

}  // namespace

iommu::iommu(const sc_core::sc_module_name& name, const iommu_config& c)
    : sc_module(name),
      config_(checked(this->name(), c)),
      grants_([this](unsigned port, std::uint64_t first, std::uint64_t last) { revoke(port, first, last); }),
      file_(c.unit, c.version),
      messages_("messages", structure_memory),
      fault_event_(file_, unit_register::fectl, messages_),
      completion_event_(file_, unit_register::iectl, messages_),
      faults_(file_, fault_event_, c.unit),
      resolver_(structure_memory, c.tables),
      path_(c, first_stage_memory, second_stage_memory, grants_),
      remapper_(config_, file_, faults_, resolver_, path_, grants_),
      engine_("queue", {file_, faults_, completion_event_, remapper_.inside(), *this, structure_memory, c.unit},
              c.queue) {
  registers.bind(static_cast<protocol::memory_forward&>(*this));
  structure_memory.bind(static_cast<protocol::memory_backward&>(structures_back_));
  for (const std::uint16_t source : c.devices) {
    attached a{
        std::make_unique<protocol::memory_target_socket>(("device_" + hexadecimal(source)).c_str()),
        std::make_unique<device_port>(source, remapper_, grants_, static_cast<unsigned>(devices_.size()), memory)};
    a.socket->bind(*a.port);
    devices_.push_back(std::move(a));
  }
}

void iommu::before_end_of_elaboration() {
  for (protocol::memory_initiator_socket* const each : {&structure_memory, &first_stage_memory, &second_stage_memory})
    way_.serve(*each);
}

void iommu::end_of_elaboration() {
  for (const attached& a : devices_) a.port->elaborated();
}

void iommu::revoke(unsigned port, std::uint64_t first, std::uint64_t last) {
  protocol::invalidate_all(*devices_[port].socket, first, last);
}

double iommu::dmi_grants() const {
  std::uint64_t all = 0;
  for (const attached& a : devices_) all += a.port->counts().dmi_grants;
  return static_cast<double>(all);
}

iommu::~iommu() = default;

protocol::memory_target_socket& iommu::device(std::uint16_t source) {
  const auto found =
      std::find_if(devices_.begin(), devices_.end(), [=](const attached& a) { return a.port->source() == source; });
  if (found == devices_.end())
    throw input_error(std::string(name()) + ": no device of requester id " + hexadecimal(source) +
                      " is configured; name it in its list of devices");
  return *found->socket;
}

void iommu::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += config_.register_cycles * config_.cycle;
  if (!is_register_access(payload)) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  const auto offset = static_cast<std::uint32_t>(payload.get_address());
  const unsigned bytes = payload.get_data_length();
  std::uint64_t value = 0;
  if (payload.is_read()) {
    value = file_.read(offset, bytes);
    std::memcpy(payload.get_data_ptr(), &value, bytes);
  } else if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), bytes);
    file_.write(offset, bytes, value, [this](const register_file::touched& t) { written(t); });
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned iommu::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (!payload.is_read() || !is_register_access(payload)) return 0;
  const std::uint64_t value = file_.read(static_cast<std::uint32_t>(payload.get_address()), payload.get_data_length());
  std::memcpy(payload.get_data_ptr(), &value, payload.get_data_length());
  return payload.get_data_length();
}

void iommu::written(const register_file::touched& t) {
  if (t.index >= record_register(0, 0)) return faults_.written();
  switch (static_cast<unit_register>(t.index)) {
    case unit_register::gcmd: return global_command(static_cast<std::uint32_t>(t.written));
    case unit_register::ccmd:
      if ((t.written & file_[unit_register::ccmd] & ccmd::icc) != 0) engine_.context_command();
      return;
    case unit_register::iotlb:
      if ((t.written & file_[unit_register::iotlb] & iotlb::ivt) != 0) engine_.iotlb_command(file_[unit_register::iva]);
      return;
    case unit_register::fsts: faults_.written(); return engine_.look_again();
    case unit_register::fectl: return fault_event_.control_written();
    case unit_register::iectl: return completion_event_.control_written();
    case unit_register::ics:
      if ((file_[unit_register::ics] & ics::iwc) == 0) completion_event_.withdraw();
      return;
    case unit_register::iqt: return engine_.look_again();
    case unit_register::pmen: remapper_.protection_changed(); return engine_.protection_command();
    case unit_register::plmbase:
    case unit_register::plmlimit:
    case unit_register::phmbase:
    case unit_register::phmlimit: return remapper_.protection_changed();
    default: return;
  }
}

void iommu::global_command(std::uint32_t value) {
  if ((value & global::srtp) != 0) {
    remapper_.set_tables(file_[unit_register::rtaddr]);
    file_.set_bits(unit_register::gsts, global::srtp, true);
    if (config_.unit.can(paging::vtd::cap::esrtps)) invalidate_everything();
  }
  engine_.global_command(value & (global::te | global::qie));
}

void iommu::invalidate_everything() {
  paging::vtd::descriptor everything;
  everything.how = paging::vtd::granularity::global;
  everything.how_pasid = paging::vtd::pasid_granularity::global;
  for (const auto type : {paging::vtd::descriptor_type::context_cache, paging::vtd::descriptor_type::pasid_cache,
                          paging::vtd::descriptor_type::iotlb}) {
    everything.type = type;
    remapper_.invalidate(everything);
  }
}

// With translation off the next fault goes into the first record again (7.2.1), and units of scalable mode have
// forgotten all that they kept (11.4.4.1, TE).
void iommu::translation_enabled(bool on) {
  remapper_.enable(on);
  if (on) return;
  faults_.reset();
  if (config_.unit.has(paging::vtd::ecap::smts)) invalidate_everything();
}

void iommu::reset() {
  file_.reset();
  faults_.reset();
  engine_.reset();
  invalidate_everything();
  remapper_.set_tables(0);
  remapper_.enable(false);
}

void iommu::describe(statistics::group& into) {
  remapper_.describe(into);
  into.add("dmi_grants", "grants", "DMI requests of devices that were granted.", [this] { return dmi_grants(); });
  faults_.describe(into.child("faults"));
  resolver_.describe(into.child("device_tables"));
  path_.describe(into);
  engine_.describe(into.child("queue"));
  messages_.describe(into.child("messages"));
}

}  // namespace nestwalk::iommu
