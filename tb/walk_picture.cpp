#include "tb/walk_picture.h"

#include <memory>
#include <vector>

#include <fmt/format.h>

#include "tb/reference_walk.h"

namespace nestwalk::tb {

namespace {

constexpr unsigned column = 13;  // pixels
constexpr unsigned row = 34;
constexpr unsigned high = 18;
constexpr unsigned left = 150;
constexpr unsigned top = 40;
constexpr unsigned most_cycles = 1'000;

// What the pins did in a cycle.
struct sample {
  bool request = false;
  bool memory_request = false;
  bool memory_response = false;
  bool response = false;
  unsigned busy = 0;
  std::uint64_t address = 0;
};

std::vector<sample> record(unsigned latency) {
  const std::unique_ptr<rtl_model> model = make_model(model_shapes().front().name);
  model->reset();
  input_pins& in = model->in;
  in.request = reference_request();
  in.response_ready = in.memory_request_ready = true;
  std::vector<sample> samples;
  std::uint64_t address = 0;
  unsigned due = most_cycles;
  for (unsigned cycle = 0; cycle < most_cycles; ++cycle) {
    in.request_valid = cycle == 1;
    in.memory_response_valid = cycle == due;
    in.memory_response_data = reference_entry(address);
    model->cycle();
    const output_pins& out = model->out;
    samples.push_back({in.request_valid, out.memory_request_valid, in.memory_response_valid, out.response_valid,
                       out.busy, out.memory_request_valid ? out.memory_request_address : 0});
    if (out.memory_request_valid) {
      address = out.memory_request_address;
      due = cycle + latency;
    }
    const bool done = out.response_valid;
    if (done) break;
  }
  samples.push_back({});
  return samples;
}

// The line of one pin, high where it is 1.
template <class Pin>
std::string trace(const std::vector<sample>& samples, unsigned at, const char* name, Pin pin) {
  std::string points;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const unsigned y = at + (pin(samples[i]) ? 0 : high);
    points += fmt::format("{},{} {},{} ", left + i * column, y, left + (i + 1) * column, y);
  }
  return fmt::format(
      "<text x=\"8\" y=\"{}\">{}</text>\n"
      "<polyline fill=\"none\" stroke=\"#1f4e79\" stroke-width=\"1.5\" points=\"{}\"/>\n",
      at + high - 4, name, points);
}

// A box an entry, from its request to its answer: its stage and level.
std::string entries(const std::vector<sample>& samples, unsigned at) {
  std::string all = fmt::format("<text x=\"8\" y=\"{}\">entry</text>\n", at + high - 4);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i].memory_request) continue;
    std::size_t end = i + 1;
    while (end < samples.size() && !samples[end].memory_response) ++end;
    const reference_place place = reference_place_of(samples[i].address);
    all += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"#555\"/>\n"
        "<text x=\"{}\" y=\"{}\" font-size=\"11\">{}{}</text>\n",
        left + i * column, at, (end + 1 - i) * column, high, place.nested ? "#dbe9f6" : "#f8d9a8",
        left + i * column + 11, at + high - 5, place.nested ? "N" : "G", place.level);
  }
  return all;
}

}  // namespace

std::string walk_picture(unsigned latency) {
  const std::vector<sample> samples = record(latency);
  const std::size_t width = left + (samples.size() + 1) * column;
  std::string picture = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"monospace\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      width, top + 6 * row);
  for (std::size_t i = 1; i < samples.size(); i += 8)
    picture += fmt::format(
        "<line x1=\"{0}\" y1=\"24\" x2=\"{0}\" y2=\"{1}\" stroke=\"#ddd\"/><text x=\"{0}\" y=\"20\">{2}</text>\n",
        left + i * column, top + 6 * row - 10, i - 1);
  picture += fmt::format("<text x=\"8\" y=\"20\">cycle</text>\n");
  picture += trace(samples, top, "request_valid_i", [](const sample& s) { return s.request; });
  picture += trace(samples, top + row, "memory_request", [](const sample& s) { return s.memory_request; });
  picture += entries(samples, top + 2 * row);
  picture += trace(samples, top + 3 * row, "memory_response", [](const sample& s) { return s.memory_response; });
  picture += trace(samples, top + 4 * row, "busy_o", [](const sample& s) { return s.busy != 0; });
  picture += trace(samples, top + 5 * row, "response_valid_o", [](const sample& s) { return s.response; });
  return picture + "</svg>\n";
}

}  // namespace nestwalk::tb
