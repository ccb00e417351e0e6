#include "manifest/beside.h"

using namespace wanspool;
using reading::Desk;
using reading::words;

TEST_SUITE_BEGIN("manifest");

namespace {

// The complaints about a prompt that stands in a file.
std::string prompt(std::string const& bytes, std::string const& lines = "") {
  Desk desk;
  desk.put("texts/cup.txt", bytes);
  return desk.read(words("    prompt: { file: texts/cup.txt }\n" + lines)).complaints();
}

}  // namespace

TEST_CASE("what is wrong with a prompt's file is told at its own line and column") {
  CHECK(
      prompt("A cup\non a ${tabel}, ü ${}\n${open\n", "    matrix: { table: [oak] }\n") ==
      "texts/cup.txt:2:6: error: nothing is called 'tabel' here; did you mean 'table'? (used at m.yaml:5:21) "
      "(with table=oak)\n"
      "texts/cup.txt:2:18: error: '${}' names nothing; a literal '${' is written '$${' (used at "
      "m.yaml:5:21) (with table=oak)\n"
      "texts/cup.txt:3:1: error: '${' is opened here and never closed; a literal '${' is written '$${' (used "
      "at m.yaml:5:21) (with table=oak)\n");
}

TEST_CASE("a byte order mark before a prompt's file moves no column") {
  CHECK(prompt("\xEF\xBB\xBF${x}") ==
        "texts/cup.txt:1:1: error: nothing is called 'x' here (used at m.yaml:5:21)\n");
}

TEST_CASE("a fragment that a prompt's file uses is wrong where the fragment stands") {
  CHECK(prompt("A cup, ${house}", "let: { house: \"soft ${lihgt}\", light: day }\n") ==
        "m.yaml:6:21: error: nothing is called 'lihgt' here; did you mean 'light'?\n");
}

TEST_CASE("bytes of a prompt's file that are no text name both places") {
  CHECK(
      prompt("one\ncaf\xE9") ==
      "texts/cup.txt:2:4: error: byte 0xE9 is not UTF-8; as Latin-1 it would be 'é': save the file as UTF-8 "
      "(used at m.yaml:5:21)\n");
  CHECK(
      prompt("a\x07") ==
      "texts/cup.txt:1:2: error: the control character U+0007 cannot stand in a text file; take it out (used "
      "at m.yaml:5:21)\n");
}

TEST_CASE("an empty prompt's file is named") {
  CHECK(prompt(" \n") == "texts/cup.txt:2:1: error: prompt is empty (used at m.yaml:5:21)\n");
}

TEST_CASE("of a prompt's file that is too long the place is named from which on it would be cut") {
  auto const line = std::string(99, 'x') + "\r\n";
  std::string text = "\r\n";
  for (int i = 0; i < 21; ++i) text += line;
  CHECK(prompt(text) == "");
  CHECK(prompt(text + "more") ==
        "texts/cup.txt:23:1: error: prompt has 2104 characters; wan2.6-t2i reads 2100 and cuts the rest in "
        "silence (used at m.yaml:5:21)\n");
}

TEST_CASE("what is filled in is followed back to where it was made of") {
  CHECK(prompt(std::string(2090, 'x') + "${a}\n" + std::string(7, 'y'), "    matrix: { a: [b] }\n") == "");
  CHECK(prompt(std::string(2090, 'x') + "${a}\n" + std::string(9, 'y'), "    matrix: { a: [b] }\n")
            .starts_with("texts/cup.txt:2:9: error: prompt has 2101 characters"));
  CHECK(prompt(std::string(2090, 'x') + "${a}", "    matrix: { a: [0123456789ab] }\n")
            .starts_with("texts/cup.txt:1:2091: error: prompt has 2102 characters"));
}

TEST_CASE("a prompt's file that many use is complained of once") {
  Desk desk;
  desk.put("cup.txt", "${x}");
  auto const read = desk.read(R"(manifest: 1
defaults: { model: wan2.6-t2i, prompt: { file: cup.txt } }
jobs:
  - { id: a, prompt: { file: cup.txt } }
  - { id: b, prompt: { file: cup.txt } }
  - { id: c }
)");
  CHECK(read.complaints() ==
        "cup.txt:1:1: error: nothing is called 'x' here (used at m.yaml:4:30, and in 2 others)\n");
}
