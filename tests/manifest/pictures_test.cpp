#include <string>

#include "base/sha256.h"
#include "engine/local_pictures.h"
#include "manifest/beside.h"
#include "manifest/pictures.h"
#include "support/pictures.h"

using namespace wanspool;
using namespace wanspool::test;

// Local pictures in manifests: what is sent for them, and what is wrong with them.

TEST_SUITE_BEGIN("manifest");

namespace {

// Files beside a manifest that is read as check reads it.
struct Studio : reading::Desk {
  reading::Result look(std::string_view text) {
    reading::Result result;
    result.head =
        read_manifest({text, "m.yaml", {}, files_below(path()), pictures.looking(), {}, globs_below(path())},
                      models, [&](ManifestJob job) { result.jobs.push_back(std::move(job)); });
    return result;
  }
  // The complaints about one job with these images.
  std::string images(std::string const& list) {
    return look("manifest: 1\njobs:\n  - id: a\n    prompt: x\n    images: [ " + list + " ]\n").complaints();
  }

  LocalPictures pictures;
  Models models = reading::models();
};

std::string const kTwo = "manifest: 1\ndefaults: { prompt: x }\njobs:\n";

}  // namespace

TEST_CASE("a local picture goes by its contents, and where nobody looks by its path") {
  Studio studio;
  auto const bytes = png(300, 300);
  studio.put("refs/a.png", bytes);
  std::string const text = "manifest: 1\njobs: [ { id: a, prompt: x, images: [ refs/a.png ] } ]\n";
  auto const looked = studio.look(text);
  CHECK(looked.complaints() == "");
  REQUIRE(looked.jobs.size() == 1);
  CHECK(looked.jobs[0].request.images == std::vector<std::string>{"file:" + sha256_hex(bytes) + ".png"});
  auto const found = studio.read(text);
  REQUIRE(found.jobs.size() == 1);
  CHECK(found.jobs[0].request.images == std::vector<std::string>{"file:refs/a.png"});
}

TEST_CASE("pictures of every format that can be sent are taken, in the order written") {
  Studio studio;
  studio.put("a", png(300, 300))
      .put("b.x", jpeg(300, 300))
      .put("c.jpg", bmp(300, 240))
      .put("d", webp_lossless(300, 300, true));
  auto const read = studio.look(
      "manifest: 1\njobs: [ { id: a, prompt: x, images: [ a, b.x, ./c.jpg, 'https://a.example/b.png' ] },\n"
      "  { id: b, prompt: x, images: [ d ] } ]\n");
  CHECK(read.complaints() == "");
  REQUIRE(read.jobs.size() == 2);
  auto const& images = read.jobs[0].request.images;
  REQUIRE(images.size() == 4);
  CHECK(images[0].ends_with(".png"));
  CHECK(images[1].ends_with(".jpg"));
  CHECK(images[2].ends_with(".bmp"));
  CHECK(images[3] == "https://a.example/b.png");
  CHECK(read.jobs[1].request.images[0].ends_with(".webp"));
}

TEST_CASE("a picture that is missing or is none is refused with its reason") {
  Studio studio;
  studio.put("a.gif", "GIF89a").put("cut.png", png(300, 300).substr(0, 60)).put("empty.png", "");
  CHECK(studio.images("refs/a.png") ==
        "m.yaml:5:15: error: cannot take the picture 'refs/a.png': there is no such file\n");
  CHECK(studio.images("a.gif") ==
        "m.yaml:5:15: error: cannot take the picture 'a.gif': it is a GIF picture; JPEG, PNG, BMP and WEBP "
        "can be "
        "sent\n");
  CHECK(studio.images("cut.png") ==
        "m.yaml:5:15: error: cannot take the picture 'cut.png': it is a PNG that is cut short after 60 "
        "bytes; copy "
        "it here again\n");
  CHECK(studio.images("empty.png") ==
        "m.yaml:5:15: error: cannot take the picture 'empty.png': it is empty\n");
  CHECK(studio.images(".") ==
        "m.yaml:5:15: error: cannot take the picture '.': it is a folder, not a file\n");
}

TEST_CASE("sides, ratio and size are those that the model's row says") {
  Studio studio;
  auto& limits = studio.models.at("wan2.6-image").inputs;
  limits = {};
  studio.put("small.png", png(239, 8000)).put("large.jpg", jpeg(8001, 300)).put("fits.jpg", jpeg(8000, 240));
  CHECK(studio.images("small.png") ==
        "m.yaml:5:15: error: the picture 'small.png' is 239 x 8000 pixels; wan2.6-image takes sides of 240 "
        "to 8000\n");
  CHECK(studio.images("large.jpg") ==
        "m.yaml:5:15: error: the picture 'large.jpg' is 8001 x 300 pixels; wan2.6-image takes sides of 240 "
        "to 8000\n");
  CHECK(studio.images("fits.jpg") == "");
  limits.ratio = 8;
  CHECK(studio.images("fits.jpg") ==
        "m.yaml:5:15: error: the picture 'fits.jpg' is 8000 x 240 pixels; with wan2.6-image no side may be "
        "more than 8 "
        "times the other\n");
  limits.bytes = 1000;
  studio.put("fat.png", png(300, 300) + std::string(1000, 'x'));
  CHECK(studio.images("fat.png").find("' has 1,") != std::string::npos);
  CHECK(studio.images("fat.png").ends_with(
      "bytes; wan2.6-image takes 1,000 at most: save it smaller, or as JPEG\n"));
}

TEST_CASE("an alpha channel is refused with the line that removes it") {
  Studio studio;
  studio.models.at("wan2.6-image").inputs = {};
  studio.put("refs/a.png", png(300, 300, 6)).put("it's a cup.png", png(300, 300, 4));
  CHECK(studio.images("refs/a.png") ==
        "m.yaml:5:15: error: the picture 'refs/a.png' has an alpha channel, which wan2.6-image does not "
        "take; take the "
        "copy that this makes of it: convert refs/a.png -background white -alpha remove -alpha off "
        "refs/a-flat.png\n");
  CHECK(
      studio.images("\"it's a cup.png\"")
          .ends_with(
              R"(convert 'it'\''s a cup.png' -background white -alpha remove -alpha off 'it'\''s a cup-flat.png')"
              "\n"));
  studio.models.at("wan2.6-image").inputs.alpha = true;
  CHECK(studio.images("refs/a.png") == "");
}

TEST_CASE("words for a shell stand for themselves, whatever is in them") {
  CHECK(yaml::quoted_for_shell("refs/a-1.png") == "refs/a-1.png");
  CHECK(yaml::quoted_for_shell("$(rm x).png") == "'$(rm x).png'");
  CHECK(yaml::quoted_for_shell("`a` \"b\" \\") == "'`a` \"b\" \\'");
  CHECK(yaml::quoted_for_shell("") == "''");
  CHECK(yaml::quoted_for_shell("~") == "'~'");
}

TEST_CASE("a wrong picture is told once, at its first place, with how often it is used") {
  Studio studio;
  studio.put("a.gif", "GIF89a");
  CHECK(studio
            .look(kTwo + "  - { id: a, images: [ a.gif ] }\n  - { id: b, images: [ a.gif ] }\n"
                         "  - { id: c, images: [ a.gif, b.png ] }\n")
            .complaints() ==
        "m.yaml:4:24: error: cannot take the picture 'a.gif': it is a GIF picture; JPEG, PNG, BMP and WEBP "
        "can be sent "
        "(used 2 times more)\n"
        "m.yaml:6:31: error: cannot take the picture 'b.png': there is no such file\n");
  CHECK(studio.look(kTwo + "  - { id: a, images: [ '${p}.png' ], matrix: { p: [x, y], q: [1, 2, 3] } }\n")
            .complaints() ==
        "m.yaml:4:24: error: cannot take the picture 'x.png': there is no such file (with p=x at 4:52, q=1, "
        "and in 2 "
        "others)\n"
        "m.yaml:4:24: error: cannot take the picture 'y.png': there is no such file (with p=y at 4:55, q=1, "
        "and in 2 "
        "others)\n");
}

TEST_CASE("an empty picture is left out, and a row whose picture is wrong is skipped where that is wanted") {
  Studio studio;
  studio.put("a.png", png(300, 300)).put("logo.png", png(300, 300, 0));
  std::string table = "sku,photo\n";
  for (int i = 0; i < 20; ++i)
    table += std::to_string(i) + (i == 7 ? ",nowhere.png\n" : i == 8 ? ",\n" : ",a.png\n");
  studio.put("rows.csv", table);
  auto const read = studio.look(
      "manifest: 1\njobs:\n  - id: a\n    prompt: \"${sku}\"\n    rows: { file: rows.csv, bad: skip }\n    "
      "key: sku\n"
      "    images: [ logo.png, \"${photo}\" ]\n");
  CHECK(read.complaints() == "");
  REQUIRE(read.head.bad_rows.size() == 1);
  CHECK(read.head.bad_rows[0].line == 9);
  CHECK(read.head.bad_rows[0].text == "cannot take the picture 'nowhere.png': there is no such file");
  REQUIRE(read.jobs.size() == 19);
  CHECK(read.jobs[0].request.images.size() == 2);
  CHECK(read.jobs[7].request.images.size() == 1);
}

TEST_CASE("a picture that is not here can be counted and not bought") {
  Studio studio;
  auto const find = [](std::string const&) {
    FoundFile found{{}, "it was not handed over"};
    found.elsewhere = true;
    return found;
  };
  reading::Result result;
  result.head = read_manifest({"manifest: 1\njobs: [ { id: a, prompt: x, images: [ a.png ] } ]\n",
                               "m.yaml",
                               {},
                               find,
                               studio.pictures.looking()},
                              studio.models, [&](ManifestJob job) { result.jobs.push_back(std::move(job)); });
  CHECK(result.complaints() == "");
  REQUIRE(result.jobs.size() == 1);
  CHECK(result.jobs[0].unseen);
}

TEST_CASE("an axis of files has one job for each, in the order of their bytes, named by their stems") {
  Studio studio;
  for (auto const* const name :
       {"refs/b.png", "refs/Cup 2.png", "refs/a.png", "refs/.hidden.png", "refs/deep/d.png", "refs/note.txt"})
    studio.put(name, png(300, 300));
  auto const read = studio.look(
      "manifest: 1\njobs:\n  - id: p\n    matrix: { photo: { glob: \"refs/*.png\" } }\n"
      "    prompt: \"${photo} ${photo.stem} ${photo.name} ${photo.dir}\"\n    images: [ \"${photo}\" ]\n");
  CHECK(read.complaints() == "");
  CHECK(reading::names(read) == "p/cup-2 p/a p/b");
  CHECK(reading::prompts(read) ==
        "refs/Cup 2.png Cup 2 Cup 2.png refs | refs/a.png a a.png refs | refs/b.png b b.png refs");
  CHECK(read.jobs[0].vars == R"({"photo":"refs/Cup 2.png"})");
}

TEST_CASE("a pattern goes across folders, above the manifest and to absolute paths") {
  Studio studio;
  studio.put("in/a.png", "")
      .put("in/x/b.png", "")
      .put("in/x/y/c.png", "")
      .put("in/.z/d.png", "")
      .put("in/x/e.txt", "");
  auto const found = [&](std::string const& pattern) {
    std::string text;
    for (auto const& each : globs_below(studio.path() / "in")(pattern).names)
      text += (text.empty() ? "" : " ") + each;
    return text;
  };
  CHECK(found("**/*.png") == "a.png x/b.png x/y/c.png");
  CHECK(found("**.png") == "a.png x/b.png x/y/c.png");
  CHECK(found("*/*") == "x/b.png x/e.txt");
  CHECK(found("x/**/c*") == "x/y/c.png");
  CHECK(found("../in/*.png") == "../in/a.png");
  CHECK(found("./a.png") == "./a.png");
  CHECK(found("nowhere/*.png") == "");
  CHECK(found((studio.path() / "in/*.png").string()) == (studio.path() / "in/a.png").string());
  std::filesystem::create_directory_symlink("..", studio.path() / "in/x/ring");
  CHECK(found("**/a.png") == "a.png x/ring/a.png");
}

TEST_CASE("an axis of files that says too little, or finds nothing to take, is refused") {
  Studio studio;
  studio.put("refs/a.png", png(300, 300))
      .put("refs/a.jpg", jpeg(300, 300))
      .put("odd/a\nb.png", "")
      .put("odd2/\xFF.png", "");
  auto const axis = [&](std::string const& pattern) {
    return studio
        .look("manifest: 1\njobs:\n  - id: p\n    matrix: { photo: { glob: " + pattern +
              " } }\n    prompt: x\n    images: [ \"${photo}\" ]\n")
        .complaints();
  };
  CHECK(axis("'*.png'") ==
        "m.yaml:4:30: error: no file fits '*.png'; '*' stands for anything within a folder, '**' across "
        "folders\n");
  CHECK(axis("refs/*") ==
        "m.yaml:4:30: error: two files of 'photo' give the same name 'a': refs/a.jpg and refs/a.png; rename "
        "one, or "
        "name them: photo: { LABEL: PATH, … }\n");
  CHECK(axis("'refs\\*.png'") == "m.yaml:4:30: error: a path is written with '/', not with '\\'\n");
  CHECK(axis("nowhere/*.png") ==
        "m.yaml:4:30: error: cannot list 'nowhere/*.png': there is no such folder\n");
  CHECK(axis("'*/../*'") ==
        "m.yaml:4:30: error: cannot list '*/../*': '..' can only stand before the first '*'\n");
  CHECK(axis("odd/*") ==
        "m.yaml:4:30: error: cannot list 'odd/*': 'a?b.png' is no name that a manifest can hold, for it "
        "holds a "
        "control character; rename it\n");
  CHECK(axis("odd2/*") ==
        "m.yaml:4:30: error: cannot list 'odd2/*': '?.png' is no name that a manifest can hold, for it is "
        "not UTF-8; "
        "rename it\n");
  CHECK(axis("[]") == "m.yaml:4:30: error: glob wants a text, not a list\n");
}

TEST_CASE("what a file is called is never a placeholder, and excludes go by its path") {
  Studio studio;
  studio.put("refs/${x}.png", png(300, 300)).put("refs/b.png", png(300, 300, 0));
  auto const read = studio.look(
      "manifest: 1\njobs:\n  - id: p\n    matrix: { photo: { glob: \"refs/*\" }, exclude: [ { photo: "
      "refs/b.png } ] }\n"
      "    prompt: \"${photo.stem}\"\n    images: [ \"${photo}\" ]\n");
  CHECK(read.complaints() == "");
  CHECK(reading::prompts(read) == "${x}");
}

TEST_CASE("a name that a Mac has spelled its own way is found by a pattern and by its path") {
  Studio studio;
  std::string const decomposed = "cafe\xCC\x81.png", composed = "caf\xC3\xA9*.png";
  studio.put(decomposed, png(300, 300));
  auto const found = globs_below(studio.path())(composed);
  REQUIRE(found.names.size() == 1);
  CHECK(found.names[0] == decomposed);
  CHECK(studio.images("caf\xC3\xA9.png") == "");
}
