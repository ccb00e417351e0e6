#include "manifest/beside.h"

using namespace wanspool;
using reading::words;

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string const& lines) {
  return reading::manifest(words(lines)).complaints();
}

}  // namespace

TEST_CASE("all wrong placeholders of a text are told in one go") {
  CHECK(complaints("    prompt: \"${one} and ${two}, ${one} ${}\"\n") ==
        "m.yaml:5:14: error: nothing is called 'one' here\n"
        "m.yaml:5:25: error: nothing is called 'two' here\n"
        "m.yaml:5:33: error: nothing is called 'one' here\n"
        "m.yaml:5:40: error: '${}' names nothing; a literal '${' is written '$${'\n");
}

TEST_CASE("all wrong placeholders of a list are told in one go") {
  CHECK(reading::job("    prompt: x\n    images: [ \"${one}\", \"${two}\" ]\n").complaints() ==
        "m.yaml:5:16: error: nothing is called 'one' here\n"
        "m.yaml:5:26: error: nothing is called 'two' here\n");
}

TEST_CASE("a wrong placeholder is found among others that begin alike") {
  CHECK(complaints(
            "    matrix: { colours: [red] }\n    prompt: |\n      $${c} ${colours}\n      ${c} ${ co }\n") ==
        "m.yaml:8:7: error: nothing is called 'c' here (with colours=red)\n"
        "m.yaml:8:12: error: nothing is called 'co' here (with colours=red)\n");
}

TEST_CASE("a placeholder that an escape hides is told where its text begins") {
  CHECK(complaints("    prompt: \"a \\x24{one}\"\n") == "m.yaml:5:13: error: nothing is called 'one' here\n");
}

TEST_CASE("a fragment that stands for itself many times over is told once") {
  CHECK(complaints("    prompt: \"${x}\"\nlet: { x: \"a ${x} ${x} ${x}\" }\n") ==
        "m.yaml:6:14: error: 'x' stands for itself, or for too much of the same\n");
}
