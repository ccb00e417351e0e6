#include <string>

#include "manifest/reading.h"

// The rows of the siblings as manifests meet them: what is sent, and what is refused in which words.

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

using Parameters = std::map<std::string, Value>;

constexpr char kOne[] = "    images: [ \"https://img.example.com/a.png\" ]\n";
constexpr char kTwo[] =
    "    images: [ \"https://img.example.com/a.png\", \"https://img.example.com/b.png\" ]\n";

reading::Result job(std::string const& model, std::string const& parameters = {},
                    std::string const& images = {}) {
  return reading::job("    model: " + model + "\n    prompt: a kite\n" + images +
                      (parameters.empty() ? "" : "    parameters: { " + parameters + " }\n"));
}

Parameters parameters(std::string const& model, std::string const& given = {},
                      std::string const& images = {}) {
  auto const read = job(model, given, images);
  CHECK(read.complaints() == "");
  REQUIRE(read.jobs.size() == 1);
  return read.jobs[0].request.parameters;
}

std::string complaints(std::string const& model, std::string const& given, std::string const& images = {}) {
  return job(model, given, images).complaints();
}

std::int64_t const kOnePicture = 1;

}  // namespace

TEST_CASE("nothing that costs is left to the defaults of the older text models") {
  Parameters const older{
      {"n", kOnePicture}, {"size", "1024*1024"}, {"prompt_extend", true}, {"watermark", false}};
  for (auto const* const model :
       {"wan2.2-t2i-flash", "wan2.2-t2i-plus", "wanx2.1-t2i-turbo", "wanx2.1-t2i-plus"})
    CHECK(parameters(model) == older);
  CHECK(parameters("wan2.5-t2i-preview") ==
        Parameters{{"n", kOnePicture}, {"size", "1280*1280"}, {"prompt_extend", true}, {"watermark", false}});
  for (auto const* const model : {"qwen-image", "qwen-image-plus"})
    CHECK(
        parameters(model) ==
        Parameters{{"n", kOnePicture}, {"size", "1664*928"}, {"prompt_extend", true}, {"watermark", false}});
}

TEST_CASE("an edit by wan2.5 keeps the shape of its last picture unless a size is given") {
  CHECK(parameters("wan2.5-i2i-preview", "", kTwo) ==
        Parameters{{"n", kOnePicture}, {"prompt_extend", true}, {"watermark", false}});
}

TEST_CASE("wan2.7 asks for one picture in 2K, and for nothing that it is not known to understand") {
  Parameters const usual{{"enable_sequential", false},
                         {"n", kOnePicture},
                         {"size", "2K"},
                         {"thinking_mode", true},
                         {"watermark", false}};
  for (auto const* const model : {"wan2.7-image", "wan2.7-image-pro"}) {
    CHECK(parameters(model) == usual);
    CHECK(parameters(model, "", kTwo) == usual);
    CHECK(
        complaints(model, "prompt_extend: true")
            .find("has no parameter 'prompt_extend', it belongs to wan2.6-image and 9 others; take it out") !=
        std::string::npos);
  }
}

TEST_CASE("a sequence is of one picture unless more are asked for, whatever the service's own default is") {
  for (auto const* const model : {"wan2.7-image", "wan2.7-image-pro"}) {
    auto const read = job(model, "enable_sequential: true");
    CHECK(read.complaints() == "");
    CHECK(read.jobs.at(0).request.parameters == Parameters{{"enable_sequential", true},
                                                           {"n", kOnePicture},
                                                           {"size", "2K"},
                                                           {"thinking_mode", true},
                                                           {"watermark", false}});
    CHECK(read.jobs.at(0).pictures == 1);
    CHECK(job(model, "enable_sequential: true, n: 12").jobs.at(0).pictures == 12);
    CHECK(complaints(model, "enable_sequential: true, n: 13") ==
          "m.yaml:6:47: error: n of " + std::string{model} +
              " in sequence mode wants a whole number from 1 to 12, not 13\n");
  }
  CHECK(complaints("wan2.7-image", "n: 5") ==
        "m.yaml:6:22: error: n of wan2.7-image in single mode wants a whole number from 1 to 4, not 5\n");
}

TEST_CASE("4K is drawn by wan2.7-image-pro from words alone") {
  CHECK(parameters("wan2.7-image-pro", "size: 4K").at("size") == Value{"4K"});
  CHECK(parameters("wan2.7-image-pro", "size: 4096*4096").at("size") == Value{"4096*4096"});
  CHECK(complaints("wan2.7-image-pro", "size: 4K", kOne) ==
        "m.yaml:7:25: error: size '4K' is not W*H; wan2.7-image-pro in edit mode takes 1K, 2K, or W*H of "
        "589824 "
        "to 4194304 pixels and a shape from 1:8 to 8:1\n");
  CHECK(complaints("wan2.7-image", "size: 4K").find("wan2.7-image in single mode takes 1K, 2K, or W*H") !=
        std::string::npos);
  CHECK(complaints("wan2.7-image-pro", "size: 4096*4104").find("has 16809984 pixels") != std::string::npos);
}

TEST_CASE("what belongs to another mode is told with what chooses that mode") {
  CHECK(complaints("wan2.7-image-pro", "bbox_list: [[]]") ==
        "m.yaml:6:19: error: bbox_list has no effect in words mode, it belongs to edit mode (with 1 to 9 "
        "pictures); take it out\n");
  CHECK(complaints("wan2.7-image", "enable_sequential: true, color_palette: []") ==
        "m.yaml:6:44: error: color_palette has no effect in sequence mode, it belongs to single mode "
        "(enable_sequential: false); take it out\n");
}

TEST_CASE("the older models bound each side of a picture, and qwen-image has five sizes") {
  CHECK(complaints("wan2.2-t2i-flash", "size: 512*1440") == "");
  CHECK(complaints("wan2.2-t2i-flash", "size: 511*1440") ==
        "m.yaml:6:25: error: size '511*1440' has a side of 511; wan2.2-t2i-flash takes W*H with sides from "
        "512 to "
        "1440\n");
  CHECK(complaints("wanx2.1-t2i-plus", "size: 512*1441").find("has a side of 1441") != std::string::npos);
  CHECK(complaints("qwen-image", "size: 928*1664") == "");
  CHECK(complaints("qwen-image", "size: 1024*1024") ==
        "m.yaml:6:25: error: size '1024*1024' is none of its sizes; qwen-image takes 1664*928, 1472*1104, "
        "1328*1328, 1104*1472, 928*1664\n");
  CHECK(complaints("qwen-image", "size: 1664x928").find("write 1664*928") != std::string::npos);
  CHECK(complaints("qwen-image-plus", "n: 2") == "m.yaml:6:22: error: n of qwen-image-plus wants 1, not 2\n");
}

TEST_CASE("each sibling takes as many pictures as the contract says") {
  CHECK(complaints("wan2.2-t2i-flash", "", kOne).find("draws from words alone and takes no pictures") !=
        std::string::npos);
  CHECK(complaints("wan2.5-i2i-preview", "") ==
        "m.yaml:3:5: error: wan2.5-i2i-preview needs a picture in 'images'; model wan2.5-t2i-preview draws "
        "from "
        "words alone\n");
  std::string ten = "    images: [ \"https://img.example.com/0.png\"";
  for (int i = 1; i < 9; ++i) ten += ", \"https://img.example.com/" + std::to_string(i) + ".png\"";
  CHECK(complaints("wan2.7-image", "", ten + " ]\n") == "");
  CHECK(complaints("wan2.7-image", "", ten + ", \"https://img.example.com/9.png\" ]\n")
            .find("wan2.7-image in single mode takes 0 to 9 pictures, here are 10") != std::string::npos);
}

TEST_CASE("boxes are kept for each picture, whatever the spaces between them") {
  auto const given = parameters("wan2.7-image-pro", "bbox_list: [ [ [100, 120,  420, 300] ], [] ]", kTwo);
  CHECK(given.at("bbox_list") == Value{Nested{"[[[100,120,420,300]],[]]"}});
}

TEST_CASE("boxes that make no sense are refused at their place") {
  auto const said = [](std::string const& boxes, std::string const& images = kOne) {
    return complaints("wan2.7-image", "bbox_list: " + boxes, images);
  };
  CHECK(said("7") ==
        "m.yaml:7:30: error: bbox_list is a list with one list of boxes for each picture, such as [[[10, 20, "
        "300, "
        "400]]], not 7\n");
  CHECK(said("[7]").find("m.yaml:7:31: error: bbox_list is a list for each picture, of boxes such as") == 0);
  CHECK(said("[[[1, 2, 3]]]") ==
        "m.yaml:7:32: error: a box of bbox_list is four whole numbers, [x1, y1, x2, y2]\n");
  CHECK(said("[[[1, 2, 1, 4]]]").find("x1 is less than x2, and y1 less than y2") != std::string::npos);
  CHECK(said("[[[1, 2, 3, x]]]").find("a box of bbox_list wants a whole number from 0 to") !=
        std::string::npos);
  CHECK(said("[[[1,2,3,4],[1,2,3,4],[1,2,3,4]]]").find("takes 0 to 2 boxes for each picture, here are 3") !=
        std::string::npos);
  CHECK(
      said("[[]]", kTwo) ==
      "m.yaml:7:30: error: bbox_list has a list for each picture, [] for one without boxes: here are 1 for 2 "
      "pictures\n");
}

TEST_CASE("colours are spelled in one way, so that equal requests are one purchase") {
  auto const given = parameters(
      "wan2.7-image",
      "color_palette: [ { ratio: 50%, hex: \"#c2d1e6\" }, { hex: \"#25408F\", ratio: 30.5% }, { hex: "
      "\"#F2A33A\", ratio: 19.50% } ]");
  CHECK(given.at("color_palette") ==
        Value{Nested{R"([{"hex":"#C2D1E6","ratio":"50.00%"},{"hex":"#25408F","ratio":"30.50%"},)"
                     R"({"hex":"#F2A33A","ratio":"19.50%"}])"}});
}

TEST_CASE("colours that make no sense are refused at their place") {
  auto const said = [](std::string const& first,
                       std::string const& rest =
                           ", { hex: \"#000000\", ratio: 25% }, { hex: \"#ffffff\", "
                           "ratio: 25% }") {
    return complaints("wan2.7-image", "color_palette: [ " + first + rest + " ]");
  };
  CHECK(said("{ hex: \"#123456\", ratio: 50% }") == "");
  CHECK(said("{ hex: \"#123456\", ratio: 49.99% }") ==
        "m.yaml:6:34: error: the ratios of color_palette are 100% together, here they are 99.99%\n");
  CHECK(said("{ hex: \"#123456\", ratio: 100% }", "") ==
        "m.yaml:6:34: error: color_palette of wan2.7-image in single mode is a list of 3 to 10 colours such "
        "as { "
        "hex: \"#C2D1E6\", ratio: 23.51% }, not of 1\n");
  CHECK(said("{ hex: red, ratio: 50% }").find("hex is a colour such as \"#C2D1E6\", not 'red'") !=
        std::string::npos);
  CHECK(
      said("{ hex: \"#123456\", ratio: 0.5 }").find("ratio is a colour's share such as 23.51%, not '0.5'") !=
      std::string::npos);
  CHECK(
      said("{ hex: \"#123456\", ration: 50% }").find("a colour has no key 'ration'; did you mean 'ratio'?") !=
      std::string::npos);
  CHECK(said("{ hex: \"#123456\" }").find("a colour wants hex and ratio, here is no ratio") !=
        std::string::npos);
}

TEST_CASE("a colour without quotes is a comment to YAML, and told to be one") {
  auto const read = reading::job(
      "    model: wan2.7-image\n    prompt: a kite\n    parameters:\n      color_palette:\n"
      "        - hex: #123456\n          ratio: 50%\n        - { hex: \"#000000\", ratio: 25% }\n"
      "        - { hex: \"#ffffff\", ratio: 25% }\n");
  CHECK(read.complaints().find(
            "hex is empty; YAML takes what follows a # for a comment, so write \"#C2D1E6\"") !=
        std::string::npos);
}

TEST_CASE("placeholders stand in boxes and colours, for a number or for all of it") {
  auto const read = reading::manifest(R"(manifest: 1
let: { red: "#aa0000" }
jobs:
  - id: a
    matrix: { x: [10, 20], boxes: { one: { at: [[[1, 2, 3, 4]]] } } }
    model: wan2.7-image
    prompt: a kite
    images: [ "https://img.example.com/a.png" ]
    parameters:
      bbox_list: [[["${x}", 2, 300, 4]]]
      color_palette: [ { hex: "${red}", ratio: "5${x}%" }, { hex: "#000000", ratio: "1%" }, { hex: "#ffffff", ratio: "1%" } ]
  - id: b
    matrix: { boxes: { one: { at: [[[1, 2, 3, 4]]] } } }
    model: wan2.7-image
    prompt: a kite
    images: [ "https://img.example.com/a.png" ]
    parameters: { bbox_list: "${boxes.at}" }
)");
  CAPTURE(read.complaints());
  REQUIRE(read.jobs.size() >= 1);
  CHECK(read.jobs.back().request.parameters.at("bbox_list") == Value{Nested{"[[[1,2,3,4]]]"}});
  CHECK(read.complaints().find("'510%'") != std::string::npos);
}

TEST_CASE("a verbatim request of an older model is checked by its own shape") {
  auto const request = [](std::string const& body) {
    return reading::job("    request: { " + body + " }\n");
  };
  auto const good = request("model: wan2.2-t2i-flash, input: { prompt: a boat, negative_prompt: people }");
  CHECK(good.complaints() == "");
  CHECK(
      good.jobs.at(0).request.verbatim ==
      R"({"input":{"negative_prompt":"people","prompt":"a boat"},"model":"wan2.2-t2i-flash","parameters":{"n":1}})");
  CHECK(request("model: wan2.2-t2i-flash, input: { messages: [] }").complaints() ==
        "m.yaml:4:48: error: request wants input.prompt, a text\n");
  CHECK(request("model: wan2.5-i2i-preview, input: { prompt: x }")
            .complaints()
            .find("wan2.5-i2i-preview needs a picture in 'images'") != std::string::npos);
  CHECK(request("model: wan2.7-image-pro, input: { messages: [ { role: user, content: [ { text: x } ] } ] }, "
                "parameters: { size: 4K, enable_sequential: true }")
            .complaints()
            .find("size '4K' is not W*H; wan2.7-image-pro in sequence mode takes") != std::string::npos);
  CHECK(request("model: wan2.7-image, input: { messages: [ { role: user, content: [ { text: x } ] } ] }, "
                "parameters: { enable_sequential: true }")
            .jobs.at(0)
            .request.verbatim.ends_with(R"("parameters":{"enable_sequential":true,"n":1}})"));
}

TEST_SUITE_END();
