#include "manifest/hints.h"

#include "manifest/beside.h"

using namespace wanspool;
using reading::Desk;
using reading::warnings;
using reading::words;

// What is right and was probably not meant.

TEST_SUITE_BEGIN("manifest");

namespace {

std::string warned(std::string const& lines) {
  auto const read = reading::manifest(words(lines));
  CHECK(read.complaints() == "");
  return warnings(read);
}

std::string bare_names(std::string_view text) {
  std::string out;
  yaml::find_bare_names(text, [&](yaml::BareName const& each) {
    out += std::to_string(each.at) + " " + std::string{each.written} + " " + std::string{each.name} + "\n";
  });
  return out;
}

}  // namespace

TEST_CASE("a name is bare with a dollar or with braces, but not with both") {
  CHECK(bare_names("$dish { dish } ${dish} $${dish} $$dish {{dish}} $5 {} {a{b}") ==
        "0 $dish dish\n6 { dish } dish\n33 $dish dish\n40 {dish} dish\n48 $5 5\n56 {b} b\n");
  CHECK(bare_names("$ {") == "");
  CHECK(bare_names("${dish") == "");
}

TEST_CASE("a name that is written without its placeholder is a warning with the remedy") {
  CHECK(warned("    matrix: { dish: [rice], style: { wc: { words: ink } } }\n"
               "    prompt: \"${dish} or $dish, {style.words}, {house}, $price, ${house}\"\n"
               "let: { house: soft light on $dish }\n") ==
        "m.yaml:6:25: warning: '$dish' is sent as it stands; write ${dish} for what it stands for\n"
        "m.yaml:6:32: warning: '{style.words}' is sent as it stands; write ${style.words} for what it stands "
        "for\n"
        "m.yaml:6:47: warning: '{house}' is sent as it stands; write ${house} for what it stands for\n"
        "m.yaml:7:29: warning: '$dish' is sent as it stands; write ${dish} for what it stands for\n");
}

TEST_CASE("a bare name in a prompt's file is told there, and once for all rows") {
  Desk desk;
  desk.put("p.csv", "sku,name\n1,cup\n2,jug\n").put("cup.txt", "A ${name}\nof {sku}\n");
  auto const read = desk.read(words("    rows: p.csv\n    key: sku\n    prompt: { file: cup.txt }\n"));
  CHECK(read.complaints() == "");
  CHECK(warnings(read) ==
        "cup.txt:2:4: warning: '{sku}' is sent as it stands; write ${sku} for what it stands for (used at "
        "m.yaml:7:21)\n");
}

TEST_CASE("a bare name in an override is found as well") {
  CHECK(
      warned(
          "    matrix: { dish: [rice, soup] }\n    prompt: ${dish}\noverrides: { a/soup: { prompt: a $dish } "
          "}\n") ==
      "m.yaml:7:34: warning: '$dish' is sent as it stands; write ${dish} for what it stands for\n");
}

TEST_CASE("a picture whose ending is written by hand is told what it becomes") {
  CHECK(warned("    prompt: x\n    picture: Best/Cup.PNG\n") ==
        "m.yaml:6:14: warning: the ending is added, so that this becomes 'best/cup.png.png'; leave '.png' "
        "out\n");
  CHECK(warned("    matrix: { photo: [a.jpg, b.jpg] }\n    prompt: ${photo}\n    picture: ${photo}\n"
               "    parameters: { n: 2 }\n") ==
        "m.yaml:7:14: warning: the ending is added, so that this becomes 'a.jpg-1.png'; ${NAME.stem} is the "
        "name "
        "of a file without it\n");
  CHECK(warned("    prompt: x\n    picture: v1.0\n") == "");
}

TEST_CASE("a fragment that no text uses is a warning") {
  CHECK(warned("    prompt: \"${a} $${c}\"\nlet:\n  a: \"x ${b:-}\"\n  b: y\n  c: z\n") ==
        "m.yaml:9:3: warning: no text uses this; write ${c} where it should stand\n");
  Desk desk;
  desk.put("cup.txt", "${ house }");
  auto const read = desk.read(words("    prompt: { file: cup.txt }\nlet: { house: x }\n"));
  CHECK(warnings(read) == "");
}

TEST_CASE("a deadline that is past is a warning for whoever knows the time") {
  auto const read = [](std::optional<Instant> now) {
    auto const text = words("    prompt: x\ndeadline: 2026-01-01T08:00Z\n");
    reading::Result result;
    ManifestSource source{text, "m.yaml"};
    source.now = now;
    result.head = read_manifest(source, reading::models(), [](ManifestJob const&) {});
    return warnings(result);
  };
  auto const new_year = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  CHECK(read(new_year + hours{7}) == "");
  CHECK(read({}) == "");
  CHECK(read(new_year + hours{8}) ==
        "m.yaml:6:11: warning: this deadline is past, so that nothing new is bought; write a later one, or "
        "take it "
        "out\n");
}

TEST_CASE("a size with blanks or another sign between its sides is told how it is written") {
  auto const size = [](std::string const& text) {
    return reading::manifest(words("    prompt: x\n    parameters: { size: " + text + " }\n")).complaints();
  };
  CHECK(size("1280 * 1280") == "m.yaml:6:25: error: size '1280 * 1280' is not W*H; write 1280*1280\n");
  CHECK(size("1280 x 1280") == "m.yaml:6:25: error: size '1280 x 1280' is not W*H; write 1280*1280\n");
  CHECK(size("1280×1280") == "m.yaml:6:25: error: size '1280×1280' is not W*H; write 1280*1280\n");
  CHECK(size("1*1").starts_with("m.yaml:6:25: error: size '1*1' has 1 pixel; "));
}

TEST_CASE("one row is one row") {
  Desk desk;
  desk.put("p.csv", "sku,n\n1,2\n").put("q.csv", "sku,n\n1,9\n");
  auto const with = [&](std::string const& file) {
    return desk.read(words("    rows: { file: " + file +
                           ", bad: skip }\n    key: sku\n    prompt: x\n    parameters: { n: '${n}' }\n"));
  };
  CHECK(with("p.csv").head.found.at(0).ends_with("named by sku; 1 row"));
  CHECK(with("q.csv").complaints().starts_with("m.yaml:5:11: error: 1 of 1 row is wrong, and "));
}
