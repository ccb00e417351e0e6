#include "manifest/beside.h"

using namespace wanspool;
using reading::Desk;
using reading::words;

// Complaints about what is too large, too deep or too many, each to the letter.

TEST_SUITE_BEGIN("manifest");

namespace {

std::string repeated(std::string const& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("lists without end are refused at the five hundredth level") {
  auto const text = "manifest: 1\nname: " + repeated("[", 600) + repeated("]", 600) + "\n";
  CHECK(reading::manifest(text).complaints() ==
        "m.yaml:2:1207: error: lists and maps are nested more than 500 levels deep\n");
}

TEST_CASE("a text that fragments make too long is told at the placeholder that does it") {
  auto text = words("    prompt: \"x ${l5}\"\nlet:\n  l0: \"" + std::string(40, 'x') + "\"\n");
  for (int i = 1; i <= 5; ++i)
    text += "  l" + std::to_string(i) + ": \"" + repeated("${l" + std::to_string(i - 1) + "}", 10) + "\"\n";
  CHECK(reading::manifest(text).complaints() ==
        "m.yaml:12:18: error: filled in, this text is longer than 1 MiB\n");
}

TEST_CASE("a prompt's file of more than a mebibyte is not read") {
  Desk desk;
  desk.put("big.txt", std::string((1 << 20) + 1, 'x'));
  CHECK(desk.read(words("    prompt: { file: big.txt }\n")).complaints() ==
        "m.yaml:5:21: error: cannot read the prompt 'big.txt': it is larger than 1 MiB\n");
}

TEST_CASE("a row that may be left out makes ten thousand jobs at most") {
  auto const axis = "[" + repeated("0", 0) + [] {
    std::string values;
    for (int i = 0; i < 101; ++i) values += std::to_string(i) + ", ";
    return values;
  }() + "]";
  Desk desk;
  desk.put("p.csv", "sku\n1\n");
  CHECK(desk.read(words("    rows: { file: p.csv, bad: skip }\n    key: sku\n    matrix: { a: " + axis +
                        ", b: " + axis + " }\n    prompt: ${a} ${b}\n"))
            .complaints() ==
        "m.yaml:4:5: error: a row that may be left out (bad: skip) makes at most 10000 jobs\n");
}

TEST_CASE("a header of more columns than any spreadsheet has is refused") {
  Desk desk;
  desk.put("p.csv", repeated("a,", 16384) + "a\n1\n");
  CHECK(desk.read(words("    rows: p.csv\n    prompt: x\n")).complaints() ==
        "p.csv:1:1: error: the header has more than 16384 columns\n");
}

TEST_CASE("a text of a request that is too long is counted") {
  CHECK(reading::job("    request: { model: wan2.6-t2i, input: { messages: [ { content: [ { text: " +
                     std::string(2101, 'x') + " } ] } ] } }\n")
            .complaints() ==
        "m.yaml:4:77: error: text has 2101 characters; wan2.6-t2i reads 2100 and cuts the rest in silence\n");
}

TEST_CASE("a file whose name holds nothing is asked for a name") {
  CHECK(reading::manifest("manifest: 1\njobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n", "!.yaml")
            .complaints() ==
        "!.yaml: error: no name can be made of this file's name; write one: 'name: …'\n");
}

TEST_CASE("a table without the usual model wants each job to name one") {
  auto table = reading::models();
  table.erase("wan2.6-image");
  auto const head = read_manifest({"manifest: 1\njobs: [ { id: a, prompt: x } ]\n", "m.yaml"}, table,
                                  [](ManifestJob const&) {});
  REQUIRE(head.complaints.size() == 1);
  CHECK(head.complaints[0].str() == "m.yaml:2:9: error: this job names no 'model'");
}

TEST_CASE("a table of models whose parts are of the wrong kind is refused with their places") {
  auto const complaint = [](std::string const& text) -> std::string {
    try {
      read_models(text, "t.yaml");
    } catch (std::runtime_error const& error) {
      return error.what();
    }
    return {};
  };
  CHECK(complaint("models: [ m ]") == "t.yaml:1:9: error: models is a map by name, not a list");
  auto const whole = [](std::string const& modes) {
    return "models: { m: { path: /x, body: input, prompt_characters: 9, modes: " + modes +
           ", limits: { creates: 1, window: 1s, slots: 1, creates_in_flight: 1 }, prices: { currency: CNY, "
           "date: '', "
           "per_picture: { loopback: 1 } } } }";
  };
  CHECK(complaint(whole("x")) == "t.yaml:1:68: error: modes is a list of at least one, not 'x'");
  CHECK(
      complaint(whole("[ { name: [], images: 3, count: n, parameters: { n: { kind: integer, range: "
                      "[1, 4], default: 1 }, s: { kind: size, pixels: [1, 2], ratio: 1, names: x } } } ]")) ==
      "t.yaml:1:78: error: name wants a text, not a list\n"
      "t.yaml:1:90: error: images wants two numbers, [lowest, highest]\n"
      "t.yaml:1:216: error: names is a list");
}
