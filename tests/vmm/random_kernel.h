// A small guest kernel that edits page tables at random, by stores through its direct map, and flushes as a correct
// kernel does: before anyone may rely on a right or flag being gone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "guest_machine.h"

namespace nestwalk::test {

class random_kernel {
 public:
  struct config {
    std::uint64_t seed = 1;
    bool pcids = false;
    unsigned toggles = 2;  ///< of a hundred steps: register writes that change rights
    unsigned processes = 4;
  };

  random_kernel(guest_machine& machine, const config& c);

  /// One thing that a kernel or a program does.
  void step();
  /// Every page of every process, by every kind of access.
  void sweep();

 private:
  struct process {
    std::uint64_t root = 0;
    std::uint64_t pcid = 0;
    bool owes_flush = false;                        // the next load of CR3 must flush
    bool shares = false;                            // has a table that another place links too
    std::map<std::uint64_t, std::uint64_t> tables;  // level << 60 | prefix -> page
  };

  std::uint64_t random(std::uint64_t below) { return generator_() % below; }
  bool chance(unsigned percent) { return random(100) < percent; }
  std::uint64_t take_frame();
  void zero(std::uint64_t frame);
  void store(std::uint64_t at, std::uint64_t value);
  std::uint64_t load(std::uint64_t at) { return machine_.native.read(at); }
  std::uint64_t random_page();
  std::uint64_t random_flags();
  std::uint64_t entry_address(process& p, std::uint64_t address, unsigned level);

  void boot();
  void switch_to(unsigned next);
  void edit(unsigned count);
  void edit_one(process& p, std::uint64_t address);
  void edit_large(process& p);
  void link_shared();
  void free_table();
  void flush(process& p, const std::vector<std::uint64_t>& addresses, bool structure);
  void toggle();
  void toggle_cr4();
  void write_keys();
  void touch();
  void write_cr3(const process& p, bool no_flush);

  guest_machine& machine_;
  config config_;
  std::mt19937_64 generator_;
  std::vector<process> processes_;
  unsigned current_ = 0;
  std::vector<std::uint64_t> free_frames_;
  std::vector<std::uint64_t> data_frames_;
  std::uint64_t kernel_table_ = 0;
  std::uint64_t cr0_ = 0;
  std::uint64_t cr4_ = 0;
  std::uint64_t efer_ = 0;
  std::uint64_t stored_ = 0;
};

}  // namespace nestwalk::test
