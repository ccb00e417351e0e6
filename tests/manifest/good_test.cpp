#include <map>

#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

constexpr auto kStirFry = R"(manifest: 1
name: Stir Fry
jobs:
  - id: Tomato & Egg
    prompt: >
      Generate a tomato and egg stir-fry
      based on the style of image 1
    images:
      - https://img.example.com/umbrella.png
      - data:image/png;base64,iVBORw0KGgo=
    parameters: { n: 2, seed: 7 }
)";

}  // namespace

TEST_CASE("a plain job comes out with every parameter of its mode") {
  auto const read = reading::manifest(kStirFry);
  CHECK(read.complaints() == "");
  CHECK(read.head.name == "stir-fry");
  CHECK(read.head.jobs == 1);
  REQUIRE(read.jobs.size() == 1);
  auto const& job = read.jobs[0];
  CHECK(job.id == "tomato-egg");
  CHECK(job.line == 4);
  CHECK(job.column == 5);
  CHECK(job.pictures == 2);
  CHECK(job.request.model == "wan2.6-image");
  CHECK(job.request.prompt == "Generate a tomato and egg stir-fry based on the style of image 1");
  CHECK(job.request.images == std::vector<std::string>{"https://img.example.com/umbrella.png",
                                                       "data:image/png;base64,iVBORw0KGgo="});
  CHECK(job.request.parameters == std::map<std::string, Value>{{"enable_interleave", false},
                                                               {"n", std::int64_t{2}},
                                                               {"prompt_extend", true},
                                                               {"seed", std::int64_t{7}},
                                                               {"size", std::string{"1K"}},
                                                               {"watermark", false}});
  CHECK(job.request.verbatim.empty());
}
