#include "platforms/conform/conform.h"

#include <algorithm>
#include <map>

#include <fmt/ostream.h>

#include "nestwalk/protocol/error.h"
#include "platforms/conform/mmu_executor.h"
#include "platforms/conform/untimed_executor.h"
#include "platforms/conform/vector_file.h"

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

void perform(const conformance_script& s, script_bench* bench, tally& counted, std::ostream& out) {
  if (bench == nullptr) {
    ++counted.left_out["scripts of a remapping unit, which is not under test"];
    return;
  }
  const std::string wrong = bench->perform(s);
  wrong.empty() ? ++counted.passed : ++counted.failed;
  if (!wrong.empty() && counted.failed <= accounts_shown) fmt::print(out, "  {} ({}): {}\n", s.id, s.title, wrong);
}

// The unit and the source ids that a script needs, beside those of others.
void add_demand(std::vector<script_bench::demand>& demands, const conformance_script& s) {
  auto found = std::find_if(demands.begin(), demands.end(), [&](const script_bench::demand& d) {
    return d.unit.cap == s.unit.cap && d.unit.ecap == s.unit.ecap;
  });
  if (found == demands.end()) found = demands.insert(demands.end(), {s.unit, {}});
  for (const script_step& step : s.steps) {
    if (step.outcomes.empty()) continue;
    std::vector<std::uint16_t>& sources = found->sources;
    if (std::find(sources.begin(), sources.end(), step.source) == sources.end()) sources.push_back(step.source);
  }
}

}  // namespace

std::vector<paging::capabilities> capabilities_in(const std::vector<vector_source>& files) {
  std::vector<paging::capabilities> processors;
  for (const vector_source& source : files) {
    if (holds_scripts(source)) continue;
    try {
      vector_file file(source);
      conformance_vector v;
      while (file.next(v))
        if (std::find(processors.begin(), processors.end(), v.processor) == processors.end())
          processors.push_back(v.processor);
    } catch (const input_error&) {
      continue;
    }
  }
  return processors;
}

std::vector<std::unique_ptr<vector_executor>> all_executors(const std::vector<paging::capabilities>& processors) {
  std::vector<std::unique_ptr<vector_executor>> executors;
  executors.push_back(std::make_unique<mmu_executor>(mmu_executor::caching::on, processors));
  executors.push_back(std::make_unique<mmu_executor>(mmu_executor::caching::off, processors));
  executors.push_back(std::make_unique<untimed_executor>());
  return executors;
}

bool holds_scripts(const vector_source& file) {
  try {
    std::string line;
    return vector_file(file).next(line) && is_script(line);
  } catch (const input_error&) {
    return false;  // it says so when it is performed
  }
}

std::unique_ptr<script_bench> bench_for(const std::vector<vector_source>& files) {
  std::vector<script_bench::demand> demands;
  for (const vector_source& source : files) {
    if (!holds_scripts(source)) continue;
    try {
      vector_file file(source);
      conformance_script s;
      while (file.next(s)) add_demand(demands, s);
    } catch (const input_error&) {
      continue;
    }
  }
  return demands.empty() ? nullptr : std::make_unique<script_bench>(demands);
}

int conform(const std::vector<vector_source>& files, const std::vector<std::unique_ptr<vector_executor>>& executors,
            std::ostream& out, script_bench* bench) {
  bool good = true;
  for (const vector_source& source : files) {
    tally counted;
    std::string unreadable;
    try {
      vector_file file(source);
      if (holds_scripts(source)) {
        conformance_script s;
        while (file.next(s)) perform(s, bench, counted, out);
      } else {
        conformance_vector v;
        while (file.next(v)) perform(v, executors, counted, out);
      }
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
