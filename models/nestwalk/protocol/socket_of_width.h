// A memory socket as one of another width, to bind by.
#pragma once

#include <systemc>
#include <tlm>

namespace nestwalk::protocol {

/// What binding asks of a target socket, answered by one that is declared with another width.
template <unsigned Width>
class target_of_width
    : public tlm::tlm_base_target_socket_b<Width, tlm::tlm_fw_transport_if<>, tlm::tlm_bw_transport_if<>> {
 public:
  using forward = tlm::tlm_fw_transport_if<>;
  using backward = tlm::tlm_bw_transport_if<>;
  using socket = tlm::tlm_base_target_socket_b<32, forward, backward>;

  explicit target_of_width(socket& of) : of_(of) {}

  unsigned get_bus_width() const override { return Width; }
  sc_core::sc_type_index get_protocol_types() const override { return of_.get_protocol_types(); }
  tlm::tlm_socket_category get_socket_category() const override { return of_.get_socket_category(); }
  sc_core::sc_port_b<backward>& get_base_port() override { return of_.get_base_port(); }
  const sc_core::sc_port_b<backward>& get_base_port() const override { return of_.get_base_port(); }
  forward& get_base_interface() override { return of_.get_base_interface(); }
  const forward& get_base_interface() const override { return of_.get_base_interface(); }
  sc_core::sc_export<forward>& get_base_export() override { return of_.get_base_export(); }
  const sc_core::sc_export<forward>& get_base_export() const override { return of_.get_base_export(); }

 private:
  socket& of_;
};

/// Likewise of an initiator socket.
template <unsigned Width>
class initiator_of_width
    : public tlm::tlm_base_initiator_socket_b<Width, tlm::tlm_fw_transport_if<>, tlm::tlm_bw_transport_if<>> {
 public:
  using forward = tlm::tlm_fw_transport_if<>;
  using backward = tlm::tlm_bw_transport_if<>;
  using socket = tlm::tlm_base_initiator_socket_b<32, forward, backward>;

  explicit initiator_of_width(socket& of) : of_(of) {}

  unsigned get_bus_width() const override { return Width; }
  sc_core::sc_type_index get_protocol_types() const override { return of_.get_protocol_types(); }
  tlm::tlm_socket_category get_socket_category() const override { return of_.get_socket_category(); }
  sc_core::sc_port_b<forward>& get_base_port() override { return of_.get_base_port(); }
  const sc_core::sc_port_b<forward>& get_base_port() const override { return of_.get_base_port(); }
  backward& get_base_interface() override { return of_.get_base_interface(); }
  const backward& get_base_interface() const override { return of_.get_base_interface(); }
  sc_core::sc_export<backward>& get_base_export() override { return of_.get_base_export(); }
  const sc_core::sc_export<backward>& get_base_export() const override { return of_.get_base_export(); }

 private:
  socket& of_;
};

}  // namespace nestwalk::protocol
