#include "engine/older.h"

#include <doctest/doctest.h>

#include "engine/sinks.h"

using namespace wanspool;
using namespace wanspool::sinks;

TEST_SUITE_BEGIN("engine");

namespace {

std::string const kOne = "1111111111112222", kTwo = "3333333333334444";

}  // namespace

TEST_CASE("a picture that is replaced is kept under its story's fingerprint first") {
  Place const place;
  place.fetch(place.bytes);
  place.tell(kOne, {"image-1.png"});
  auto const newer = png("a picture of a dog");
  place.fetch(newer);
  CHECK(place.text("out/m/a/image-1.png") == newer);
  CHECK(place.text("old/m/a/111111111111/image-1.png") == place.bytes);
}

TEST_CASE("the same picture again replaces nothing") {
  Place const place;
  place.fetch(place.bytes);
  place.tell(kOne, {"image-1.png"});
  place.fetch(place.bytes);
  CHECK_FALSE(fs::exists(place.root / "old"));
}

TEST_CASE("a picture without a readable story is kept as unknown") {
  for (auto const* story : {"", "{", "[]", R"({"fingerprint":7})", R"({"fingerprint":"../../x"})"}) {
    Place const place;
    place.fetch(place.bytes);
    if (*story) place.put("result.json", story);
    place.fetch(png("a picture of a dog"));
    CHECK(place.text("old/m/a/unknown/image-1.png") == place.bytes);
  }
}

TEST_CASE("where nothing is kept a picture is replaced all the same") {
  Place place;
  place.fetch(place.bytes);
  place.old.clear();
  place.fetch(png("a picture of a dog"));
  CHECK(Place::names(place.root.path()) == "out/m/a/image-1.png");
}

TEST_CASE("of three versions under one fingerprint none is lost") {
  Place const place;
  place.put("result.json", Place::story(kOne));
  for (auto const* text : {"first", "second", "third", "second"}) place.fetch(png(text));
  CHECK(Place::names(place.old) ==
        "111111111111-2/image-1.png 111111111111-3/image-1.png 111111111111/image-1.png");
  CHECK(place.text("old/m/a/111111111111/image-1.png") == png("first"));
  CHECK(place.text("old/m/a/111111111111-3/image-1.png") == png("third"));
}

TEST_CASE("where the file system makes no links an older picture is copied") {
  for (int const error : {EPERM, EXDEV, EMLINK, EOPNOTSUPP}) {
    Place const place;
    place.put("result.json", Place::story(kOne));
    place.fetch(place.bytes);
    Fault const fault{"link", "old", error};
    place.fetch(png("a picture of a dog"));
    CHECK(place.text("old/m/a/111111111111/image-1.png") == place.bytes);
    CHECK(Place::names(place.old) == "111111111111/image-1.png");
  }
}

TEST_CASE("a picture that cannot be kept is not replaced") {
  for (auto const* call : {"link", "sync", "make"}) {
    CAPTURE(call);
    Place const place;
    place.put("result.json", Place::story(kOne));
    place.fetch(place.bytes);
    auto newer = place.sink("https://h/new.png");
    REQUIRE(newer.take(png("a picture of a dog")));
    Fault const fault{call, "old", ENOSPC};
    auto const news = newer.finish();
    REQUIRE(std::holds_alternative<news::PictureMissed>(news));
    CHECK(std::get<news::PictureMissed>(news).trouble.code == kDiskFull);
    CHECK(place.text("out/m/a/image-1.png") == place.bytes);
    CHECK_FALSE(place.has_part());
  }
}

TEST_CASE("an older picture is safe below old/ before the new one takes its name") {
  Place const place;
  place.put("result.json", Place::story(kOne));
  place.fetch(place.bytes);
  auto newer = place.sink("https://h/new.png");
  REQUIRE(newer.take(png("a picture of a dog")));
  std::string calls;
  test::disk_fault = [&](std::string const& call, std::string const& path) {
    calls += call + " " + fs::path{path}.filename().string() + "; ";
    return 0;
  };
  newer.finish();
  test::disk_fault = {};
  auto const linked = calls.find("link image-1.png; sync 111111111111; rename image-1.png; sync a; ");
  CHECK_MESSAGE(linked != std::string::npos, calls);
}

TEST_CASE("a newer story keeps all that belonged to the older one, and leaves what is its own") {
  Place const place;
  for (int number = 1; number <= 3; ++number) place.fetch(png("old " + std::to_string(number)), number);
  place.put("notes.txt", "a person's");
  place.tell(kOne, {"image-1.png", "image-2.png", "image-3.png"}, "older words");
  place.fetch(png("new 1"), 1);
  place.tell(kTwo, {"image-1.png"}, "newer words");
  CHECK(Place::names(place.job) == "document.md image-1.png notes.txt result.json");
  CHECK(place.text("out/m/a/image-1.png") == png("new 1"));
  CHECK(place.text("out/m/a/document.md") == "newer words");
  CHECK(place.text("out/m/a/result.json") == Place::story(kTwo));
  auto const kept = fs::path{"old/m/a/111111111111"};
  CHECK(Place::names(place.root.path() / kept) ==
        "document.md image-1.png image-2.png image-3.png result.json");
  CHECK(place.text(kept / "image-1.png") == png("old 1"));
  CHECK(place.text(kept / "image-3.png") == png("old 3"));
  CHECK(place.text(kept / "document.md") == "older words");
  CHECK(place.text(kept / "result.json") == Place::story(kOne));
}

TEST_CASE("a document that the newer version has not goes, the same one is not kept twice") {
  Place const place;
  place.fetch(place.bytes);
  place.tell(kOne, {"image-1.png"}, "words");
  place.tell(kTwo, {"image-1.png"}, "words");
  CHECK(Place::names(place.old) == "111111111111/result.json");
  place.tell("5555555555556666", {"image-1.png"});
  CHECK(Place::names(place.job) == "image-1.png result.json");
  CHECK(place.text("old/m/a/333333333333/document.md") == "words");
}

TEST_CASE("the same story again keeps and removes nothing") {
  Place const place;
  place.fetch(place.bytes, 1);
  place.fetch(place.bytes, 2);
  place.tell(kOne, {"image-1.png", "image-2.png"});
  place.tell(kOne, {"image-1.png"});
  CHECK(Place::names(place.root.path()) == "out/m/a/image-1.png out/m/a/image-2.png out/m/a/result.json");
}

TEST_CASE("a newer version that brought nothing takes no picture's place") {
  Place const place;
  place.fetch(place.bytes);
  place.tell(kOne, {"image-1.png"});
  place.tell(kTwo, {});
  CHECK(Place::names(place.job) == "image-1.png result.json");
  CHECK(place.text("old/m/a/111111111111/result.json") == Place::story(kOne));
  CHECK(place.text("old/m/a/111111111111/image-1.png") == place.bytes);
}

TEST_CASE("where nothing is kept nothing of an older version is removed") {
  Place place;
  place.fetch(place.bytes, 1);
  place.fetch(place.bytes, 2);
  place.tell(kOne, {"image-1.png", "image-2.png"});
  place.old.clear();
  place.tell(kTwo, {"image-1.png"});
  CHECK(Place::names(place.root.path()) == "out/m/a/image-1.png out/m/a/image-2.png out/m/a/result.json");
}

TEST_CASE("a story takes away what interrupted downloads have left") {
  Place const place;
  place.fetch(place.bytes, 2);
  place.interrupt(40);
  REQUIRE(place.has_part());
  place.tell(kOne, {"image-2.png"});
  CHECK(Place::names(place.job) == "image-2.png result.json");
}

TEST_CASE("a replacement that is stopped at any step and done again loses no picture") {
  auto const newer = png("a picture of a dog");
  auto const replace = [&](Place const& place) {
    place.fetch(newer, 1);
    place.tell(kTwo, {"image-1.png"}, "newer words");
  };
  int stopped = 0;
  for (int step = 1;; ++step) {
    CAPTURE(step);
    Place const place;
    place.fetch(place.bytes, 1);
    place.fetch(png("second"), 2);
    place.tell(kOne, {"image-1.png", "image-2.png"}, "older words");
    test::Steps steps{0, step};
    test::current_steps = &steps;
    bool done = true;
    try {
      replace(place);
    } catch (test::Crash const&) {
      done = false;
      ++stopped;
    }
    test::current_steps = nullptr;
    auto const one = read_file(place.job / "image-1.png");
    CHECK((one == place.bytes || one == newer));
    replace(place);
    CHECK(Place::names(place.job) == "document.md image-1.png result.json");
    CHECK(Place::names(place.old) ==
          "111111111111/document.md 111111111111/image-1.png 111111111111/image-2.png "
          "111111111111/result.json");
    CHECK(place.text("old/m/a/111111111111/image-1.png") == place.bytes);
    CHECK(place.text("old/m/a/111111111111/result.json") == Place::story(kOne));
    if (done) break;
  }
  CHECK(stopped > 20);
}

TEST_CASE("what an older version has at places of its own is kept, and stays where it may be another job's") {
  Place const place;
  auto const mine = png("mine"), yours = png("yours");
  fs::create_directories(place.root / "out" / "m" / "x");
  std::ofstream{place.root / "out/m/x/1.png", std::ios::binary} << mine;
  std::ofstream{place.root / "out/m/x/2.png", std::ios::binary} << yours;
  place.put("result.json", R"({"fingerprint":"aaaaaaaaaaaaaaaa","pictures":[)"
                           R"({"file":"../x/1.png","sha256":")" +
                               sha256_hex(mine) + R"("},{"file":"../x/2.png","sha256":")" + sha256_hex(mine) +
                               R"("},{"file":null}]})");
  place.tell("bbbbbbbbbbbbbbbb", {"../y.png"});
  CHECK(place.text("out/m/x/1.png") == mine);
  CHECK(place.text("out/m/x/2.png") == yours);
  CHECK(place.text("old/m/a/aaaaaaaaaaaa/1.png") == mine);
}
