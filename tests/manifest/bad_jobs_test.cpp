#include <string>

#include "manifest/reading.h"

using namespace wanspool;

// What is good YAML and no good manifest.

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string_view text) {
  return reading::manifest(text).complaints();
}

std::string const kEdit = "    prompt: x\n    images: [ \"https://a.example/b.png\" ]\n";
std::string const kWords = "    prompt: x\n    model: wan2.6-t2i\n";
std::string const kInterleave = "    prompt: x\n";

// The complaints about parameters on line 6.
std::string edit(std::string const& parameters) {
  return reading::job(kEdit + "    parameters: { " + parameters + " }\n").complaints();
}
std::string words(std::string const& parameters) {
  return reading::job(kWords + "    parameters: { " + parameters + " }\n").complaints();
}
std::string interleave(std::string const& parameters) {
  return reading::job(kInterleave + "    parameters: { enable_interleave: true, " + parameters + " }\n")
      .complaints();
}

}  // namespace

TEST_CASE("what is missing from a manifest is named, all in one go") {
  CHECK(complaints("name: n\n") ==
        "m.yaml: error: this manifest has no 'jobs'\n"
        "m.yaml:1:1: error: a manifest begins with 'manifest: 1'\n");
  CHECK(complaints("manifest: 1\njobs:\n") ==
        "m.yaml:2:1: error: jobs is empty; a manifest wants at least one job\n");
  CHECK(complaints("manifest: 1\njobs: []\n") == complaints("manifest: 1\njobs:\n"));
}

TEST_CASE("jobs that are no list are told what they should be") {
  CHECK(complaints("manifest: 1\njobs: { a: {} }\n") ==
        "m.yaml:2:7: error: jobs is a list of jobs, each beginning with '- id:', not a map\n");
}

TEST_CASE("another format is not read as this one") {
  CHECK(complaints("manifest: 2\njobs: []\n")
            .starts_with("m.yaml:1:11: error: this program reads 'manifest: 1', not 2\n"));
  CHECK(complaints("manifest: \"1\"\njobs: []\n")
            .starts_with("m.yaml:1:11: error: this program reads 'manifest: 1', not '1'\n"));
}

TEST_CASE("whether pictures of the web are fetched is one of three words") {
  CHECK(complaints("manifest: 1\nfetch: sometimes\njobs:\n  - id: a\n" + kWords)
            .starts_with("m.yaml:2:8: error: "));
  for (auto const* const word : {"never", "on-failure", "always"})
    CHECK(complaints("manifest: 1\nfetch: " + std::string{word} + "\njobs:\n  - id: a\n" + kWords).empty());
}

TEST_CASE("what is done with a doubt is one of three words, and whether to refill is yes or no") {
  auto const with = [](std::string const& line) {
    return complaints("manifest: 1\n" + line + "\njobs:\n  - id: a\n" + kWords);
  };
  CHECK(with("on_uncertain: resubmitt") ==
        "m.yaml:2:15: error: on_uncertain wants adopt, hold or resubmit, not 'resubmitt'; did you mean "
        "'resubmit'?\n");
  CHECK(with("on_uncertain: true") ==
        "m.yaml:2:15: error: on_uncertain wants adopt, hold or resubmit, not true\n");
  CHECK(with("on_uncertain: [hold]") == "m.yaml:2:15: error: on_uncertain wants a text, not a list\n");
  CHECK(with("on_uncertan: hold") ==
        "m.yaml:2:1: error: a manifest has no key 'on_uncertan'; did you mean 'on_uncertain'?\n");
  CHECK(with("refill: 2") == "m.yaml:2:9: error: refill wants true or false, not 2\n");
  CHECK(with("refill: \"true\"") ==
        "m.yaml:2:9: error: refill wants true or false, not the text 'true'; drop the quotes\n");
  CHECK(with("refil: true") == "m.yaml:2:1: error: a manifest has no key 'refil'; did you mean 'refill'?\n");
  CHECK(reading::job(kWords + "    refill: true\n").complaints() ==
        "m.yaml:6:5: error: a job has no key 'refill'\n");
}

TEST_CASE("an unknown key is asked whether it was meant as a known one") {
  CHECK(complaints("manifest: 1\nbudgets: 3\njobs:\n  - id: a\n" + kWords +
                   "    imgaes: []\n    colour: red\n") ==
        "m.yaml:2:1: error: a manifest has no key 'budgets'; did you mean 'budget'?\n"
        "m.yaml:7:5: error: a job has no key 'imgaes'; did you mean 'images'?\n"
        "m.yaml:8:5: error: a job has no key 'colour'\n");
}

TEST_CASE("a job wants an id and a prompt") {
  CHECK(complaints("manifest: 1\njobs:\n  - model: wan2.6-t2i\n  - {}\n  - just words\n  -\n") ==
        "m.yaml:3:5: error: this job has no 'id'\n"
        "m.yaml:3:5: error: this job has no 'prompt'\n"
        "m.yaml:4:5: error: this job is empty; it wants an id and a prompt\n"
        "m.yaml:5:5: error: a job is a map of keys (id, …), not 'just words'\n"
        "m.yaml:5:5: error: a job is a map of keys (id, …), not nothing\n");
  CHECK(reading::job("    model: wan2.6-t2i\n    prompt: \"  \"\n").complaints() ==
        "m.yaml:5:13: error: prompt is empty\n");
}

TEST_CASE("two ids that are one after normalisation name both places") {
  CHECK(complaints("manifest: 1\njobs:\n  - id: Big Cat\n" + kWords + "  - id: b\n" + kWords +
                   "  - id: big-cat\n" + kWords) ==
        "m.yaml:9:5: error: two jobs have the same id after normalisation; the other is at 3:5\n");
}

TEST_CASE("a name that the output folders need themselves is refused") {
  CHECK(complaints("manifest: 1\njobs:\n  - id: Result.json\n" + kWords) ==
        "m.yaml:3:9: error: id 'result.json' is a name that the output folders use themselves\n");
  CHECK(complaints("manifest: 1\nname: image-7\njobs:\n  - id: a\n" + kWords) ==
        "m.yaml:2:7: error: name 'image-7' is a name that the output folders use themselves\n");
  CHECK(complaints("manifest: 1\nname: \"!\"\njobs:\n  - id: a\n" + kWords) ==
        "m.yaml:2:7: error: name '!' holds neither letters nor digits\n");
}

TEST_CASE("pictures that cannot be brought along are refused") {
  auto const images = [](std::string const& list) {
    return reading::job("    prompt: x\n    images: [ " + list + " ]\n").complaints();
  };
  CHECK(images("refs/a.png") ==
        "m.yaml:5:15: error: cannot take the picture 'refs/a.png': files beside the manifest cannot be read "
        "here\n");
  CHECK(images("'refs\\a.png'") == "m.yaml:5:15: error: a path is written with '/', not with '\\'\n");
  CHECK(
      images("\"file:///a.png\"") ==
      "m.yaml:5:15: error: an address that begins with 'file://' cannot be fetched; use an http(s) address, "
      "or the path of a file\n");
  CHECK(images("\"${photo}\"") == "m.yaml:5:16: error: nothing is called 'photo' here\n");
}

TEST_CASE("an address that no service can fetch is refused") {
  auto const image = [](std::string const& text) {
    return reading::job("    prompt: x\n    images: [ \"" + text + "\" ]\n").complaints();
  };
  CHECK(image("https:///a.png") == "m.yaml:5:15: error: this address names no host\n");
  CHECK(image("https://a.example/a b.png") ==
        "m.yaml:5:15: error: an address holds no blanks; write them as %20\n");
  CHECK(image("data:image/png,abc") ==
        "m.yaml:5:15: error: a picture as data is written data:image/png;base64,…\n");
  CHECK(image("data:text/plain;base64,QUJD") == image("data:image/png,abc"));
  CHECK(image("data:image/png;base64,") ==
        "m.yaml:5:15: error: a picture as data is written data:image/png;base64,…, and here nothing follows "
        "the "
        "comma\n");
  CHECK(image("data:image/png;base64,Q_JD") ==
        "m.yaml:5:15: error: this data: URI holds a character that is not base64\n");
  CHECK(image("data:image/png;base64," + std::string(10'485'760, 'A')) ==
        "m.yaml:5:15: error: this data: URI has 10485782 bytes, the service takes 10485760; use an http(s) "
        "address\n");
  CHECK(image("") == "m.yaml:5:15: error: a picture is empty\n");
}

TEST_CASE("images that are no list, or too many for the mode") {
  CHECK(reading::job("    prompt: x\n    images: \"https://a.example/b\"\n").complaints() ==
        "m.yaml:5:13: error: images is a list, not 'https://a.example/b'; write [ … ] or lines that begin "
        "with '- '\n");
  std::string const one = "\"https://a.example/b\", ";
  CHECK(reading::job("    prompt: x\n    images: [ " + one + one + one + one + one + " ]\n").complaints() ==
        "m.yaml:5:13: error: wan2.6-image in edit mode takes 1 to 4 pictures, here are 5\n");
  CHECK(reading::job("    prompt: x\n    images: [ " + one + one +
                     " ]\n    parameters: { enable_interleave: true }\n")
            .complaints() ==
        "m.yaml:5:13: error: wan2.6-image in interleave mode takes 0 to 1 pictures, here are 2\n");
  CHECK(reading::job(kWords + "    images: [ " + one + " ]\n").complaints() ==
        "m.yaml:6:13: error: wan2.6-t2i draws from words alone and takes no pictures\n");
}

TEST_CASE("a wan2.6-image job without pictures is told its two ways out") {
  CHECK(reading::job("    prompt: x\n").complaints() ==
        "m.yaml:3:5: error: wan2.6-image in edit mode needs a picture in 'images'; set "
        "parameters.enable_interleave: "
        "true, or use model wan2.6-t2i for a picture from words alone\n");
}

TEST_CASE("a prompt over the model's limit is counted in characters") {
  auto const prompt = [](std::string const& character, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += character;
    return reading::job("    model: wan2.6-t2i\n    prompt: \"" + text + "\"\n").complaints();
  };
  CHECK(prompt("画", 2100) == "");
  CHECK(
      prompt("画", 2101) ==
      "m.yaml:5:13: error: prompt has 2101 characters; wan2.6-t2i reads 2100 and cuts the rest in silence\n");
  CHECK(prompt("😀", 2100) == "");
}

TEST_CASE("a prompt that is no text, or stands in a file") {
  CHECK(reading::job("    model: wan2.6-t2i\n    prompt: [ a ]\n").complaints() ==
        "m.yaml:5:13: error: prompt wants a text, not a list\n");
  CHECK(
      reading::job("    model: wan2.6-t2i\n    prompt: { file: a.txt }\n").complaints() ==
      "m.yaml:5:21: error: cannot read the prompt 'a.txt': files beside the manifest cannot be read here\n");
}

TEST_CASE("a placeholder in a text is found where it stands") {
  CHECK(reading::job("    model: wan2.6-t2i\n    prompt: |\n      costs $${5}\n      a ${dish}\n")
            .complaints() == "m.yaml:7:9: error: nothing is called 'dish' here\n");
}

TEST_CASE("numbers and flags are neither texts nor out of range") {
  CHECK(edit("n: \"2\"") ==
        "m.yaml:6:22: error: n of wan2.6-image in edit mode wants a whole number from 1 to 4, not the text "
        "'2'; drop the "
        "quotes\n");
  CHECK(edit("n: 5").ends_with("n of wan2.6-image in edit mode wants a whole number from 1 to 4, not 5\n"));
  CHECK(edit("n: 0").ends_with("not 0\n"));
  CHECK(edit("n: 2.0").ends_with("not '2.0'\n"));
  CHECK(edit("n: [ 1 ]").ends_with("not a list\n"));
  CHECK(edit("seed: 2147483647") == "");
  CHECK(edit("seed: 2147483648").ends_with("wants a whole number from 0 to 2147483647, not 2147483648\n"));
  CHECK(edit("watermark: yes") == "m.yaml:6:30: error: watermark wants true or false, not 'yes'\n");
  CHECK(edit("watermark: \"true\"") ==
        "m.yaml:6:30: error: watermark wants true or false, not the text 'true'; drop the quotes\n");
  CHECK(edit("enable_interleave: 1") == "m.yaml:6:38: error: enable_interleave wants true or false, not 1\n");
  CHECK(edit("n: 0x2, seed: +7, watermark: True") == "");
}

TEST_CASE("a size is W*H within the mode's bounds, or one of its names") {
  for (auto const* const good : {"1K", "2K", "768*768", "2048*2048", "384*1536"})
    CHECK(edit(std::string{"size: "} + good) == "");
  CHECK(edit("size: 1024x1024") == "m.yaml:6:25: error: size '1024x1024' is not W*H; write 1024*1024\n");
  CHECK(edit("size: 1k") == "m.yaml:6:25: error: size '1k' is not W*H; write 1K\n");
  auto const range = " 1K, 2K, or W*H of 589824 to 4194304 pixels and a shape from 1:4 to 4:1\n";
  CHECK(edit("size: 767*768") ==
        std::string{"m.yaml:6:25: error: size '767*768' has 589056 pixels; wan2.6-image in edit mode takes"} +
            range);
  CHECK(edit("size: 2049*2048").find("has 4196352 pixels") != std::string::npos);
  CHECK(edit("size: 4000*900").find("is too long for its width") != std::string::npos);
  CHECK(edit("size: 01024*1024").find("is not W*H") != std::string::npos);
  CHECK(edit("size: 999999999999*2").find("is not W*H") != std::string::npos);
  CHECK(words("size: 1280*1280") == "");
  CHECK(words("size: 1440*1440") == "");
  CHECK(words("size: 1K").find("wan2.6-t2i takes W*H of 1638400 to 2073600 pixels") != std::string::npos);
  CHECK(interleave("size: 1280*1280") == "");
  CHECK(interleave("size: 1440*1440").find("takes W*H of 589824 to 1638400 pixels") != std::string::npos);
}

TEST_CASE("a parameter of the other mode or model says where it belongs") {
  CHECK(edit("max_images: 2") ==
        "m.yaml:6:19: error: max_images has no effect in edit mode, it belongs to interleave mode "
        "(enable_interleave: "
        "true); take it out\n");
  CHECK(interleave("prompt_extend: true") ==
        "m.yaml:5:44: error: prompt_extend has no effect in interleave mode, it belongs to edit mode "
        "(enable_interleave: false); take it out\n");
  CHECK(words("max_images: 2") ==
        "m.yaml:6:19: error: wan2.6-t2i has no parameter 'max_images', it belongs to wan2.6-image; take it "
        "out\n");
  CHECK(words("sed: 2") == "m.yaml:6:19: error: wan2.6-t2i has no parameter 'sed'; did you mean 'seed'?\n");
}

TEST_CASE("interleave takes one answer of one to five pictures") {
  CHECK(interleave("n: 1, max_images: 5") == "");
  CHECK(interleave("n: 2") == "m.yaml:5:47: error: n of wan2.6-image in interleave mode wants 1, not 2\n");
  CHECK(interleave("max_images: 6").ends_with("wants a whole number from 1 to 5, not 6\n"));
}

TEST_CASE("a negative prompt of more than 500 characters is not cut in silence") {
  CHECK(edit("negative_prompt: \"" + std::string(500, 'x') + "\"") == "");
  CHECK(edit("negative_prompt: \"" + std::string(501, 'x') + "\"") ==
        "m.yaml:6:36: error: negative_prompt has 501 characters; wan2.6-image in edit mode reads 500 and "
        "cuts the rest "
        "in silence\n");
}

TEST_CASE("an unknown model is asked whether it was meant as a known one") {
  CHECK(reading::job("    prompt: x\n    model: wan2.6-imge\n").complaints() ==
        "m.yaml:5:12: error: model 'wan2.6-imge' is unknown; did you mean 'wan2.6-image'?\n");
  CHECK(reading::job("    prompt: x\n    model: dall-e\n").complaints() ==
        "m.yaml:5:12: error: model 'dall-e' is unknown; known are qwen-image, qwen-image-plus, "
        "wan2.2-t2i-flash, "
        "wan2.2-t2i-plus, wan2.5-i2i-preview, wan2.5-t2i-preview, wan2.6-image, wan2.6-t2i, wan2.7-image, "
        "wan2.7-image-pro, wanx2.1-t2i-plus, wanx2.1-t2i-turbo\n");
}

TEST_CASE("a hundred complaints are enough, and the last line says that there are more") {
  std::string text = "manifest: 1\njobs:\n";
  for (int i = 0; i < 150; ++i) text += "  - id: a" + std::to_string(i) + "\n    prompt: x\n";
  auto const read = reading::manifest(text);
  REQUIRE(read.head.complaints.size() == 101);
  CHECK(read.head.complaints[99].line == 201);
  CHECK(read.head.complaints[100].str() == "m.yaml: error: there are more mistakes than these 100");
}

TEST_CASE("complaints stand in the order of the file, whatever was checked first") {
  auto const read =
      reading::manifest("jobs:\n  - id: a\n    prompt: x\ndefaults:\n  promt: y\nmanifest: 2\n");
  REQUIRE(read.head.complaints.size() == 3);
  CHECK(read.head.complaints[0].line == 2);
  CHECK(read.head.complaints[1].line == 5);
  CHECK(read.head.complaints[2].line == 6);
}
