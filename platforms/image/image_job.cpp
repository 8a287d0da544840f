#include "platforms/image/image_job.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "nestwalk/protocol/error.h"
#include "platforms/image/image_machine.h"
#include "platforms/image/image_words.h"
#include "platforms/image/placed_source.h"

namespace nestwalk::platforms {
namespace {

/// The footprint of a generator that can be placed: one process, and memory that it maps once. Throws `input_error` for
/// another.
std::uint64_t& footprint_of(const std::string& generator, workload::generator_settings& w) {
  if (generator == workload::gups::name) return w.gups.footprint;
  if (generator == workload::stream::name) return w.stream.footprint;
  if (generator == workload::chase::name) return w.chase.footprint;
  if (generator == workload::zipf::name) return w.zipf.footprint;
  throw input_error("workload " + generator +
                    ": the tables of an image are those of one process, and it needs a kernel that makes more; take "
                    "gups, stream, chase or zipf");
}

/// Cuts the footprint to the room that there is; a note where that changes it.
std::string cut_to(std::uint64_t room, std::uint64_t& footprint) {
  if (footprint <= room) return {};
  const std::uint64_t wanted = std::exchange(footprint, room);
  return fmt::format("workload.footprint is {} in place of {}: more than that users may not write in this image", room,
                     wanted);
}

}  // namespace

job_result run_image_job(job j, const image_state& state, image::memory_image& image, bool ends_on_fault,
                         const job_progress& progress) {
  constexpr std::uint64_t page_bytes = 4096;
  std::unique_ptr<workload::source> operations;
  std::string note;
  if (j.workload.generator.empty()) {
    operations = open_operations(j);
  } else {
    std::uint64_t& footprint = footprint_of(j.workload.generator, j.config.workload);
    user_places places = user_places_of(domain_of(state, image), image);
    note = cut_to(std::max(page_bytes, places.writable.bytes() / page_bytes * page_bytes), footprint);
    operations = std::make_unique<placed_source>(open_operations(j), std::move(places));
  }
  image_machine machine(j.config, state, image, ends_on_fault);
  job_result result = run_on(machine, j, *operations, nullptr, progress);
  result.machine["image"] = {{"file", image.name()}, {"machine", state_json(state)}};
  result.machine["skipped"] = machine.skipped().as_json();
  if (!note.empty()) result.note += (result.note.empty() ? "" : "; ") + note;
  return result;
}

}  // namespace nestwalk::platforms
