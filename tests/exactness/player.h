// Plays operations on a machine and on the oracle, and says where they part.
#pragma once

#include <string>
#include <vector>

#include "operation.h"
#include "platforms/conform/bare_mmu.h"
#include "stale_oracle.h"
#include "world.h"

namespace nestwalk::test {

class player {
 public:
  player(platforms::bare_mmu& machine, const world& w) : machine_(machine), world_(w) {}

  /// Puts both back to the beginning: everything flushed, memory cleared, registers set.
  void restart();
  /// Plays one operation; what is wrong with the answer, or an empty string.
  std::string play(const operation& o);
  /// Restarts and plays them all; the index of the first that went wrong, or the count.
  std::size_t play_all(const std::vector<operation>& operations, std::string& wrong);

  std::uint64_t stale_answers() const { return stale_; }
  std::uint64_t accesses() const { return accesses_; }
  std::uint64_t faults() const { return faults_; }
  /// Of the page-modification log, and exits as it was full.
  std::uint64_t records() const { return records_; }
  std::uint64_t full_logs() const { return full_logs_; }

 private:
  std::string access(const operation& o);
  void write(protocol::control_register which, std::uint64_t value);
  void flushed(const paging::selector& s) { oracle_.flushes.add(s, now_); }
  void invpcid(const operation& o);
  void invvpid(const operation& o);
  void mov_cr3(const operation& o);
  void toggle_cr0(std::uint64_t bits);
  void toggle_cr4(std::uint64_t bits);
  void choose_controls();
  void decode();
  std::vector<std::uint64_t> see_flags();
  std::string judge(const paging::access& a, paging::gva in, bool succeeded, const paging::outcome& expected,
                    bool recorded);
  std::string check_log(std::vector<std::uint64_t> dirtied, std::uint16_t before, std::size_t& records);
  void empty_log();

  platforms::bare_mmu& machine_;
  const world& world_;
  stale_oracle oracle_;
  paging::paging_registers registers_;
  protocol::translation_controls controls_;
  paging::domain domain_;
  paging::page_modification_log log_;  // as it stands before an access; its walk uses it up
  std::uint64_t which_eptp_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t stale_ = 0;
  std::uint64_t accesses_ = 0;
  std::uint64_t faults_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t full_logs_ = 0;
};

/// The shortest sequence that still goes wrong, found by leaving operations out.
std::vector<operation> shortened(player& p, std::vector<operation> failing);

}  // namespace nestwalk::test
