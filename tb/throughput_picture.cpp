#include "tb/throughput_picture.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "tb/reference_walk.h"

namespace nestwalk::tb {

namespace {

constexpr double width = 560;  // pixels, of the plot
constexpr double height = 280;
constexpr double left = 60;
constexpr double top = 30;
constexpr double most_latency = 200;
constexpr unsigned latencies[] = {1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 62, 100, 140, 200};
constexpr const char* colours[] = {"#1f4e79", "#2e8b57", "#b8860b", "#a33", "#666"};

double across(double latency) {
  return left + width * std::log(latency) / std::log(most_latency);
}
double down(double reads_per_cycle) {
  return top + height * (1 - reads_per_cycle);
}

std::string grid() {
  std::string lines;
  for (const unsigned latency : {1, 2, 5, 10, 20, 50, 100, 200})
    lines += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>"
        "<text x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4}</text>\n",
        across(latency), down(1), down(0), down(0) + 18, latency);
  for (const double reads : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0})
    lines += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"#ddd\"/>"
        "<text x=\"{3:.1f}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.1f}</text>\n",
        across(1), down(reads), across(most_latency), left - 8, down(reads) + 4, reads);
  return lines + fmt::format(
                     "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">memory latency, cycles</text>\n"
                     "<text x=\"{:.1f}\" y=\"18\">entry reads a cycle, by contexts in flight</text>\n",
                     left + width / 2, down(0) + 38, left);
}

// The measured line and the bound of one model; its number of contexts stands by the line where it is still high.
std::string curve(const model_shape& shape, const char* colour) {
  std::string measured;
  std::string bound;
  double label_latency = 1;
  double label_rate = 1;
  for (const unsigned latency : latencies) {
    const double rate = measure_rate(shape, latency).reads_per_cycle;
    if (rate > 0.25) {
      label_latency = latency;
      label_rate = rate;
    }
    measured += fmt::format("{:.1f},{:.1f} ", across(latency), down(rate));
    bound += fmt::format("{:.1f},{:.1f} ", across(latency), down(std::min(1.0, shape.contexts / (latency + 1.0))));
  }
  return fmt::format(
      "<polyline fill=\"none\" stroke=\"{0}\" stroke-dasharray=\"3 4\" points=\"{1}\"/>\n"
      "<polyline fill=\"none\" stroke=\"{0}\" stroke-width=\"2\" points=\"{2}\"/>\n"
      "<text x=\"{3:.1f}\" y=\"{4:.1f}\" fill=\"{0}\">{5}</text>\n",
      colour, bound, measured, across(label_latency) + 6, down(label_rate) - 6, shape.contexts);
}

}  // namespace

std::string throughput_picture() {
  std::string picture = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"monospace\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      left + width + 50, top + height + 50);
  picture += grid();
  unsigned drawn = 0;
  for (const model_shape& shape : model_shapes()) {
    if (shape.nested_tlb_entries + shape.walk_cache_entries != 0 || shape.bypass) continue;
    picture += curve(shape, colours[drawn++ % std::size(colours)]);
  }
  return picture + "</svg>\n";
}

}  // namespace nestwalk::tb
