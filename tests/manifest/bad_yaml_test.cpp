#include <string>

#include "manifest/events.h"
#include "manifest/reading.h"

using namespace wanspool;

// What YAML says badly or not at all.

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string_view text) {
  return reading::manifest(text).complaints();
}

std::string const kHead = "manifest: 1\njobs:\n";
std::string const kJob = "  - { id: a, model: wan2.6-t2i, prompt: x }\n";

}  // namespace

TEST_CASE("an empty file is told how a manifest begins") {
  CHECK(complaints("") == "m.yaml: error: the file is empty; a manifest begins with 'manifest: 1'\n");
  CHECK(complaints("# nothing yet\n\n") == complaints(""));
}

TEST_CASE("a document that is not a map is told so") {
  auto const words = ": error: a file like this is a map of keys, such as 'manifest: 1'\n";
  CHECK(complaints("just words\n") == std::string{"m.yaml:1:1"} + words);
  CHECK(complaints("\n- a\n- b\n") == std::string{"m.yaml:2:1"} + words);
  CHECK(complaints("[]") == std::string{"m.yaml:1:1"} + words);
}

TEST_CASE("a key that stands twice is complained of where it stands again") {
  CHECK(complaints("manifest: 1\nname: a\njobs:\n" + kJob + "name: b\n") ==
        "m.yaml:5:1: error: the key 'name' stands here a second time; first at 2:1\n");
  CHECK(complaints(kHead + "  - id: a\n    model: wan2.6-t2i\n    prompt: x\n    id: b\n") ==
        "m.yaml:6:5: error: the key 'id' stands here a second time; first at 3:5\n");
  CHECK(complaints(kHead + kJob + "jobs:\n" + kJob) ==
        "m.yaml:4:1: error: the key 'jobs' stands here a second time; first at 2:1\n");
  CHECK(complaints(kHead + "  - { id: a, model: wan2.6-t2i, prompt: x, parameters: { n: 1, \"n\": 2 } }\n") ==
        "m.yaml:3:64: error: the key 'n' stands here a second time; first at 3:58\n");
}

TEST_CASE("a text that YAML cuts at a blank and a hash is not taken") {
  CHECK(complaints(kHead + "  - id: a\n    model: wan2.6-t2i\n    prompt: Track #1 of the album\n") ==
        "m.yaml:5:19: error: YAML cuts prompt here, before ' #'; put the text into quotes, or the comment on "
        "a line "
        "of its own\n");
  CHECK(complaints(kHead + "  - id: a\n    model: wan2.6-t2i\n    prompt: Two\n      lines  # said\n")
            .starts_with("m.yaml:6:14: error: YAML cuts prompt here"));
  CHECK(complaints(kHead + "  - id: cat #1\n    model: wan2.6-t2i\n    prompt: x\n") ==
        "m.yaml:3:9: error: YAML cuts id before ' #1'; put it into quotes\n");
}

TEST_CASE("a comment that cuts nothing is one") {
  CHECK(complaints("manifest: 1 # the format\n" + std::string{"jobs: # all\n  - id: a # it's the first\n"} +
                   "    model: wan2.6-t2i # words alone\n    prompt: \"Track #1\" # quoted\n    # n: 2\n"
                   "    parameters: { size: 1280*1280 } #wide\n")
            .empty());
  CHECK(complaints(kHead + "  - id: a\n    model: wan2.6-t2i\n    prompt: Track#1\n").empty());
}

TEST_CASE("bytes that are not UTF-8 are named with their line and what they may be") {
  CHECK(complaints("manifest: 1\nname: caf\xE9\n") ==
        "m.yaml:2:10: error: byte 0xE9 is not UTF-8; as Latin-1 it would be 'é': save the file as UTF-8\n");
  CHECK(complaints("manifest: 1\nname: \xC4\xE3\xBA\xC3\n") ==
        "m.yaml:2:7: error: byte 0xC4 is not UTF-8; save the file as UTF-8\n");
  CHECK(complaints(std::string_view{"\xFF\xFEm\0a\0", 6}) ==
        "m.yaml:1:1: error: this file is UTF-16; save it as UTF-8\n");
  CHECK(complaints("name: \xED\xA0\x80\n") ==
        "m.yaml:1:7: error: byte 0xED is not UTF-8; save the file as UTF-8\n");
}

TEST_CASE("a control character is not passed on to a parser that stops at it") {
  CHECK(complaints("manifest: 1\nname: a\x04z\n") ==
        "m.yaml:2:8: error: the control character U+0004 cannot stand in a text file; take it out\n");
}

TEST_CASE("a second document is refused") {
  CHECK(complaints(kHead + kJob + "---\n" + kHead + kJob) ==
        "m.yaml:4:1: error: a second document begins here; one file is one document: take out the '---'\n");
  CHECK(complaints("---\n" + kHead + kJob + "...\n").empty());
  CHECK(complaints("{\"manifest\": 1, \"jobs\": [{\"id\": \"a\", \"model\": \"wan2.6-t2i\", \"prompt\": "
                   "\"x\"}]}\n{\"a\": 1}") ==
        "m.yaml:2:1: error: something stands after the '}' that ends the document; take it out\n");
}

TEST_CASE("a merge key is refused with what to write instead") {
  CHECK(complaints(kHead + "  - &a { id: a, model: wan2.6-t2i, prompt: x }\n  - { <<: *a, id: b, model: "
                           "wan2.6-t2i, prompt: y }\n") ==
        "m.yaml:4:7: error: '<<' is not understood; write the keys out, or put them under 'defaults'\n");
}

TEST_CASE("a full-width colon is found wherever it makes YAML fail") {
  auto const words = ": error: this '：' is a full-width one; write ': '\n";
  CHECK(complaints("manifest：1\nname: x\n") == std::string{"m.yaml:1:9"} + words);
  CHECK(complaints(kHead + "  - id: a\n    model: wan2.6-t2i\n    prompt：一只猫\n    parameters: {}\n") ==
        std::string{"m.yaml:5:11"} + words);
  CHECK(complaints("manifest: 1\ndefaults:\n  model：wan2.6-t2i\njobs:\n" + kJob) ==
        std::string{"m.yaml:3:8"} + words);
  CHECK(complaints(kHead + "  - id: a\n    model: wan2.6-t2i\n    prompt: \"风格：水彩\"\n").empty());
}

TEST_CASE("a quote that nothing closes is found where it opens") {
  CHECK(complaints(kHead + kJob + "name: \"open\n") ==
        "m.yaml:4:7: error: a quote is opened here and never closed\n");
  CHECK(complaints(kHead + kJob + "name: 'it''s") ==
        "m.yaml:4:7: error: a quote is opened here and never closed\n");
  CHECK(complaints(kHead + "  - { id: a, model: wan2.6-t2i, prompt: \"say \\\" }\n") ==
        "m.yaml:3:41: error: a quote is opened here and never closed\n");
}

TEST_CASE("tabs, brackets, colons and escapes that YAML refuses are explained") {
  CHECK(complaints(kHead + "\t- id: a\n") ==
        "m.yaml:3:2: error: a '-' stands where no list can be; check the indentation, or use quotes; this "
        "line is "
        "indented with a tab, use spaces\n");
  CHECK(complaints(kHead + "  - id: a\n    prompt: style: ink\n") ==
        "m.yaml:4:18: error: a ':' stands where no key can be; put a text that holds ': ' into quotes\n");
  CHECK(complaints(kHead + "  - id: a\n    images: [${photo}]\n") ==
        "m.yaml:4:15: error: a '[' is not closed, or something in it wants quotes; a '${…}' must stand in "
        "quotes\n");
  CHECK(complaints(kHead + "  - id: @a\n") ==
        "m.yaml:3:9: error: a text cannot begin with this character; put it into quotes\n");
  CHECK(complaints(kHead + "  - id: \"a\\qb\"\n").find("this '\\' begins no escape that YAML knows") !=
        std::string::npos);
  CHECK(complaints(kHead + "  - id: \"a\\ud83d\"\n").find("half of a character") != std::string::npos);
}

TEST_CASE("columns count characters, also after characters that JSON wrote in halves") {
  CHECK(complaints(R"({"manifest": 1, "jobs": [{"id": "\ud83d\ude00 \ud83d\ude00 é", "prmpt": "x"}]})")
            .starts_with("m.yaml:1:26: error: wan2.6-image"));
  CHECK(complaints(R"({"manifest": 1, "jobs": [{"id": "\ud83d\ude00 \ud83d\ude00 é", "prmpt": "x"}]})")
            .ends_with("m.yaml:1:64: error: a job has no key 'prmpt'; did you mean 'prompt'?\n"));
  CHECK(complaints(kHead + "  - { id: 你好, model: wan2.6-t2i, prompt: 画, nn: 1 }\n") ==
        "m.yaml:3:45: error: a job has no key 'nn'\n");
}

TEST_CASE("a mistake inside an alias names both places") {
  CHECK(complaints(kHead +
                   "  - { id: a, model: wan2.6-t2i, prompt: x, parameters: &p { n: 1 } }\n"
                   "  - { id: b, model: wan2.6-image, prompt: x, images: [ \"https://a.example/b\" ], "
                   "parameters: &q { n: 9 } }\n"
                   "  - { id: c, model: wan2.6-image, images: [ \"https://a.example/b\" ], prompt: *p }\n") ==
        "m.yaml:3:56: error: prompt is a text, or { file: PATH } for one that stands in a file of its own "
        "(used by the alias at 5:78)\n"
        "m.yaml:4:101: error: n of wan2.6-image in edit mode wants a whole number from 1 to 4, not 9\n");
}

TEST_CASE("aliases that would unfold without bounds end the reading") {
  std::string text =
      kHead + "  - id: a\n    request:\n      l0: &l0 [ lol, lol, lol, lol, lol, lol, lol, lol, lol, lol ]\n";
  for (int i = 1; i < 12; ++i) {
    text += "      l" + std::to_string(i) + ": &l" + std::to_string(i) + " [ ";
    for (int k = 0; k < 10; ++k) text += "*l" + std::to_string(i - 1) + (k == 9 ? " ]\n" : ", ");
  }
  CHECK(complaints(text) == "m.yaml:11:11: error: with its aliases written out this is larger than 64 MiB\n");
}

TEST_CASE("a large text that very many aliases share is bounded as well") {
  std::string text = "a: &p \"" + std::string(1u << 20, 'x') + "\"\n";
  for (int i = 0; i < 1100; ++i) text += "b" + std::to_string(i) + ": *p\n";
  yaml::Text const source{text};
  yaml::Complaints collected{source, "m.yaml"};
  CHECK(yaml::read_document(source, collected, {}) == yaml::Outcome::Broken);
  CHECK(collected.take().at(0).text == "with its aliases written out this is larger than 1 GiB");
}

TEST_CASE("aliases in a chain may not nest deeper than lists written out") {
  std::string text = kHead + "  - id: a\n    request:\n      l0: &l0 [ x ]\n";
  for (int i = 1; i < 600; ++i)
    text +=
        "      l" + std::to_string(i) + ": &l" + std::to_string(i) + " [ *l" + std::to_string(i - 1) + " ]\n";
  CHECK(complaints(text).find("nested more than 500 levels deep") != std::string::npos);
}

TEST_CASE("an alias cannot stand for what holds it") {
  auto const words = "an alias cannot stand for something that holds it, nor for the list of all jobs";
  CHECK(complaints(kHead + "  - &a { id: a, prompt: *a }\n").find(words) != std::string::npos);
  CHECK(complaints("manifest: 1\njobs: &j\n" + kJob + "name: *j\n").find(words) != std::string::npos);
  CHECK(complaints(kHead + "  - { id: *nobody }\n") ==
        "m.yaml:3:11: error: no anchor of this name stands before this alias\n");
}

TEST_CASE("a tag is refused") {
  CHECK(complaints(kHead + "  - { id: !!binary a, model: wan2.6-t2i, prompt: x }\n") ==
        "m.yaml:3:11: error: the tag 'tag:yaml.org,2002:binary' is not understood; take it out\n");
  CHECK(complaints(kHead + "  - { id: !!str 5, model: wan2.6-t2i, prompt: x }\n").empty());
}
