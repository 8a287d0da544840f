// Binds the memory sockets of a machine, with or without a monitor on each.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "nestwalk/protocol/memory_sockets.h"
#include "nestwalk/protocol/protocol_monitor.h"

namespace nestwalk::platforms {

/// Lives as long as what it binds.
class wiring {
 public:
  explicit wiring(bool monitored) : monitored_(monitored) {}

  /// Binds `from`, a memory socket of an initiator, to `to`.
  template <class Initiator>
  void connect(Initiator& from, protocol::memory_target_socket& to) {
    if (!monitored_) {
      from.bind(to);
      return;
    }
    std::string name = std::string("monitor_of_") + from.name();
    std::replace(name.begin(), name.end(), '.', '_');
    monitors_.push_back(std::make_unique<protocol::protocol_monitor>(name.c_str()));
    from.bind(monitors_.back()->initiator_side);
    monitors_.back()->target_side.bind(to);
  }

  /// The first rule that was broken at each monitor, in words; empty where none was.
  std::vector<std::string> violations() const;

 private:
  bool monitored_;
  std::vector<std::unique_ptr<protocol::protocol_monitor>> monitors_;
};

}  // namespace nestwalk::platforms
