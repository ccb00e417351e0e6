#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

std::string const kInput = "input: { messages: [ { role: user, content: [ { text: A red umbrella } ] } ] }";

// The complaints of one request, written as the lines below `request:`.
reading::Result request(std::string const& body) {
  return reading::job("    request: { " + body + " }\n");
}

}  // namespace

TEST_CASE("a verbatim request is kept as JSON with sorted keys and its model is known") {
  auto const read = reading::manifest(R"(manifest: 1
jobs:
  - id: a
    request:
      parameters: { size: 1K, n: 2, x: { b: [ 1.5, -7, 0x10, "3", ~, true ], a: "true" } }
      model: wan2.6-image
      input:
        messages:
          - role: user
            content: [ { text: " A red umbrella " }, { image: "https://a.example/b.png" } ]
)");
  REQUIRE(read.complaints() == "");
  auto const& job = read.jobs[0];
  CHECK(job.request.model == "wan2.6-image");
  CHECK(job.request.prompt.empty());
  CHECK(job.request.parameters.empty());
  CHECK(job.pictures == 2);
  CHECK(
      job.request.verbatim ==
      R"({"input":{"messages":[{"content":[{"text":" A red umbrella "},{"image":"https://a.example/b.png"}],)"
      R"("role":"user"}]},"model":"wan2.6-image","parameters":{"n":2,"size":"1K",)"
      R"("x":{"a":"true","b":[1.5,-7,16,"3",null,true]}}})");
}

TEST_CASE("a missing n is added to a verbatim request, and nothing else") {
  auto const read = request("model: wan2.6-t2i, " + kInput);
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.verbatim ==
        R"({"input":{"messages":[{"content":[{"text":"A red umbrella"}],"role":"user"}]},)"
        R"("model":"wan2.6-t2i","parameters":{"n":1}})");
}

TEST_CASE("to a verbatim interleave request max_images is added, and no n") {
  auto const read = request("model: wan2.6-image, parameters: { enable_interleave: true }, " + kInput);
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].pictures == 1);
  CHECK(
      read.jobs[0].request.verbatim.ends_with(R"("parameters":{"enable_interleave":true,"max_images":1}})"));
}

TEST_CASE("a verbatim request is held to the ranges of its model") {
  CHECK(request("model: wan2.6-t2i, parameters: { n: \"2\", size: 1K, seed: -1 }, " + kInput).complaints() ==
        "m.yaml:4:52: error: n of wan2.6-t2i wants a whole number from 1 to 4, not the text '2'; drop the "
        "quotes\n"
        "m.yaml:4:63: error: size '1K' is not W*H; wan2.6-t2i takes W*H of 1638400 to 2073600 pixels and a "
        "shape from "
        "1:4 to 4:1\n"
        "m.yaml:4:73: error: seed of wan2.6-t2i wants a whole number from 0 to 2147483647, not -1\n");
}

TEST_CASE("a verbatim request is told what its message lacks") {
  CHECK(request("model: wan2.6-t2i").complaints() ==
        "m.yaml:4:14: error: request wants input.messages, a list of exactly one message\n");
  CHECK(request("model: wan2.6-t2i, input: { messages: [ { role: user } ] }").complaints() ==
        "m.yaml:4:56: error: a message wants 'content', a list of { text: … } and { image: … }\n");
  CHECK(request("model: wan2.6-image, input: { messages: [ { content: [ { txt: a } ] } ] }").complaints() ==
        "m.yaml:4:69: error: 'content' wants exactly one text, here are 0\n"
        "m.yaml:4:69: error: wan2.6-image in edit mode needs a picture in 'images'; set "
        "parameters.enable_interleave: "
        "true, or use model wan2.6-t2i for a picture from words alone\n"
        "m.yaml:4:71: error: a part of 'content' is either { text: … } or { image: … }\n");
}

TEST_CASE("a verbatim request may hold no local picture and no infinity") {
  CHECK(request("model: wan2.6-image, input: { messages: [ { content: [ { text: a }, { image: a.png } "
                "] } ] }, "
                "parameters: { x: .inf }")
            .complaints() ==
        "m.yaml:4:93: error: a 'request' brings no files along; give the picture's address, or write "
        "'prompt', 'images' and 'parameters' instead\n"
        "m.yaml:4:127: error: JSON has no such number\n");
}

TEST_CASE("nothing else that says what is wanted may stand beside a verbatim request") {
  auto const read =
      reading::job("    prompt: x\n    parameters: {}\n    request: { model: wan2.6-t2i, " + kInput + " }\n");
  CHECK(read.complaints() ==
        "m.yaml:4:5: error: 'prompt' cannot stand beside 'request', which says it all itself\n"
        "m.yaml:5:5: error: 'parameters' cannot stand beside 'request', which says it all itself\n");
}

TEST_CASE("a verbatim request without a known model is refused") {
  CHECK(request(kInput).complaints() == "m.yaml:4:14: error: request names no 'model'\n");
  CHECK(request("model: wan2.7-imge, " + kInput).complaints() ==
        "m.yaml:4:23: error: model 'wan2.7-imge' is unknown; did you mean 'wan2.7-image'?\n");
}
