#include "platforms/conform/conform.h"

#include <algorithm>

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

}  // namespace

std::vector<paging::capabilities> capabilities_in(const std::vector<std::string>& files) {
  std::vector<paging::capabilities> machines;
  for (const std::string& path : files) {
    try {
      vector_file file(path);
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

int conform(const std::vector<std::string>& files, const std::vector<std::unique_ptr<vector_executor>>& executors,
            std::ostream& out) {
  bool good = true;
  for (const std::string& path : files) {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::string unreadable;
    try {
      vector_file file(path);
      conformance_vector v;
      while (file.next(v)) {
        const std::string wrong = failure(v, executors);
        wrong.empty() ? ++passed : ++failed;
        if (!wrong.empty() && failed <= accounts_shown)
          fmt::print(out, "  {} ({}), {} of {:#x} at CPL {}: {}\n", v.id, v.drawn, type_name(v.type), v.address.value,
                     v.cpl, wrong);
      }
    } catch (const input_error& e) {
      unreadable = e.what();
    }
    fmt::print(out, "{}: {} passed, {} failed\n", path, passed, failed);
    if (!unreadable.empty()) fmt::print(out, "  {}\n", unreadable);
    if (unreadable.empty() && passed + failed == 0) fmt::print(out, "  no vector in this file\n");
    good = good && failed == 0 && unreadable.empty() && passed != 0;
  }
  return good ? 0 : 1;
}

}  // namespace nestwalk::platforms
