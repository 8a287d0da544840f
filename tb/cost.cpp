#include "tb/cost.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <regex>
#include <string>

#include <fmt/ostream.h>

#include "nestwalk/protocol/error.h"
#include "tb/reference_walk.h"

namespace nestwalk::tb {

namespace {

constexpr unsigned most_contexts = 64;

struct closer {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, closer> pipe(popen(command.c_str(), "r"));
  if (!pipe) return {};
  std::string text;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) != nullptr) text += buffer.data();
  return text;
}

// The package first, which the others read.
std::string sources() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(NESTWALK_RTL_FOLDER))
    if (entry.path().extension() == ".sv") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::stable_partition(files.begin(), files.end(),
                        [](const std::string& f) { return f.find("walk_pkg") != std::string::npos; });
  std::string all;
  for (const std::string& file : files) all += fmt::format(" \"{}\"", file);
  return all;
}

}  // namespace

bool yosys_is_installed() {
  return !output_of("yosys -V 2>/dev/null").empty();
}

synthesis synthesise(unsigned contexts) {
  const std::string script = fmt::format(
      "read_verilog -sv{}; chparam -set Contexts {} page_walker; synth -flatten -lut 6 -top page_walker; opt_clean; "
      "stat; ltp -noff",
      sources(), contexts);
  const std::string log = output_of("yosys -p '" + script + "' 2>&1");
  // The last statistics are those of the finished design.
  const std::size_t last = log.rfind("Number of cells:");
  const std::string finished = last == std::string::npos ? "" : log.substr(last);
  std::smatch length;
  if (!std::regex_search(finished, length, std::regex(R"(Longest topological path in \S+ \(length=(\d+)\))"))) {
    const std::size_t error = log.find("ERROR:");
    throw input_error(fmt::format("Yosys could not synthesise {}: {}", NESTWALK_RTL_FOLDER,
                                  error == std::string::npos ? "no result" : log.substr(error)));
  }
  synthesis s;
  s.depth = static_cast<unsigned>(std::stoul(length[1]));
  const std::regex cell(R"((\$_\S*DFF\S*|\$lut)\s+(\d+))");
  for (std::sregex_iterator at(finished.begin(), finished.end(), cell), end; at != end; ++at)
    ((*at)[1] == "$lut" ? s.luts : s.flip_flops) += static_cast<unsigned>(std::stoul((*at)[2]));
  return s;
}

int cost(const cost_options& options, std::ostream& out) {
  for (const unsigned contexts : options.contexts)
    if (contexts == 0 || contexts > most_contexts)
      throw input_error(fmt::format("--contexts {}: 1 to {} can be built", contexts, most_contexts));
  if (!yosys_is_installed()) {
    fmt::print(out, "cost needs Yosys: install the Debian package yosys\n");
    return 1;
  }
  fmt::print(out, "{:>8}  {:>8}  {:>10}  {:>5}  {:>16}  {:>13}\n", "contexts", "LUT6", "flip-flops", "depth",
             "cycles, 24 reads", "reads a cycle");
  bool unmeasured = false;
  for (const unsigned contexts : options.contexts) {
    const synthesis s = synthesise(contexts);
    fmt::print(out, "{:>8}  {:>8}  {:>10}  {:>5}", contexts, s.luts, s.flip_flops, s.depth);
    if (const model_shape* const shape = find_shape(contexts)) {
      const rate r = measure_rate(*shape, options.latency);
      fmt::print(out, "  {:>16}  {:>13.3f}\n", r.cycles_alone, r.reads_per_cycle);
    } else {
      unmeasured = true;
      fmt::print(out, "  {:>16}  {:>13}\n", "-", "-");
    }
    out.flush();
  }
  fmt::print(out, "memory answers {} cycles after it takes a request; both nested formats, 5 levels, no caches\n",
             options.latency);
  if (unmeasured) fmt::print(out, "-: of so many contexts no model was built to measure\n");
  return 0;
}

}  // namespace nestwalk::tb
