// A machine with tables of five levels in both stages and pages of 1G: images/linux-la57.* (see images/README.md).
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "image/unpacked.h"
#include "nestwalk/image/memory_image.h"
#include "nestwalk/paging/stage.h"
#include "nestwalk/paging/two_stage_walk.h"

namespace nestwalk::image {
namespace {

using json = nlohmann::json;

/// An image to look at: no flag is stored.
struct looked_at {
  const memory_image& image;
  bool read(paging::hpa at, unsigned bytes, std::uint64_t& value) { return image.read(at, bytes, value); }
  paging::exchange_result exchange(paging::hpa, unsigned, std::uint64_t, std::uint64_t) {
    return paging::exchange_result::stored;
  }
};

std::uint64_t number(const json& text) {
  return std::stoull(text.get<std::string>(), nullptr, 16);
}

class linux_la57_image : public testing::Test {
 protected:
  linux_la57_image() : image_(memory_image::open(NESTWALK_IMAGES "/linux-la57.elf.zst")) {
    std::istringstream lines(test::unpacked(NESTWALK_IMAGES "/linux-la57.jsonl.zst"));
    std::string line;
    std::getline(lines, line);
    guest_ = json::parse(line)["guest"];
    while (std::getline(lines, line)) rows_.push_back(json::parse(line));
    processor_.maker = paging::vendor::amd;
  }
  /// The registers of the host, from the note.
  paging::paging_registers host() const {
    paging::paging_registers r;
    r.cr0 = image_->cpus().front().cr0;
    r.cr3 = image_->cpus().front().cr3;
    r.cr4 = image_->cpus().front().cr4;
    r.efer = paging::efer::lme | paging::efer::lma | paging::efer::nxe;
    return r;
  }
  paging::domain guests_domain() const {
    paging::paging_registers nested = host();
    nested.cr3 = number(guest_["nested_root"]);
    paging::paging_registers r;
    r.cr0 = number(guest_["cr0"]);
    r.cr3 = number(guest_["cr3"]);
    r.cr4 = number(guest_["cr4"]);
    r.efer = nested.efer;
    paging::domain d;
    d.nested = paging::decode_npt(nested, processor_);
    d.nested_on = true;
    d.guest = paging::decode_guest(r, processor_, &d.nested);
    return d;
  }
  paging::domain hosts_domain() const {
    paging::domain d;
    d.guest = paging::decode_guest(host(), processor_);
    return d;
  }
  paging::outcome walked(const paging::domain& d, const json& row) {
    looked_at memory{*image_};
    return paging::two_stage_walk<looked_at>(d, memory).translate(
        paging::gva(number(row["va"])), {paging::access_type::read, paging::access_mode::user});
  }
  std::vector<json> rows_of(const char* machine) const {
    std::vector<json> found;
    for (const json& row : rows_)
      if (row["machine"] == machine) found.push_back(row);
    return found;
  }

  std::unique_ptr<memory_image> image_;
  paging::capabilities processor_;
  json guest_;
  std::vector<json> rows_;
};

TEST_F(linux_la57_image, has_five_levels_in_both_stages) {
  EXPECT_EQ(hosts_domain().guest.format.levels, 5u);
  EXPECT_EQ(guests_domain().nested.format.levels, 5u);
  EXPECT_EQ(guests_domain().guest.format.levels, 4u);
}

TEST_F(linux_la57_image, of_the_host_is_walked_as_its_pagemap_says) {
  const paging::domain d = hosts_domain();
  const std::vector<json> rows = rows_of("host");
  EXPECT_EQ(rows.size(), 101u);
  for (const json& row : rows) {
    const paging::outcome came = walked(d, row);
    ASSERT_EQ(came.mapped(), !row["hpa"].is_null()) << row;
    if (!came.mapped()) continue;
    EXPECT_EQ(came.output.value, number(row["hpa"])) << row;
    EXPECT_EQ(came.page.guest_size_log2, row["log2"].get<unsigned>()) << row;
  }
}

TEST_F(linux_la57_image, of_the_guest_is_walked_as_the_hosts_pagemap_says) {
  const paging::domain d = guests_domain();
  const std::vector<json> rows = rows_of("guest");
  EXPECT_EQ(rows.size(), 93u);
  for (const json& row : rows) {
    const paging::outcome came = walked(d, row);
    ASSERT_TRUE(came.mapped()) << row;
    EXPECT_EQ(came.output.value, number(row["hpa"])) << row;
    EXPECT_EQ(came.page.guest_size_log2, row["guest_log2"].get<unsigned>()) << row;
    EXPECT_EQ(came.page.nested_size_log2, row["host_log2"].get<unsigned>()) << row;
  }
}

}  // namespace
}  // namespace nestwalk::image
