#include "manifest/beside.h"

using namespace wanspool;
using reading::names;
using reading::prompts;
using reading::warnings;
using reading::words;

TEST_SUITE_BEGIN("manifest");

TEST_CASE("a matrix makes one job of each combination, the last axis fastest") {
  auto const read = reading::manifest(words(R"(    matrix:
      style: { wc: "watercolor on rough paper", ink: "ink wash" }
      dish: [noodles, Dan Dan]
    prompt: "${dish}, ${style}"
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/wc/noodles a/wc/dan-dan a/ink/noodles a/ink/dan-dan");
  CHECK(prompts(read) ==
        "noodles, watercolor on rough paper | Dan Dan, watercolor on rough paper | noodles, ink wash | Dan "
        "Dan, ink "
        "wash");
  CHECK(read.head.jobs == 4);
}

TEST_CASE("exclude leaves out by labels and values, and include adds complete combinations") {
  auto const read = reading::manifest(words(R"(    matrix:
      style: { wc: watercolor, ink: ink wash }
      dish: [noodles, rice]
      exclude: [ { style: ink, dish: rice }, { style: watercolor, dish: noodles } ]
      include: [ { style: ink, dish: soup }, { style: oil on canvas, dish: rice } ]
    prompt: "${dish}, ${style}"
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/wc/rice a/ink/noodles a/ink/soup a/oil-on-canvas/rice");
  CHECK(prompts(read) == "rice, watercolor | noodles, ink wash | soup, ink wash | rice, oil on canvas");
}

TEST_CASE("an exclude that excludes nothing is a warning") {
  auto const read = reading::manifest(words(R"(    matrix:
      dish: [noodles, rice]
      exclude: [ { dish: rise } ]
    prompt: "${dish}"
)"));
  CHECK(read.complaints() == "");
  CHECK(warnings(read) ==
        "m.yaml:7:26: warning: this excludes nothing: 'dish' has no value 'rise'; did you mean 'rice'?\n");
  CHECK(names(read) == "a/noodles a/rice");
}

TEST_CASE("a value keeps its type where a text is nothing but its placeholder") {
  auto const read = reading::manifest(R"(manifest: 1
jobs:
  - id: a
    matrix:
      count: [1, 3]
      photos: { one: [ "https://a.example/1.png" ], two: [ "https://a.example/1.png", "https://a.example/2.png" ] }
    prompt: "take ${count}"
    images: [ "${photos}" ]
    parameters: { n: "${count}" }
)");
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/1/one a/1/two a/3/one a/3/two");
  CHECK(read.jobs[1].request.images.size() == 2);
  CHECK(read.jobs[2].request.parameters.at("n") == Value{std::int64_t{3}});
  CHECK(read.jobs[2].pictures == 3);
}

TEST_CASE("an axis may hold maps, whose fields and labels have names") {
  auto const read = reading::manifest(words(R"yaml(    matrix:
      style:
        wc: { words: watercolor, size: 1280*1280 }
        ink: { words: ink wash, size: 1440*1440 }
    prompt: "${style.words} (${style.label})"
    parameters: { size: "${style.size}" }
)yaml"));
  CHECK(read.complaints() == "");
  CHECK(prompts(read) == "watercolor (wc) | ink wash (ink)");
  CHECK(read.jobs[1].request.parameters.at("size") == Value{std::string{"1440*1440"}});
}

TEST_CASE("the built-in words are the job, the manifest and the take") {
  auto const read = reading::manifest(words(R"(    takes: 2
    prompt: "${manifest} ${job} ${take} costs $${5}"
)"),
                                      "Menu.yaml");
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/t1 a/t2");
  CHECK(prompts(read) == "menu a/t1 1 costs ${5} | menu a/t2 2 costs ${5}");
  CHECK(read.jobs[1].take == 2);
}

TEST_CASE("fragments may stand in fragments and in values, above the jobs or below them") {
  auto const read = reading::manifest(words(R"(    matrix: { style: [ "ink, ${light}" ] }
    prompt: "${style}; ${house}"
let: { light: soft daylight, house: "no text, ${light}" }
)"));
  CHECK(read.complaints() == "");
  CHECK(prompts(read) == "ink, soft daylight; no text, soft daylight");
}

TEST_CASE("a fragment that stands for itself is named, and no bomb goes off") {
  auto const itself = reading::manifest(words("    prompt: \"${x}\"\nlet: { x: \"a ${x}\" }\n"));
  CHECK(itself.complaints() == "m.yaml:6:14: error: 'x' stands for itself, or for too much of the same\n");
  std::string text = words("    prompt: \"${l15}\"\nlet:\n  l0: \"0123456789\"\n");
  for (int i = 1; i <= 15; ++i) {
    auto const below = "${l" + std::to_string(i - 1) + "}";
    text += "  l" + std::to_string(i) + ": \"" + below + below + below + below + "\"\n";
  }
  CHECK(reading::manifest(text).complaints().find("filled in, this ") != std::string::npos);
}

TEST_CASE("defaults, the job and overrides lie over each other key by key") {
  auto const read = reading::manifest(R"(manifest: 1
defaults: { model: wan2.6-t2i, prompt: "plain ${dish}", parameters: { n: 2, size: 1440*1440, seed: 5 } }
jobs:
  - id: menu
    matrix: { dish: [noodles, rice, soup] }
    parameters: { seed: null }
overrides:
  menu/*: { parameters: { n: 3 } }
  Menu/Rice: { prompt: "upright ${dish}", parameters: { n: 1 } }
  menu/soup: { parameters: null }
)");
  CHECK(read.complaints() == "");
  CHECK(prompts(read) == "plain noodles | upright rice | plain soup");
  auto const n = [&](std::size_t job) { return read.jobs[job].request.parameters.at("n"); };
  CHECK(n(0) == Value{std::int64_t{3}});
  CHECK(n(1) == Value{std::int64_t{1}});
  CHECK(n(2) == Value{std::int64_t{1}});
  CHECK(read.jobs[0].request.parameters.at("size") == Value{std::string{"1440*1440"}});
  CHECK(read.jobs[2].request.parameters.at("size") == Value{std::string{"1280*1280"}});
  CHECK_FALSE(read.jobs[0].request.parameters.contains("seed"));
}

TEST_CASE("an override of a job means all of its takes, and one that names no job is a warning") {
  auto const read = reading::manifest(words(R"(    takes: 2
    prompt: x
overrides:
  a: { prompt: y }
  b: { prompt: z }
)"));
  CHECK(read.complaints() == "");
  CHECK(prompts(read) == "y | y");
  CHECK(warnings(read) == "m.yaml:9:3: warning: no job is called 'b', so this changes nothing\n");
}

TEST_CASE("picture gives the pictures a path of their own, part by part a good name") {
  auto const read = reading::manifest(words(R"(    matrix: { dish: [Dan Dan, rice] }
    prompt: "${dish}"
    picture: "Best Of/${dish}"
)"));
  CHECK(read.complaints() == "");
  CHECK(read.jobs[0].place == "best-of/dan-dan");
  CHECK(read.jobs[1].place == "best-of/rice");
  auto const with = [](std::string const& path) {
    return reading::manifest(words("    prompt: x\n    picture: '" + path + "'\n")).complaints();
  };
  CHECK(with("../x") == "m.yaml:6:14: error: picture '../x' has a part '..' that no file can have\n");
  CHECK(with("a//b") == "m.yaml:6:14: error: picture 'a//b' has a part '' that no file can have\n");
  CHECK(with("a/image-1") ==
        "m.yaml:6:14: error: picture 'a/image-1' has a part 'image-1' that no file can have\n");
  CHECK(with("a\\b") == "m.yaml:6:14: error: a path is written with '/', not with '\\'\n");
}

TEST_CASE("two pictures of one path and two jobs of one name are errors that name both") {
  auto const read = reading::manifest(R"(manifest: 1
defaults: { model: wan2.6-t2i, prompt: x }
jobs:
  - { id: a, takes: 2, picture: b }
  - { id: Menu }
  - { id: menu, matrix: { d: [x] } }
)");
  CHECK(read.complaints() ==
        "m.yaml:4:5: error: two jobs have one path for their 'picture'; put what differs into it, such as "
        "${job} or "
        "${take}; the other is at 4:5\n"
        "m.yaml:6:5: error: two jobs have the same id after normalisation; the other is at 5:5\n");
}

TEST_CASE("equal requests are a warning that names takes") {
  auto const read = reading::manifest(R"(manifest: 1
defaults: { model: wan2.6-t2i, prompt: x }
jobs: [ { id: a }, { id: b, parameters: { n: 1 } } ]
)");
  CHECK(read.complaints() == "");
  CHECK(warnings(read) ==
        "m.yaml:3:20: warning: two jobs ask for exactly the same and share one picture; 'takes: 2' buys two "
        "of it; "
        "the other is at 3:9\n");
}

TEST_CASE("what is wrong with a value says which one it is, and how many more there are") {
  auto const read = reading::manifest(words(R"(    matrix: { count: [1, 9, 10], dish: [x, y] }
    prompt: "${dish}"
    parameters: { n: "${count}" }
)"));
  CHECK(
      read.complaints() ==
      "m.yaml:7:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 9 (with count=9 at 5:26, "
      "dish=x, "
      "and in 1 "
      "other)\n"
      "m.yaml:7:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 10 (with count=10 at 5:29, "
      "dish=x, and in "
      "1 other)\n");
}

TEST_CASE("a wrong placeholder is named where it stands") {
  auto const prompt = [](std::string const& text) {
    return reading::manifest(words("    matrix: { style: { wc: [1], e: \"\" } }\n    prompt: " + text + "\n"))
        .complaints();
  };
  CHECK(prompt("\"a ${stile}\"")
            .starts_with("m.yaml:6:16: error: nothing is called 'stile' here; did you mean "
                         "'style'?"));
  CHECK(prompt("\"a ${style}\"")
            .starts_with("m.yaml:6:16: error: 'style' is a list and cannot stand inside of a text; name one "
                         "of its fields: "
                         "${style.FIELD} (with style=wc at 5:28)"));
  CHECK(prompt("\"a ${style\"") ==
        "m.yaml:6:16: error: '${' is opened here and never closed; a literal '${' is written '$${' (with "
        "style=wc, "
        "and in 1 other)\n");
  CHECK(prompt("[ ${style} ]").find("a '${…}' must stand in quotes") != std::string::npos);
}

TEST_CASE("an empty value is an error but for a default") {
  auto const read = reading::manifest(words(R"(    matrix: { colour: [red, ""] }
    prompt: "a ${colour:-natural} cup"
    parameters: { seed: "${colour:-7}" }
)"));
  CHECK(read.jobs.size() == 1);
  CHECK(read.complaints() ==
        "m.yaml:7:25: error: seed of wan2.6-t2i wants a whole number from 0 to 2147483647, not 'red' (with "
        "colour=red at 5:24)\n");
  CHECK(prompts(read) == "a natural cup");
  CHECK(reading::manifest(words("    matrix: { colour: [red, \"\"] }\n    prompt: \"a ${colour} cup\"\n"))
            .complaints() ==
        "m.yaml:6:16: error: 'colour' is empty; write ${colour:-…} for what stands there then (with "
        "colour= at 5:29)\n");
}

TEST_CASE("a name that would mean two things is refused") {
  auto const read = reading::manifest(words(R"(    matrix: { job: [x], house: [y] }
    prompt: x
let: { house: z }
)"));
  CHECK(read.complaints() ==
        "m.yaml:4:5: error: 'job' is an axis of the matrix and also a word that is built in; rename one of "
        "them\n"
        "m.yaml:4:5: error: 'house' is an axis of the matrix and also a fragment of 'let'; rename one of "
        "them\n");
}

TEST_CASE("names are kept in every script") {
  auto const read = reading::manifest(words(R"(    matrix: { 菜: [ "番茄 炒蛋", "Crème brûlée", "…" ] }
    prompt: "一盘${菜}"
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/番茄-炒蛋 a/crème-brûlée a/3");
  CHECK(prompts(read) == "一盘番茄 炒蛋 | 一盘Crème brûlée | 一盘…");
}

TEST_CASE("terms are read and checked") {
  auto const read = reading::manifest(
      "manifest: 1\npriority: high\ndeadline: 2026-12-01T08:00+01:00\nbudget: { pictures: 200, cost: 40 CNY "
      "}\n"
      "max_failures: 2%\njobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n");
  CHECK(read.complaints() == "");
  auto const& terms = read.head.terms;
  CHECK(terms.priority == Priority::High);
  CHECK(rfc3339(terms.deadline) == "2026-12-01T07:00:00.000Z");
  CHECK(terms.budget == Budget{200, Money{40'000'000}});
  CHECK(terms.max_failures == Share{2, true});
  auto const wrong = [](std::string const& line) {
    return reading::manifest("manifest: 1\n" + line + "\njobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n")
        .complaints();
  };
  CHECK(reading::manifest("manifest: 1\ndeadline: 10h\njobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n")
            .head.deadline_after == hours{10});
  CHECK(wrong("deadline: tomorrow") ==
        "m.yaml:2:11: error: deadline wants a length such as 10h or 3d, or a date and time with its zone "
        "such as "
        "2026-12-01T08:00+01:00, not 'tomorrow'\n");
  CHECK(wrong("deadline: 2026-12-01 08:00").find("with its zone") != std::string::npos);
  CHECK(wrong("priority: hig") ==
        "m.yaml:2:11: error: priority wants low, normal or high, not 'hig'; did you mean 'high'?\n");
  CHECK(wrong("budget: { cost: 40 }") ==
        "m.yaml:2:17: error: cost wants an amount with its currency such as '40 CNY', not '40'\n");
  CHECK(wrong("budget: { cost: 40 EUR }") == "m.yaml:2:17: error: cost is in EUR, and prices are in CNY\n");
  CHECK(wrong("budget: { picture: 4 }") ==
        "m.yaml:2:11: error: a budget has no key 'picture'; did you mean 'pictures'?\n");
  CHECK(wrong("max_failures: 200%") ==
        "m.yaml:2:15: error: max_failures wants a whole number of jobs or a share such as 2%, not '200%'\n");
}

TEST_CASE(
    "two pictures of one path are found with the numbers that they will have, and beside the jobs' folders") {
  auto const read = reading::manifest(R"(manifest: 1
defaults: { model: wan2.6-t2i }
jobs:
  - { id: a, prompt: x, parameters: { n: 2 }, picture: vase }
  - { id: b, prompt: y, picture: vase-1 }
  - { id: hero.png, prompt: z }
  - { id: d, prompt: w, picture: hero }
)");
  CHECK(read.complaints() ==
        "m.yaml:5:5: error: two jobs have one path for their 'picture'; put what differs into it, such as "
        "${job} or "
        "${take}; the other is at 4:5\n"
        "m.yaml:7:5: error: this 'picture' is called like the folder of a job; the job is at 6:5\n");
}

TEST_CASE("more jobs than a manifest may have are refused before they are written out") {
  std::string axes;
  for (char axis = 'a'; axis < 'j'; ++axis) axes += std::string{axis} + ": [0,1,2,3,4,5,6,7,8,9], ";
  CHECK(reading::manifest(words("    matrix: { " + axes + "}\n    prompt: x\n")).complaints() ==
        "m.yaml:5:13: error: this matrix has more than 1000000 combinations, and a manifest at most so many "
        "jobs; "
        "split it\n");
}

TEST_CASE("fragments that multiply are refused, also where nothing comes of them") {
  std::string text = words("    prompt: \"x ${l7:-}\"\nlet:\n  l0: ''\n");
  for (int i = 1; i <= 7; ++i) {
    text += "  l" + std::to_string(i) + ": \"";
    for (int k = 0; k < 10; ++k) text += "${l" + std::to_string(i - 1) + ":-}";
    text += "\"\n";
  }
  CHECK(reading::manifest(text).complaints().find("filled in, this stands for too much") !=
        std::string::npos);
}

TEST_CASE("a placeholder inside of a placeholder is refused") {
  CHECK(reading::manifest(words("    prompt: \"x ${a:-${b}}\"\nlet: { a: x, b: y }\n")).complaints() ==
        "m.yaml:5:16: error: a placeholder cannot stand inside of another one; put what is inside into "
        "'let'\n");
}

TEST_CASE("a fragment and a value that YAML cuts at a '#' are named") {
  CHECK(reading::manifest(words("    prompt: \"${h}\"\nlet:\n  h: soft #1 light\n")).complaints() ==
        "m.yaml:7:6: error: YAML cuts a fragment before ' #1 light'; put it into quotes\n");
  CHECK(reading::manifest(
            words("    prompt: \"${c}\"\n    matrix:\n      c:\n        - red #1\n        - blue # cold\n"))
            .complaints() == "m.yaml:8:11: error: YAML cuts a value before ' #1'; put it into quotes\n");
}

TEST_CASE("control characters that escapes bring are refused") {
  CHECK(reading::manifest(words("    prompt: \"a\\ab\"\n")).complaints() ==
        "m.yaml:5:13: error: prompt holds the control character U+0007; take it out\n");
  CHECK(reading::manifest(words("    prompt: x\n    picture: \"a\\0b\"\n")).complaints() ==
        "m.yaml:6:14: error: picture holds the control character U+0000; take it out\n");
}

TEST_CASE("what jobs are read with cannot slip in below them unseen") {
  auto const read = reading::manifest(words("    prompt: x\n? let\n: { h: x }\n"));
  CHECK(read.complaints() == "m.yaml:6:3: error: write 'let:' above the jobs, or on one line with its ':'\n");
}

TEST_CASE("many equal requests are one warning") {
  auto const read = reading::manifest(words("    matrix: { a: [1, 2, 3, 4, 5] }\n    prompt: x\n"));
  CHECK(warnings(read) ==
        "m.yaml:4:5: warning: two jobs ask for exactly the same (3 more like this) and share one picture; "
        "'takes: 2' "
        "buys two of it; the other is at 4:5\n");
}
