#include "manifest/beside.h"

using namespace wanspool;

// Jobs that are made from other jobs' pictures (manifest.md, Values).

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string_view text) {
  return reading::manifest(text).complaints();
}

// A manifest whose jobs these are, each on a line of its own from line 3 on.
std::string of(std::string const& jobs) {
  return "manifest: 1\njobs:\n" + jobs;
}

std::string const kFirst = "  - { id: first, prompt: x, model: wan2.6-t2i, parameters: { n: 2 } }\n";

}  // namespace

TEST_CASE("another job's picture is named by the job's whole name and its number") {
  auto const read = reading::manifest(
      of(kFirst +
         "  - { id: b, prompt: y, images: [ \"job:First#2\", \"job:first\" ] }\n"
         "  - { id: m, prompt: z, model: wan2.6-t2i, matrix: { style: [ Ink Wash, oil ] } }\n"
         "  - { id: c, prompt: y, images: [ \"job:m/${style}\" ], matrix: { style: [ Ink Wash, oil ] } }\n"));
  REQUIRE(read.complaints().empty());
  REQUIRE(read.jobs.size() == 6);
  CHECK(read.jobs[1].request.images == std::vector<std::string>{"job:first#2", "job:first#1"});
  CHECK(read.jobs[4].request.images == std::vector<std::string>{"job:m/ink-wash#1"});
  CHECK(read.head.sources.size() == 3);
}

TEST_CASE("a job that is not there cannot be a source") {
  CHECK(
      complaints(of(kFirst + "  - { id: b, prompt: y, images: [ \"job:frist\" ] }\n")) ==
      "m.yaml:4:5: error: there is no job 'frist' in this manifest to be made from; its whole name is meant, "
      "with rows, axes and takes as 'plan --diff' shows them\n");
}

TEST_CASE("a source brings no more pictures than it asks for") {
  CHECK(complaints(of(kFirst + "  - { id: b, prompt: y, images: [ \"job:first#3\" ] }\n")) ==
        "m.yaml:4:5: error: 'first' brings 2 pictures, so that there is no picture 3 of it\n");
}

TEST_CASE("a number of a picture is a number from 1") {
  for (auto const* const number : {"0", "-1", "x", "", "256", "1.5"}) {
    CAPTURE(number);
    CHECK(complaints(of(kFirst + "  - { id: b, prompt: y, images: [ \"job:first#" + number + "\" ] }\n")) ==
          "m.yaml:4:35: error: '#" + std::string{number} +
              "' is no number of a picture; pictures count from 1\n");
  }
  CHECK(
      complaints(of(kFirst + "  - { id: b, prompt: y, images: [ \"job:\" ] }\n")) ==
      "m.yaml:4:35: error: another job's picture is written job:NAME#K, with the job's whole name below the "
      "manifest\n");
}

TEST_CASE("a circle is told with the jobs in it") {
  CHECK(complaints(of("  - { id: a, prompt: x, images: [ \"job:a\" ] }\n")) ==
        "m.yaml:3:5: error: these jobs are made from one another in a circle, so that none could be the "
        "first: a "
        "<- a\n");
  auto const three =
      complaints(of("  - { id: a, prompt: x, images: [ \"job:b\" ] }\n"
                    "  - { id: b, prompt: x, images: [ \"job:c\" ] }\n"
                    "  - { id: c, prompt: x, images: [ \"job:d\", \"job:a\" ] }\n"
                    "  - { id: d, prompt: x, model: wan2.6-t2i }\n"));
  CAPTURE(three);
  bool const is_told = three.find("a <- b <- c <- a") != std::string::npos ||
                       three.find("b <- c <- a <- b") != std::string::npos ||
                       three.find("c <- a <- b <- c") != std::string::npos;
  CHECK(is_told);
}

TEST_CASE("many ways to one source are no circle") {
  CHECK(complaints(of("  - { id: d, prompt: x, images: [ \"job:b\", \"job:c\" ] }\n"
                      "  - { id: b, prompt: x, images: [ \"job:a\" ] }\n"
                      "  - { id: c, prompt: x, images: [ \"job:a\", \"job:b\" ] }\n"
                      "  - { id: a, prompt: x, model: wan2.6-t2i }\n"))
            .empty());
}

TEST_CASE("a request goes as it is, without another job's picture") {
  CHECK(complaints(
            of(kFirst +
               "  - id: b\n    request:\n      model: wan2.6-image\n      input: { messages: [ { role: user, "
               "content: [ { text: x }, { image: \"job:first\" } ] } ] }\n"))
            .find("a 'request' goes as it is, without pictures of other jobs") != std::string::npos);
}
