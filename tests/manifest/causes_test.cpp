#include "manifest/beside.h"

using namespace wanspool;
using reading::Desk;
using reading::words;

// One mistake is one complaint: what follows from it is not told again.

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string_view text) {
  return reading::manifest(text).complaints();
}

}  // namespace

TEST_CASE("a misspelled key is no missing key as well") {
  CHECK(complaints(
            "manifest: 1\ndefalts: { model: wan2.6-t2i, prompt: x }\njobs: [ { id: a }, { id: b } ]\n") ==
        "m.yaml:2:1: error: a manifest has no key 'defalts'; did you mean 'defaults'?\n");
  CHECK(complaints("manfest: 1\nlets: { house: x }\njob:\n  - { id: a, prompt: \"${house}\" }\n") ==
        "m.yaml:1:1: error: a manifest has no key 'manfest'; did you mean 'manifest'?\n"
        "m.yaml:2:1: error: a manifest has no key 'lets'; did you mean 'let'?\n"
        "m.yaml:3:1: error: a manifest has no key 'job'; did you mean 'jobs'?\n");
  CHECK(complaints("manifest: 1\njobs:\n  - { di: a, promt: x, image: [ https://a.example/b.png ] }\n") ==
        "m.yaml:3:7: error: a job has no key 'di'; did you mean 'id'?\n"
        "m.yaml:3:14: error: a job has no key 'promt'; did you mean 'prompt'?\n"
        "m.yaml:3:24: error: a job has no key 'image'; did you mean 'images'?\n");
  CHECK(complaints(words("    prompt: \"${who}\"\n    key: who\n    row: [ { who: x } ]\n")) ==
        "m.yaml:7:5: error: a job has no key 'row'; did you mean 'rows'?\n");
}

TEST_CASE("what a misspelled key holds is read all the same, and its mistakes are told") {
  CHECK(complaints(words("    pormpt: \"${x}\"\n")) ==
        "m.yaml:5:5: error: a job has no key 'pormpt'; did you mean 'prompt'?\n"
        "m.yaml:5:14: error: nothing is called 'x' here\n");
}

TEST_CASE("defaults that are no map leave nobody knowing what jobs lack") {
  CHECK(complaints("manifest: 1\ndefaults: [ model ]\njobs: [ { id: a }, { id: b, prompt: \"${x}\" } ]\n") ==
        "m.yaml:2:11: error: 'defaults' is a map of keys (model, …), not a list\n"
        "m.yaml:3:38: error: nothing is called 'x' here\n");
}

TEST_CASE("a wrong fragment is told once, not wherever it is used") {
  CHECK(complaints(words("    prompt: \"${a} ${b}\"\n    negative: x\nlet: { a: [x], b: y }\n")) ==
        "m.yaml:6:5: error: a job has no key 'negative'\n"
        "m.yaml:7:11: error: a fragment is a text, not a list\n");
  CHECK(complaints(words("    prompt: \"${a} ${b}\"\nlet: [ a, b ]\n")) ==
        "m.yaml:6:6: error: let is a map of names to texts, not a list\n");
}

TEST_CASE("a wrong axis is told once, and the rest of its job is looked at") {
  CHECK(
      complaints(words(
          R"(    matrix: { dish: noodles, style: [], e: { glob: "*.png" }, good: [x], exclude: [ { dish: rice } ] }
    prompt: "${dish}, ${style.label}, ${e.stem}, ${wrong}"
)")) ==
      "m.yaml:5:21: error: the axis 'dish' is a list of values, or a map of labels to values, not 'noodles'\n"
      "m.yaml:5:37: error: the axis 'style' has no values\n"
      "m.yaml:5:52: error: files beside the manifest cannot be read here\n"
      "m.yaml:6:50: error: nothing is called 'wrong' here (with good=x)\n");
}

TEST_CASE("two values of one name make no two jobs of one name as well") {
  CHECK(
      complaints(words("    matrix: { dish: [Rice, rice] }\n    prompt: \"${dish}\"\n")) ==
      "m.yaml:5:28: error: two values of 'dish' give the same name 'rice'; name them: dish: { LABEL: … }\n");
}

TEST_CASE("jobs without an id are not called alike as well") {
  CHECK(complaints("manifest: 1\ndefaults: { model: wan2.6-t2i, prompt: x, takes: 2 }\njobs: [ { matrix: { "
                   "a: [b] } }, "
                   "{ matrix: { a: [b] } } ]\n") ==
        "m.yaml:3:9: error: this job has no 'id'\nm.yaml:3:33: error: this job has no 'id'\n");
}

TEST_CASE("parameters that could not be read do not ask for pictures as well") {
  CHECK(reading::job("    prompt: x\n    parameters: [ 1 ]\n").complaints() ==
        "m.yaml:5:17: error: parameters is a map such as { n: 2 }, not a list\n");
  CHECK(reading::job("    prompt: x\n    parameters: { enable_interlave: true }\n").complaints() ==
        "m.yaml:5:19: error: wan2.6-image in edit mode has no parameter 'enable_interlave'; did you mean "
        "'enable_interleave'?\n");
}

TEST_CASE("jobs above fragments that cannot be read are not told that these are missing") {
  CHECK(complaints("manifest: 1\njobs: [ { id: a, model: wan2.6-t2i, prompt: \"${house}\" } ]\nlet:\n  "
                   "house: a: b\n") ==
        "m.yaml:4:11: error: a ':' stands where no key can be; put a text that holds ': ' into quotes\n");
}

TEST_CASE("where all rows are wrong in the same way it is the job that is wrong") {
  Desk desk;
  desk.put("p.csv", "sku\n1\n2\n3\n");
  CHECK(
      desk.read(words("    rows: { file: p.csv, bad: skip }\n    key: sku\n    prompt: \"${sku} ${dsh}\"\n"))
          .complaints() == "m.yaml:7:21: error: nothing is called 'dsh' here\n");
}
