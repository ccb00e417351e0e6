#include "engine/local_pictures.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/files.h"
#include "base/sha256.h"
#include "engine/expand.h"
#include "engine/journal.h"
#include "engine/steps.h"
#include "manifest/reading.h"
#include "support/pictures.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

// What is injected is gone at the end of a test, however that ends.
struct Fault {
  explicit Fault(std::function<int(std::string const&, std::string const&)> fault) {
    disk_fault = std::move(fault);
  }
  ~Fault() { disk_fault = {}; }
};

std::size_t count(fs::path const& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

}  // namespace

TEST_CASE("a picture is named by its contents and told by them, whatever its file is called") {
  Place place;
  auto const bytes = png(300, 250, 6);
  auto const file = place.write("refs/a.jpg", bytes);
  LocalPictures pictures;
  auto const seen = pictures.look({file, {}});
  CHECK(seen.name == sha256_hex(bytes) + ".png");
  CHECK(seen.bytes == static_cast<std::int64_t>(bytes.size()));
  CHECK(seen.width == 300);
  CHECK(seen.height == 250);
  CHECK(seen.alpha);
  CHECK(seen.why_not.empty());
  CHECK_FALSE(pictures.look({place.write("b.webp", webp_lossless(300, 300, true)), {}}).alpha);
}

TEST_CASE("what cannot be read is words, never an exception") {
  Place place;
  ::mkfifo((place / "fifo").c_str(), 0600);
  LocalPictures pictures{place / "files"};
  CHECK(pictures.look({place / "nowhere.png", {}}).why_not == "there is no such file");
  CHECK(pictures.look({place / "fifo", {}}).why_not == "it is no plain file");
  CHECK(pictures.look({place.path(), {}}).why_not == "it is a folder, not a file");
  CHECK(pictures.look({{}, "it is elsewhere"}).why_not == "it is elsewhere");
  std::ofstream{place / "film.png"} << "x";
  fs::resize_file(place / "film.png", std::uintmax_t{1} << 40);
  CHECK(pictures.look({place / "film.png", {}}).why_not ==
        "it has 1099511627776 bytes, and no model takes more than 268435456");
  CHECK(pictures.look({place.write("text.png", "text"), {}}).why_not.find("no picture") != std::string::npos);
  CHECK(count(place / "files") == 0);
}

TEST_CASE("what was checked is kept by its contents, once, for the group to read") {
  Place place;
  auto const bytes = jpeg(800, 600);
  LocalPictures pictures{place / "files"};
  auto const first = pictures.look({place.write("a.jpg", bytes), {}});
  auto const second = pictures.look({place.write("b.jpg", bytes), {}});
  pictures.finish();
  CHECK(first.name == second.name);
  CHECK(count(place / "files") == 1);
  CHECK(read_file(place / "files" / first.name) == bytes);
  CHECK((fs::status(place / "files" / first.name).permissions() & fs::perms::others_all) == fs::perms::none);
  CHECK(fs::hard_link_count(place / "files" / first.name) == 1);
}

TEST_CASE("each file is read once, however many jobs name it") {
  Place place;
  for (char const name : {'a', 'b', 'c'})
    place.write(fmt::format("refs/{}.png", name), png(300, 300, 2, {}, name));
  std::string const text =
      "manifest: 1\njobs:\n  - id: j\n    prompt: \"${job}\"\n    matrix: { photo: [a, b, c], n: [" +
      [] {
        std::string list = "0";
        for (int i = 1; i < 334; ++i) list += "," + std::to_string(i);
        return list;
      }() +
      "] }\n    images: [\"refs/${photo}.png\"]\n";
  LocalPictures pictures{place / "files"};
  std::size_t jobs = 0;
  auto const head = read_rows({text, "m.yaml", {}, files_below(place.path()), pictures.looking()},
                              reading::models(), "loopback", {{}, 900},
                              [&](NewJob const& job) { jobs += local_pictures_in(job.body).size(); });
  CHECK(head.ok());
  CHECK(jobs == 900);
  CHECK(pictures.files_read() == 3);
  CHECK(count(place / "files") == 3);
}

TEST_CASE("a picture that changes is read again, and what was taken stays as it was") {
  Place place;
  auto const before = png(300, 300, 2, {}, 'x'), after = png(300, 300, 2, {}, 'y');
  auto const file = place.write("a.png", before);
  LocalPictures checking, taking{place / "files"};
  auto const checked = checking.look({file, {}});
  place.write("a.png", after);
  auto const taken = taking.look({file, {}});
  CHECK(checked.name == sha256_hex(before) + ".png");
  CHECK(taken.name == sha256_hex(after) + ".png");
  CHECK(read_file(place / "files" / taken.name) == after);
  place.write("a.png", "gone wrong");
  CHECK(read_file(place / "files" / taken.name) == after);
  CHECK(taking.look({file, {}}).why_not.find("no picture") != std::string::npos);
}

TEST_CASE("a picture that is written to while it is copied is copied again") {
  Place place;
  auto const file = place.write("a.png", png(300, 300, 2, {}, 'x'));
  auto const after = png(300, 300, 2, {}, 'y');
  bool first = true;
  Fault const fault{[&](std::string const& call, std::string const&) {
    if (call == "write" && std::exchange(first, false)) place.write("a.png", after + "longer");
    return 0;
  }};
  LocalPictures pictures{place / "files"};
  auto const taken = pictures.look({file, {}});
  if (first) return;  // the file system shares blocks at once: there is no while
  CHECK(taken.name == sha256_hex(after + "longer") + ".png");
  CHECK(read_file(place / "files" / taken.name) == after + "longer");
  CHECK(count(place / "files") == 1);
}

TEST_CASE("a picture that never rests is not taken") {
  Place place;
  auto const file = place.write("a.png", png(300, 300));
  int writes = 0;
  Fault const fault{[&](std::string const& call, std::string const&) {
    if (call == "write")
      place.write("a.png", png(300, 300) + std::string(static_cast<std::size_t>(++writes), 'x'));
    return 0;
  }};
  LocalPictures pictures{place / "files"};
  auto const taken = pictures.look({file, {}});
  if (writes == 0) return;
  CHECK(taken.why_not == "somebody is writing to it; try again when it is whole");
  CHECK(count(place / "files") == 0);
}

TEST_CASE("trouble with our own folder is none of the picture's, and leaves nothing half there") {
  Place place;
  auto const file = place.write("a.png", png(300, 300));
  LocalPictures pictures{place / "files"};
  for (auto const* const call : {"create", "write", "sync", "rename"}) {
    CAPTURE(call);
    bool met = false;
    Fault const fault{[&](std::string const& it, std::string const& path) {
      bool const is_it = it == call && path.find("/files/") != std::string::npos;
      met = met || is_it;
      return is_it ? ENOSPC : 0;
    }};
    if (std::string{call} == "write") {
      try {
        pictures.look({file, {}});
      } catch (std::system_error const&) {
      }
      if (!met) continue;  // blocks are shared here
    }
    LocalPictures others{place / "files"};
    CHECK_THROWS_AS(others.look({file, {}}), std::system_error);
    CHECK(count(place / "files") == 0);
  }
  CHECK(pictures.look({file, {}}).why_not.empty());
}

TEST_CASE("what a crash has left half copied goes at the next taking in, and nothing else") {
  Place place;
  auto const kept = place.write("files/" + std::string(64, 'a') + ".png", "a picture");
  place.write("files/taking-7.part", "half");
  place.write("files/fetching-7.part", "somebody else's");
  LocalPictures const pictures{place / "files"};
  CHECK(fs::exists(kept));
  CHECK_FALSE(fs::exists(place / "files/taking-7.part"));
  CHECK(fs::exists(place / "files/fetching-7.part"));
}

TEST_CASE("a file of the right name and another size is replaced") {
  Place place;
  auto const bytes = png(300, 300);
  auto const kept = place.write("files/" + sha256_hex(bytes) + ".png", "cut");
  LocalPictures pictures{place / "files"};
  CHECK(pictures.look({place.write("a.png", bytes), {}}).why_not.empty());
  CHECK(read_file(kept) == bytes);
}

TEST_CASE("a body tells which local pictures it holds") {
  auto const name = std::string(64, 'a') + ".png", other = std::string(64, '0') + ".webp";
  auto const in_message = [](std::string const& content) {
    return R"({"model":"m","input":{"messages":[{"role":"user","content":[)" + content + "]}]}}";
  };
  CHECK(local_pictures_in(in_message(R"({"text":"a mug"},{"image":"file:)" + name + R"("},{"image":"file:)" +
                                     other + R"("})")) == std::vector<std::string>{name, other});
  CHECK(local_pictures_in(in_message(R"({"image":"file:refs/a.png"},{"text":"file:"})")).empty());
  CHECK(local_pictures_in(in_message(R"({"image":"file:)")).empty());
  CHECK(local_pictures_in("").empty());
}
