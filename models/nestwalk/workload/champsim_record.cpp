#include "nestwalk/workload/champsim_record.h"

#include <algorithm>
#include <array>

namespace nestwalk::workload {

namespace {

constexpr std::uint64_t page = 4096;  // nothing is mapped at 0

bool is_canonical(std::uint64_t address, unsigned bits) {
  const std::uint64_t high = address >> (bits - 1);
  return high == 0 || high == ~std::uint64_t{0} >> (bits - 1);
}

/// Whether an instruction may stand there: no system gives out more than 48 bits unasked.
bool is_usual_ip(std::uint64_t ip) {
  return ip >= page && is_canonical(ip, 48);
}

/// Whether data may lie there. A field that ends in two bytes of 0 and 1 is flags of another format's record.
bool is_usual_data(std::uint64_t address) {
  const std::uint64_t end = address & 0xffff;
  return address >= page && is_canonical(address, 57) && end != 0x0001 && end != 0x0101;
}

/// Addresses of records that programs have, and others.
struct address_count {
  std::size_t usual = 0;
  std::size_t unusual = 0;
  std::size_t wide = 0;  ///< those of more than 48 bits

  void add_data(std::uint64_t address) {
    if (address == 0) return;
    ++(is_usual_data(address) ? usual : unusual);
    if (!is_canonical(address, 48)) ++wide;
  }
  void add(const champsim_record& record) {
    ++(is_usual_ip(record.ip()) ? usual : unusual);
    for (std::size_t i = 0; i < champsim_record::destinations; ++i) add_data(record.destination(i));
    for (std::size_t i = 0; i < champsim_record::sources; ++i) add_data(record.source(i));
  }
};

}  // namespace

bool may_begin_champsim(std::string_view start) {
  constexpr std::size_t up_to_flags = 10;
  if (start.size() < up_to_flags) return false;
  std::array<char, champsim_record::size> bytes = {};
  std::copy_n(start.begin(), std::min(start.size(), bytes.size()), bytes.begin());
  return champsim_record(bytes.data()).possible();
}

bool looks_like_champsim(std::string_view start, bool whole) {
  // Possible records in a row that chance does not make: the tables of a program are up to 15 in a row. A file of fewer
  // may be a trace made by hand, which may hold what no program does.
  constexpr std::size_t many = 16;
  constexpr std::size_t few = 4;
  const std::size_t records = start.size() / champsim_record::size;
  if (records == 0) return may_begin_champsim(start) && is_usual_ip(load_eight(start.data()));
  std::size_t possible = 0;
  address_count addresses;
  for (; possible < records; ++possible) {
    const champsim_record record(start.data() + possible * champsim_record::size);
    if (!record.possible()) break;
    addresses.add(record);
  }
  if (possible == 0 || (possible < records && possible < (records < many ? few : many))) return false;
  if (whole && start.size() % champsim_record::size != 0) return addresses.unusual + addresses.wide == 0;
  return addresses.unusual <= (possible < many ? addresses.usual : addresses.usual / 8);
}

}  // namespace nestwalk::workload
