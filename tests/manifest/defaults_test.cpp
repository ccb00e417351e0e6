#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

std::string const kDefaults = R"(defaults:
  model: wan2.6-t2i
  prompt: A lighthouse
  parameters: { n: 2, seed: 41, negative_prompt: text }
)";

std::string const kJobs = R"(jobs:
  - id: plain
  - { id: own, prompt: A harbour, parameters: { n: 3, seed: null } }
  - { id: bare, parameters: null }
  - { id: edit, model: wan2.6-image, images: [ "https://a.example/b.png" ] }
)";

}  // namespace

TEST_CASE("defaults are merged under every job key by key, and null takes one away") {
  auto const read = reading::manifest("manifest: 1\n" + kDefaults + kJobs);
  REQUIRE(read.complaints() == "");
  auto const& plain = read.jobs[0].request;
  CHECK(plain.model == "wan2.6-t2i");
  CHECK(plain.prompt == "A lighthouse");
  CHECK(plain.parameters.at("n") == Value{std::int64_t{2}});
  CHECK(plain.parameters.at("seed") == Value{std::int64_t{41}});
  auto const& own = read.jobs[1].request;
  CHECK(own.prompt == "A harbour");
  CHECK(own.parameters.at("n") == Value{std::int64_t{3}});
  CHECK(own.parameters.count("seed") == 0);
  CHECK(own.parameters.at("negative_prompt") == Value{std::string{"text"}});
  auto const& bare = read.jobs[2].request;
  CHECK(bare.parameters.at("n") == Value{std::int64_t{1}});
  CHECK(bare.parameters.count("negative_prompt") == 0);
  CHECK(read.jobs[3].request.model == "wan2.6-image");
}

TEST_CASE("defaults and name may stand below the jobs") {
  auto const above = reading::manifest("manifest: 1\nname: n\n" + kDefaults + kJobs);
  auto const below = reading::manifest(kJobs + kDefaults + "name: n\nmanifest: 1\n");
  REQUIRE(below.complaints() == "");
  CHECK(below.head.name == "n");
  CHECK(below.head.jobs == 4);
  REQUIRE(below.jobs.size() == above.jobs.size());
  for (std::size_t i = 0; i < above.jobs.size(); ++i) CHECK(below.jobs[i].request == above.jobs[i].request);
}

TEST_CASE("a default parameter of the other mode waits for a job of that mode") {
  auto const read = reading::manifest(R"(manifest: 1
defaults:
  prompt: x
  images: [ "https://a.example/b.png" ]
  parameters: { max_images: 3, prompt_extend: false }
jobs:
  - id: edit
  - { id: inter, parameters: { enable_interleave: true } }
)");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.parameters.count("max_images") == 0);
  CHECK(read.jobs[0].request.parameters.at("prompt_extend") == Value{false});
  CHECK(read.jobs[1].request.parameters.count("prompt_extend") == 0);
  CHECK(read.jobs[1].pictures == 3);
}

TEST_CASE("a verbatim request takes no defaults") {
  auto const read = reading::manifest(R"(manifest: 1
defaults: { prompt: x, parameters: { n: 4 } }
jobs:
  - id: a
    request: { model: wan2.6-t2i, input: { messages: [ { role: user, content: [ { text: y } ] } ] } }
)");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.prompt.empty());
  CHECK(read.jobs[0].pictures == 1);
}

TEST_CASE("a wrong default is complained of once, with the first job that uses it") {
  auto const read = reading::manifest(R"(manifest: 1
defaults: { model: wan2.6-t2i, prompt: x, parameters: { n: 7 } }
jobs: [ { id: a }, { id: b }, { id: c, parameters: { n: 1 } } ]
)");
  CHECK(read.complaints() ==
        "m.yaml:2:60: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 7 (a default, used by the "
        "job "
        "at 3:9)\n");
}

TEST_CASE("what can be no default is named") {
  auto const read = reading::manifest(R"(manifest: 1
defaults:
  id: a
  request: {}
  rows: a.csv
  promt: x
  model: wan2.6-t3i
  parameters: { sise: 1K }
jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]
)");
  CHECK(read.complaints() ==
        "m.yaml:3:3: error: 'id' belongs to a job and can be no default\n"
        "m.yaml:4:3: error: 'request' belongs to a job and can be no default\n"
        "m.yaml:5:3: error: 'rows' belongs to a job and can be no default\n"
        "m.yaml:6:3: error: 'defaults' has no key 'promt'; did you mean 'prompt'?\n"
        "m.yaml:7:10: error: model 'wan2.6-t3i' is unknown; did you mean 'wan2.6-t2i'?\n"
        "m.yaml:8:17: error: no model has a parameter 'sise'; did you mean 'size'?\n");
}
