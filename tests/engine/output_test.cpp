#include "engine/output.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cerrno>
#include <fstream>

#include "base/files.h"
#include "base/folder.h"
#include "engine/steps.h"

using namespace wanspool;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

std::string big_endian(std::uint32_t value) {
  std::string four;
  for (int shift = 24; shift >= 0; shift -= 8) four += static_cast<char>(value >> shift & 0xff);
  return four;
}

std::string chunk(std::string const& type, std::string const& data) {
  auto const summed = type + data;
  auto const crc = crc32(0, reinterpret_cast<Bytef const*>(summed.data()), static_cast<uInt>(summed.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + summed +
         big_endian(static_cast<std::uint32_t>(crc));
}

// What a PNG is as far as anybody here looks, different for each text.
std::string png(std::string const& text) {
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR", big_endian(4) + big_endian(3) + std::string{"\x08\x02\0\0\0", 5}) +
         chunk("IDAT", text) + chunk("IEND", "");
}

// Answers one call of the disk with an error while it lives.
struct Fault {
  Fault(std::string call, std::string part, int error) {
    test::disk_fault = [=](std::string const& asked, std::string const& path) {
      return asked == call && path.find(part) != std::string::npos ? error : 0;
    };
  }
  ~Fault() { test::disk_fault = {}; }
  Fault(Fault const&) = delete;
  Fault& operator=(Fault const&) = delete;
};

// A job's folder below out/, and where its older pictures go.
struct Place {
  Folder root;
  fs::path job = root / "out" / "m" / "a";
  fs::path old = root / "old" / "m" / "a";
  std::string const bytes = png("a picture of a cat");

  PictureSink sink(std::string const& url = "https://h/a.png?Signature=1", int number = 1) const {
    Picture wanted;
    wanted.number = number;
    wanted.url = url;
    return {job, old, wanted};
  }
  // A whole download.
  news::PictureSafe fetch(std::string const& picture, int number = 1) const {
    auto it = sink("https://h/" + picture.substr(picture.size() / 2) + ".png", number);
    // A simulated crash must reach the test, so nothing that may throw is checked in place.
    bool const came = it.begin(200, {}) && it.take(picture) && it.whole();
    REQUIRE(came);
    return std::get<news::PictureSafe>(it.finish());
  }
  // One that the network ended after so many bytes.
  void interrupt(std::size_t size) const {
    auto it = sink();
    REQUIRE(it.begin(200, {}));
    REQUIRE(it.take(bytes.substr(0, size)));
    it.let_go(broken());
  }
  static Reply broken(bool local = false) {
    Reply reply;
    reply.status = 200;
    reply.left = true;
    reply.failure = "the connection was reset";
    reply.local = local;
    return reply;
  }
  static Reply answered(int status) {
    Reply reply;
    reply.status = status;
    reply.left = true;
    return reply;
  }
  // Names below `folder`, in order.
  static std::string names(fs::path const& folder) {
    std::set<std::string> found;
    if (fs::exists(folder))
      for (auto const& each : fs::recursive_directory_iterator{folder})
        if (each.is_regular_file()) found.insert(fs::relative(each.path(), folder).string());
    std::string all;
    for (auto const& each : found) all += (all.empty() ? "" : " ") + each;
    return all;
  }
  bool has_part() const { return names(job).find(".part") != std::string::npos; }
  static std::string story(std::string const& fingerprint) {
    return R"({"schema":1,"fingerprint":")" + fingerprint + R"("})";
  }
  void put(std::string const& name, std::string const& text) const {
    fs::create_directories(job);
    std::ofstream{job / name, std::ios::binary} << text;
  }
  std::string text(fs::path const& path) const { return read_file(root.path() / path); }
  void tell(std::string const& fingerprint, std::set<std::string> const& files,
            std::string const& document = "") const {
    store_story(job, old, document, story(fingerprint), files);
  }
};

std::string const kOne = "1111111111112222", kTwo = "3333333333334444";

}  // namespace

TEST_CASE("a picture that comes whole has its name, its sum and its size") {
  Place const place;
  auto const safe = place.fetch(place.bytes);
  CHECK(safe.picture.file == "image-1.png");
  CHECK(safe.picture.sha256 == sha256_hex(place.bytes));
  CHECK(safe.picture.width == 4);
  CHECK(safe.picture.height == 3);
  CHECK(safe.picture.bytes == static_cast<std::int64_t>(place.bytes.size()));
  CHECK(Place::names(place.root.path()) == "out/m/a/image-1.png");
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
}

TEST_CASE("a download that was interrupted within its first bytes starts over") {
  Place const place;
  for (std::size_t size = 1; size < 8; ++size) {
    place.interrupt(size);
    CHECK(place.sink().resume_from() == 0);
  }
}

TEST_CASE("a download that was interrupted at any later byte goes on where it ended") {
  Place const place;
  for (std::size_t size = 8; size < place.bytes.size(); ++size) {
    CAPTURE(size);
    place.interrupt(size);
    auto again = place.sink("https://h/a.png?Signature=another");
    REQUIRE(again.resume_from() == static_cast<std::int64_t>(size));
    REQUIRE(again.begin(206, "bytes " + std::to_string(size) + "-200/201"));
    REQUIRE(again.take(place.bytes.substr(size)));
    REQUIRE(again.whole());
    auto const safe = std::get<news::PictureSafe>(again.finish());
    CHECK(safe.picture.sha256 == sha256_hex(place.bytes));
    CHECK(safe.picture.bytes == static_cast<std::int64_t>(place.bytes.size()));
    CHECK(place.text("out/m/a/image-1.png") == place.bytes);
    CHECK(Place::names(place.job) == "image-1.png");
  }
}

TEST_CASE("a download may be interrupted again while it goes on") {
  Place const place;
  place.interrupt(20);
  {
    auto second = place.sink();
    REQUIRE(second.begin(206, "bytes 20-200/201"));
    REQUIRE(second.take(place.bytes.substr(20, 30)));
    second.let_go(Place::broken());
  }
  CHECK(place.sink().resume_from() == 50);
}

TEST_CASE("a part that a crash left is gone on with too") {
  Place const place;
  {
    auto stopped = place.sink();
    REQUIRE(stopped.take(place.bytes.substr(0, 40)));
  }
  CHECK(place.sink().resume_from() == 40);
}

TEST_CASE("a storage that sends all of it again is taken at its word") {
  Place const place;
  place.interrupt(40);
  auto again = place.sink();
  REQUIRE(again.resume_from() == 40);
  REQUIRE(again.begin(200, {}));
  CHECK(again.resume_from() == 0);
  REQUIRE(again.take(place.bytes));
  REQUIRE(again.whole());
  again.finish();
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
}

TEST_CASE("a sink that is told nothing of how its body begins takes it for all of it") {
  Place const place;
  place.interrupt(40);
  auto again = place.sink();
  REQUIRE(again.take(place.bytes));
  CHECK(again.whole());
}

TEST_CASE("another part than the one asked for is refused, and next time it starts over") {
  Place const place;
  for (auto const* range :
       {"bytes 39-200/201", "bytes 41-200/201", "bytes 0-200/201", "", "bytes */201", "bytes 40",
        "items 40-200/201", "bytes -40-200", "bytes 99999999999999999999-1/2"}) {
    CAPTURE(range);
    place.interrupt(40);
    auto again = place.sink();
    REQUIRE(again.resume_from() == 40);
    CHECK_FALSE(again.begin(206, range));
    CHECK(again.complaint().find("another part than the one from byte 40") != std::string::npos);
    again.let_go(Place::broken(true));
    CHECK_FALSE(place.has_part());
  }
}

TEST_CASE("a part that the storage does not know is discarded, one that it does not give now is kept") {
  Place const place;
  for (int const status : {403, 404, 429, 500, 503, 302}) {
    place.interrupt(40);
    place.sink().let_go(Place::answered(status));
    CHECK(place.sink().resume_from() == 40);
  }
  place.interrupt(40);
  place.sink().let_go(Place::answered(416));
  CHECK_FALSE(place.has_part());
}

TEST_CASE("what cannot become a picture is not kept, however it ended") {
  Place const place;
  for (auto const& reply : {Place::broken(), Place::broken(true), Place::answered(200)}) {
    auto spoiled = place.bytes;
    spoiled[20] ^= 1;
    auto it = place.sink();
    CHECK_FALSE(it.take(spoiled));
    it.let_go(reply);
    CHECK_FALSE(place.has_part());
  }
  auto cut = place.sink();
  REQUIRE(cut.take(place.bytes.substr(0, 40)));
  cut.let_go(Place::answered(200));  // the storage said that this is all
  CHECK_FALSE(place.has_part());
  place.sink().let_go(Place::broken());
  CHECK_FALSE(place.has_part());  // nothing had come
}

TEST_CASE("a part whose bytes begin no picture, or are a whole one, starts over") {
  Place const place;
  place.interrupt(40);
  auto const part = place.job / Place::names(place.job);
  for (auto const& bytes : {std::string{"<html>"}, std::string(40, '\0'), place.bytes, place.bytes + "x",
                            std::string{}, place.bytes.substr(0, 30) + std::string(40, '\0')}) {
    std::ofstream{part, std::ios::binary | std::ios::trunc} << bytes;
    auto it = place.sink();
    CHECK(it.resume_from() == 0);
    CHECK(fs::file_size(part) == 0);
  }
}

TEST_CASE("the part of another picture of the same name is no beginning of this one") {
  Place const place;
  place.interrupt(40);
  CHECK(place.sink("https://h/b.png?Signature=1").resume_from() == 0);
  CHECK(place.sink("https://h/a.png", 2).resume_from() == 0);
  CHECK(place.sink("https://h/a.png").resume_from() == 40);
}

TEST_CASE("a part that cannot be gone on with because of the disk says so") {
  Place const place;
  place.interrupt(40);
  {
    Fault const fault{"append", ".part", EACCES};
    CHECK_THROWS_AS(place.sink(), std::system_error);
  }
  auto again = place.sink();
  Fault const fault{"create", ".part", ENOSPC};
  CHECK_FALSE(again.begin(200, {}));
  REQUIRE(again.disk_trouble());
  CHECK(again.disk_trouble()->code == kDiskFull);
  CHECK(again.complaint() == again.disk_trouble()->message);
}

TEST_CASE("a picture on a full disk is discarded, one on a broken disk ends the program") {
  Place const place;
  auto full = place.sink();
  {
    Fault const fault{"write", ".part", ENOSPC};
    CHECK_FALSE(full.take(place.bytes));
  }
  full.let_go(Place::broken(true));
  CHECK_FALSE(place.has_part());
  auto broken = place.sink();
  Fault const fault{"write", ".part", EIO};
  CHECK_THROWS_AS(broken.take(place.bytes), std::system_error);
}

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

TEST_CASE("a picture that is here already goes through a sink like one that comes") {
  Place const place;
  place.fetch(place.bytes);
  Place const other;
  auto sink = other.sink("file:image-1.png");
  REQUIRE(copy_picture(place.job / "image-1.png", sink));
  CHECK(std::get<news::PictureSafe>(sink.finish()).picture.sha256 == sha256_hex(place.bytes));
  CHECK(other.text("out/m/a/image-1.png") == place.bytes);
}

TEST_CASE("a copy of what is gone, is no picture or finds no room fails") {
  Place const place;
  auto gone = place.sink();
  CHECK_FALSE(copy_picture(place.root / "nothing.png", gone));
  place.put("page.html", "<html>");
  auto page = place.sink();
  CHECK_FALSE(copy_picture(place.job / "page.html", page));
  place.put("half.png", place.bytes.substr(0, 50));
  auto half = place.sink();
  CHECK_FALSE(copy_picture(place.job / "half.png", half));
  CHECK(half.complaint().find("cut after 50 bytes") != std::string::npos);
  place.put("whole.png", place.bytes);
  auto full = place.sink();
  Fault const fault{"write", ".part", ENOSPC};
  CHECK_FALSE(copy_picture(place.job / "whole.png", full));
  CHECK(full.disk_trouble());
}
