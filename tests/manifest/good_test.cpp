#include <filesystem>
#include <map>
#include <utility>

#include "base/files.h"
#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

constexpr auto kStirFry = R"(manifest: 1
name: Stir Fry
jobs:
  - id: Tomato & Egg
    prompt: >
      Generate a tomato and egg stir-fry
      based on the style of image 1
    images:
      - https://img.example.com/umbrella.png
      - data:image/png;base64,iVBORw0KGgo=
    parameters: { n: 2, seed: 7 }
)";

}  // namespace

TEST_CASE("a plain job comes out with every parameter of its mode") {
  auto const read = reading::manifest(kStirFry);
  CHECK(read.complaints() == "");
  CHECK(read.head.name == "stir-fry");
  CHECK(read.head.jobs == 1);
  REQUIRE(read.jobs.size() == 1);
  auto const& job = read.jobs[0];
  CHECK(job.id == "tomato-egg");
  CHECK(job.line == 4);
  CHECK(job.column == 5);
  CHECK(job.pictures == 2);
  CHECK(job.request.model == "wan2.6-image");
  CHECK(job.request.prompt == "Generate a tomato and egg stir-fry based on the style of image 1");
  CHECK(job.request.images == std::vector<std::string>{"https://img.example.com/umbrella.png",
                                                       "data:image/png;base64,iVBORw0KGgo="});
  CHECK(job.request.parameters == std::map<std::string, Value>{{"enable_interleave", false},
                                                               {"n", std::int64_t{2}},
                                                               {"prompt_extend", true},
                                                               {"seed", std::int64_t{7}},
                                                               {"size", std::string{"1K"}},
                                                               {"watermark", false}});
  CHECK(job.request.verbatim.empty());
}

TEST_CASE("the samples are all understood, without a warning, and buy no more than fifty pictures") {
  int pictures = 0, files = 0;
  std::filesystem::path const folder{WANSPOOL_SOURCE_DIR "/jobs"};
  for (auto const& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".yaml") continue;
    auto const text = read_file(entry.path());
    ManifestSource source{text, entry.path().filename(), {}, files_below(folder)};
    source.glob = globs_below(folder);
    auto const head =
        read_manifest(source, reading::models(), [&](ManifestJob const& job) { pictures += job.pictures; });
    for (auto const& each : head.complaints) CHECK(each.str() == "");
    for (auto const& each : head.warnings) CHECK(each.str() == "");
    CHECK(head.bad_rows.empty());
    ++files;
  }
  CHECK(files >= 11);
  CHECK(pictures <= 50);
}

TEST_CASE("a manifest says what is done with a doubt and whether to refill, above its jobs or below") {
  auto const plain = reading::manifest(kStirFry);
  CHECK(plain.head.terms.on_doubt == OnDoubt::Adopt);
  CHECK_FALSE(plain.head.terms.refill);
  for (auto const& [word, on_doubt] : {std::pair{"adopt", OnDoubt::Adopt}, std::pair{"hold", OnDoubt::Hold},
                                       std::pair{"resubmit", OnDoubt::Resubmit}}) {
    auto const read = reading::manifest(std::string{kStirFry} + "on_uncertain: " + word + "\n");
    CHECK(read.complaints() == "");
    CHECK(read.head.terms.on_doubt == on_doubt);
  }
  auto const refilled = reading::manifest(std::string{"refill: true\n"} + kStirFry);
  CHECK(refilled.complaints() == "");
  CHECK(refilled.head.terms.refill);
  CHECK_FALSE(reading::manifest(std::string{kStirFry} + "refill: false\n").head.terms.refill);
}

TEST_CASE("a job of words alone is wan2.6-t2i with its own size") {
  auto const read = reading::job("    model: wan2.6-t2i\n    prompt: A flower shop\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.images.empty());
  CHECK(read.jobs[0].request.parameters == std::map<std::string, Value>{{"n", std::int64_t{1}},
                                                                        {"prompt_extend", true},
                                                                        {"size", std::string{"1280*1280"}},
                                                                        {"watermark", false}});
}

TEST_CASE("an interleave job says n 1 and no prompt_extend, and counts max_images") {
  auto const read =
      reading::job("    prompt: Coffee\n    parameters: { enable_interleave: true, max_images: 3 }\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].pictures == 3);
  CHECK(read.jobs[0].request.parameters == std::map<std::string, Value>{{"enable_interleave", true},
                                                                        {"max_images", std::int64_t{3}},
                                                                        {"n", std::int64_t{1}},
                                                                        {"size", std::string{"1280*1280"}},
                                                                        {"watermark", false}});
}

TEST_CASE("a manifest without a name is named after its file") {
  auto const text = "manifest: 1\njobs: [{ id: a, model: wan2.6-t2i, prompt: x }]\n";
  CHECK(reading::manifest(text, "in/Spring Sale.yaml").head.name == "spring-sale");
}

TEST_CASE("texts lose the blanks around them and end their lines with LF") {
  auto const read =
      reading::job("    model: wan2.6-t2i\r\n    prompt: |\r\n\r\n      one  \r\n      two\r\n\r\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.prompt == "one  \ntwo");
}

TEST_CASE("two dollars and a brace stand for one dollar and a brace") {
  auto const read = reading::job("    model: wan2.6-t2i\n    prompt: costs $${5} $5 $$ {x}\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.prompt == "costs ${5} $5 $$ {x}");
}

TEST_CASE("an id that is a number without quotes is spelled as it is written") {
  auto const read = reading::manifest(
      "manifest: 1\njobs:\n- { id: 00471, model: wan2.6-t2i, prompt: 2026 }\n- { id: 0x1F, model: "
      "wan2.6-t2i, prompt: "
      "true }\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].id == "00471");
  CHECK(read.jobs[0].request.prompt == "2026");
  CHECK(read.jobs[1].id == "0x1f");
  CHECK(read.jobs[1].request.prompt == "true");
}

TEST_CASE("an id of which nothing is left becomes its position") {
  auto const read = reading::manifest(
      "manifest: 1\njobs:\n- { id: a, model: wan2.6-t2i, prompt: x }\n- { id: '!?', model: wan2.6-t2i, "
      "prompt: x }\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[1].id == "2");
}

TEST_CASE("pictures by https, as data and in the provider's own store go as they are") {
  auto const read = reading::job(
      "    prompt: x\n    images: [\"https://a.example/b.png?x=1#2\", 'http://a.example/ä.png',\n"
      "      'data:image/webp;base64,QUJD', 'oss://dashscope-instant/x/cat.png']\n");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.images ==
        std::vector<std::string>{"https://a.example/b.png?x=1#2", "http://a.example/ä.png",
                                 "data:image/webp;base64,QUJD", "oss://dashscope-instant/x/cat.png"});
}

TEST_CASE("a manifest may be JSON as Python writes it, with characters in halves") {
  auto const read = reading::manifest(R"({"manifest": 1, "jobs": [
  {"id": "a", "model": "wan2.6-t2i", "prompt": "a \ud83d\ude00 caf\u00e9 \ud83c\udf05", "parameters": {"n": 2}},
  {"id": "b", "model": "wan2.6-t2i", "prompt": "a \\ud83d\\ude00"}]})");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[0].request.prompt == "a 😀 café 🌅");
  CHECK(read.jobs[0].line == 2);
  CHECK(read.jobs[0].column == 3);
  CHECK(read.jobs[1].request.prompt == "a \\ud83d\\ude00");
}

TEST_CASE("a byte order mark is passed over") {
  auto const read =
      reading::manifest("\xEF\xBB\xBFmanifest: 1\njobs: [{ id: a, model: wan2.6-t2i, prompt: x }]\n");
  CHECK(read.complaints() == "");
  CHECK(read.head.jobs == 1);
}

TEST_CASE("aliases stand for what they name") {
  auto const read = reading::manifest(R"(manifest: 1
jobs:
  - &first { id: a, model: wan2.6-t2i, prompt: &house A house, parameters: &wide { size: 1920*1080 } }
  - { id: b, model: wan2.6-t2i, prompt: *house, parameters: *wide }
)");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[1].request == read.jobs[0].request);
}

TEST_CASE("an anchor given anew stands for the newer text") {
  auto const read = reading::manifest(R"(manifest: 1
jobs:
  - { id: a, model: wan2.6-t2i, prompt: &p one }
  - { id: b, model: wan2.6-t2i, prompt: &p two }
  - { id: c, model: wan2.6-t2i, prompt: *p }
)");
  REQUIRE(read.complaints() == "");
  CHECK(read.jobs[2].request.prompt == "two");
}
