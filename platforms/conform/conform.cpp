#include "platforms/conform/conform.h"

#include <algorithm>
#include <map>

#include <fmt/ostream.h>

#include "platforms/conform/mmu_executor.h"
#include "platforms/conform/untimed_executor.h"
#include "platforms/conform/vector_file.h"
#include "protocol/error.h"

namespace nestwalk::platforms {

namespace {

constexpr unsigned accounts_shown = 5;

// What went wrong with the vector in any way of performing it; empty where it passed.
std::string failure(const conformance_vector& v, const std::vector<std::unique_ptr<vector_executor>>& executors) {
  for (const auto& executor : executors) {
    unsigned access = 0;
    for (const vector_run& run : executor->perform(v)) {
      ++access;
      const std::string wrong = complaint(v, run);
      if (!wrong.empty()) return fmt::format("{}, access {}: {}", executor->name(), access, wrong);
    }
  }
  return {};
}

const char* type_name(paging::access_type type) {
  switch (type) {
    case paging::access_type::read: return "read";
    case paging::access_type::write: return "write";
    case paging::access_type::fetch: break;
  }
  return "fetch";
}

// What came of a file's vectors.
struct tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::map<std::string, std::size_t> left_out;  // by why
};

void perform(const conformance_vector& v, const std::vector<std::unique_ptr<vector_executor>>& executors,
             tally& counted, std::ostream& out) {
  for (const auto& executor : executors) {
    const std::string why = executor->why_not(v);
    if (why.empty()) continue;
    ++counted.left_out[fmt::format("not for {}: {}", executor->name(), why)];
    return;
  }
  const std::string wrong = failure(v, executors);
  wrong.empty() ? ++counted.passed : ++counted.failed;
  if (!wrong.empty() && counted.failed <= accounts_shown)
    fmt::print(out, "  {} ({}), {} of {:#x} at CPL {}: {}\n", v.id, v.drawn, type_name(v.type), v.address.value, v.cpl,
               wrong);
}

}  // namespace

std::vector<paging::capabilities> capabilities_in(const std::vector<vector_source>& files) {
  std::vector<paging::capabilities> machines;
  for (const vector_source& source : files) {
    try {
      vector_file file(source);
      conformance_vector v;
      while (file.next(v))
        if (std::find(machines.begin(), machines.end(), v.machine) == machines.end()) machines.push_back(v.machine);
    } catch (const input_error&) {
      continue;
    }
  }
  return machines;
}

std::vector<std::unique_ptr<vector_executor>> all_executors(const std::vector<paging::capabilities>& machines) {
  std::vector<std::unique_ptr<vector_executor>> executors;
  executors.push_back(std::make_unique<mmu_executor>(mmu_executor::caching::on, machines));
  executors.push_back(std::make_unique<mmu_executor>(mmu_executor::caching::off, machines));
  executors.push_back(std::make_unique<untimed_executor>());
  return executors;
}

int conform(const std::vector<vector_source>& files, const std::vector<std::unique_ptr<vector_executor>>& executors,
            std::ostream& out) {
  bool good = true;
  for (const vector_source& source : files) {
    tally counted;
    std::string unreadable;
    try {
      vector_file file(source);
      conformance_vector v;
      while (file.next(v)) perform(v, executors, counted, out);
    } catch (const input_error& e) {
      unreadable = e.what();
    }
    fmt::print(out, "{}: {} passed, {} failed\n", source.path(), counted.passed, counted.failed);
    for (const auto& [why, count] : counted.left_out) fmt::print(out, "  {} left out: {}\n", count, why);
    if (!unreadable.empty()) fmt::print(out, "  {}\n", unreadable);
    const bool empty = counted.passed + counted.failed == 0 && counted.left_out.empty();
    if (unreadable.empty() && empty) fmt::print(out, "  no vector in this file\n");
    good = good && counted.failed == 0 && unreadable.empty() && counted.passed != 0;
  }
  return good ? 0 : 1;
}

}  // namespace nestwalk::platforms
