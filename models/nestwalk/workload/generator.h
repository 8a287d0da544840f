// What the generators share: batches, length, system calls, and the loop of code that makes the accesses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "nestwalk/configuration/description.h"
#include "nestwalk/configuration/group.h"
#include "nestwalk/workload/source.h"

namespace nestwalk::workload {

/// A source that makes operations by rule. Each data access follows the fetch of an instruction of 4 bytes from a loop
/// of 64; the length counts both, and no system calls. Same configuration, same operations, on every machine.
class generator : public source {
 public:
  static constexpr paging::gva code_base{0x400000};
  static constexpr std::uint64_t code_bytes = 4096;  ///< mapped at `code_base`
  static constexpr paging::gva data_base{std::uint64_t{1} << 40};
  static constexpr std::uint64_t page_bytes = 4096;
  static constexpr std::uint64_t line_bytes = 64;
  static constexpr std::uint64_t least_footprint = page_bytes;
  static constexpr std::uint64_t most_footprint = std::uint64_t{1} << 46;  ///< within a 4-level user half

  std::size_t next(operation* out, std::size_t capacity) final;
  const char* format() const final { return name_; }
  double progress() const final;

 protected:
  /// `name` outlives the generator; `length` is in accesses.
  generator(const char* name, std::uint64_t length) : name_(name), length_(length) {}

  /// The system calls (and accesses) before the first step.
  virtual void begin() = 0;
  /// One step of the workload, for ever: at least one access.
  virtual void step() = 0;

  /// A fetch, then an access of `size` bytes.
  void access(operation_kind kind, paging::gva address, std::uint16_t size);
  /// `map` for `length` bytes at `address`, taken up to whole pages.
  void map(paging::gva address, std::uint64_t length);
  /// A system call on `length` bytes, whole pages, at `address`.
  void edit(system_call which, paging::gva address, std::uint64_t length, std::uint32_t argument = 0);
  /// `map` for the code and for `bytes` of data at `data_base`.
  void map_code_and_data(std::uint64_t bytes);
  /// `fork`, `exit` or `switch_to` with `process`.
  void call(system_call which, std::uint32_t process);

  /// Throws `input_error`, with the generator's and the setting's names, unless each value is in the range that its key
  /// has.
  template <class Config>
  void check_ranges(Config c) const {
    configuration::description described;
    describe(configuration::group(described), c);
    check(described);
  }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void check(const configuration::description& described) const;

  static constexpr std::uint64_t fetch_bytes = 4;
  static constexpr std::uint64_t loop_bytes = 256;

  const char* name_;
  std::uint64_t length_;
  std::uint64_t accesses_ = 0;  ///< yielded so far
  std::uint64_t code_at_ = 0;
  bool begun_ = false;
  std::vector<operation> made_;
  std::size_t given_ = 0;  ///< of `made_`
};

}  // namespace nestwalk::workload
