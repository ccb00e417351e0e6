#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "app/shell.h"

using namespace wanspool;
using nlohmann::json;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("app");

namespace {

std::string sum(char letter) {
  return std::string(64, letter);
}

std::string brings(char letter) {
  return R"({"model":"m","input":{"messages":[{"role":"user","content":[{"image":"file:)" + sum(letter) +
         R"(.png"},{"text":"x"}]}]}})";
}

// Three years ago.
void age(fs::path const& file) {
  timespec const then[2] = {{1'700'000'000, 0}, {1'700'000'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), then, AT_SYMLINK_NOFOLLOW) == 0);
}

// Orphans of this account's list: `candidate_for` a held task, or of nobody.
std::int64_t add_orphan(Store& store, std::string const& id, std::vector<std::int64_t> candidate_for) {
  NewOrphan found;
  found.row.task_id = id;
  found.row.model = "wan2.6-t2i";
  found.accepted = Instant{seconds{1'700'000'000}};
  found.price = {200'000};
  found.candidate_for = std::move(candidate_for);
  Batch batch;
  batch.orphans = {found};
  auto task = store.commit(batch).at(0);
  task.state = State::Done;
  task.pictures = {{1, "", {}, "image-1.png", "cd", 6, 3, 4, 0, ""}};
  store.commit({{task}, {}});
  return task.id;
}

json gc(test::Place const& place, std::vector<std::string> words, int code = 0) {
  words.insert(words.begin(), "gc");
  words.push_back("--json");
  auto const said = test::wanspool_says(place, words);
  CAPTURE(said.err);
  CHECK(said.code == code);
  auto const document = json::parse(said.out);
  json kinds;
  for (auto const& each : document["kinds"]) kinds[each["kind"].get<std::string>()] = each;
  return kinds;
}

}  // namespace

TEST_CASE("gc without a wish says what there is and removes nothing") {
  test::Place const place;
  test::fill(place);
  place.write("spool/old/cats/hero/f0/image-1.png", "12345");
  auto const said = test::wanspool_says(place, {"gc"});
  CHECK(said.code == 0);
  CHECK(said.out.find("\nold       1 file, 5 bytes, oldest ") != std::string::npos);
  CHECK(said.out.find("to go") == std::string::npos);
  CHECK(said.out.find("pictures") == std::string::npos);
  CHECK(fs::exists(place / "spool/old/cats/hero/f0/image-1.png"));
}

TEST_CASE("gc removes of old/ what is older, after a yes and not in a dry run") {
  test::Place const place;
  test::fill(place);
  auto const old = place.write("spool/old/cats/hero/f0/image-1.png", "12345");
  CHECK(gc(place, {"--old", "1d", "--yes"})["old"]["removed"]["files"] == 0);
  CHECK(gc(place, {"--old", "0d", "--dry-run"})["old"]["go"]["bytes"] == 5);
  auto const unasked = test::wanspool_says(place, {"gc", "--old", "0d"});
  CHECK(unasked.code == 6);
  CHECK(unasked.err.find("needs --yes") != std::string::npos);
  CHECK(fs::exists(old));
  auto const removed = gc(place, {"--old", "0d", "--yes"});
  CHECK(removed["old"]["removed"] == json{{"files", 1}, {"bytes", 5}});
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(place / "spool/old"));
  CHECK(gc(place, {"--old", "0d", "--yes"})["old"]["files"] == 0);
}

TEST_CASE("gc leaves so much of each kind as it is told to keep") {
  test::Place const place;
  test::fill(place);
  for (char const letter : {'a', 'b', 'c'}) {
    auto const file = place.write("spool/files/" + sum(letter) + ".png", std::string(1'000, 'x'));
    age(file);
  }
  timespec const earlier[2] = {{1'600'000'000, 0}, {1'600'000'000, 0}};
  ::utimensat(AT_FDCWD, (place / ("spool/files/" + sum('b') + ".png")).c_str(), earlier, 0);
  CHECK(gc(place, {"--files", "30d", "--keep", "4K", "--dry-run"})["files"]["go"]["files"] == 0);
  CHECK(gc(place, {"--files", "30d", "--keep", "2K", "--yes"})["files"]["removed"]["files"] == 1);
  CHECK_FALSE(fs::exists(place / ("spool/files/" + sum('b') + ".png")));
  CHECK(fs::exists(place / ("spool/files/" + sum('a') + ".png")));
}

TEST_CASE("gc keeps the input pictures of jobs that may be sent, and what it does not know") {
  test::Place const place;
  test::fill(place);
  {
    auto const store = open_store(place / "spool/state/wanspool.db");
    Instant const now{seconds{1'700'000'000}};
    auto const manifest = store->begin_manifest({"dogs", "2-dogs.yaml", "dogs.yaml", "01", now});
    std::vector<NewJob> some{{"rex", 3, "g1", brings('a'), "wan2.6-t2i", 1, {200'000}},
                             {"bello", 4, "g2", brings('b'), "wan2.6-t2i", 1, {200'000}}};
    for (auto& each : some) each.inputs = kLocalInput;
    store->add_jobs(manifest, some);
    store->publish_manifest(manifest, now);
    for (auto task : store->queued("wan2.6-t2i", 10, [](std::int64_t) { return false; }))
      if (task.name == "dogs/bello") {
        task.state = State::Done;
        task.times.done = now;
        store->commit({{task}, {}});
      }
  }
  for (char const letter : {'a', 'b', 'c'}) age(place.write("spool/files/" + sum(letter) + ".png", "x"));
  age(place.write("spool/files/notes.txt", "x"));
  place.write("spool/files/" + sum('d') + ".png", "x");
  auto const removed = gc(place, {"--files", "30d", "--yes"});
  CHECK(removed["files"]["removed"]["files"] == 2);
  CHECK(removed["files"]["needed"] == 1);
  CHECK(fs::exists(place / ("spool/files/" + sum('a') + ".png")));
  CHECK_FALSE(fs::exists(place / ("spool/files/" + sum('b') + ".png")));
  CHECK_FALSE(fs::exists(place / ("spool/files/" + sum('c') + ".png")));
  CHECK(fs::exists(place / ("spool/files/" + sum('d') + ".png")));
  CHECK(fs::exists(place / "spool/files/notes.txt"));
}

TEST_CASE("gc keeps orphans that a doubt may have bought, and verify does not miss the others") {
  test::Place const place;
  test::fill(place);
  {
    auto const store = open_store(place / "spool/state/wanspool.db");
    add_orphan(*store, "candidate", {store->held({}).at(0).id});
    add_orphan(*store, "nobodys", {});
  }
  for (auto const* const id : {"candidate", "nobodys", "strange"})
    place.write(std::string{"spool/orphans/"} + id + "/image-1.png", "orphan");
  auto const removed = gc(place, {"--orphans", "0d", "--yes"});
  CHECK(removed["orphans"]["removed"]["files"] == 1);
  CHECK(removed["orphans"]["needed"] == 1);
  CHECK(fs::exists(place / "spool/orphans/candidate/image-1.png"));
  CHECK_FALSE(fs::exists(place / "spool/orphans/nobodys/image-1.png"));
  CHECK(fs::exists(place / "spool/orphans/strange/image-1.png"));
  auto const verdict = test::wanspool_says(place, {"verify"});
  CHECK(verdict.out.find("nobodys/image-1.png") == std::string::npos);
  fs::remove(place / "spool/orphans/candidate/image-1.png");
  CHECK(test::wanspool_says(place, {"verify"}).out.find("candidate/image-1.png is missing") !=
        std::string::npos);
}

TEST_CASE("current pictures go only by their manifest's name, and nobody misses them or pays again") {
  test::Place const place;
  test::fill(place);
  auto const picture = place.write("spool/out/cats/hero/image-1.png", "123456789012");
  place.write("spool/out/cats/hero/result.json", "{}");
  CHECK(test::wanspool_says(place, {"gc", "--pictures", "0d", "--yes"}).code == 2);
  CHECK(test::wanspool_says(place, {"gc", "cats"}).code == 2);
  auto const unknown = test::wanspool_says(place, {"gc", "--pictures", "0d", "cat", "--yes"});
  CHECK(unknown.code == 4);
  CHECK(unknown.err.find("did you mean 'cats'?") != std::string::npos);
  CHECK(fs::exists(picture));
  CHECK(gc(place, {"--pictures", "30d", "cats", "--yes"})["pictures"]["removed"]["bytes"] == 12);
  CHECK_FALSE(fs::exists(picture));
  CHECK(fs::exists(place / "spool/out/cats/hero/result.json"));
  CHECK(test::wanspool_says(place, {"verify"}).out.find("image-1.png") == std::string::npos);
  CHECK(test::wanspool_says(place, {"redo", "--deleted", "cats", "--yes"}).code == 4);
  CHECK(test::wanspool_says(place, {"list", "--state", "missing"}).out.find("cats/hero") ==
        std::string::npos);
  CHECK(test::wanspool_says(place, {"show", "cats/hero"}).out.find("wanspool gc has removed its pictures") !=
        std::string::npos);
  CHECK(gc(place, {"--pictures", "30d", "cats", "--yes"})["pictures"]["files"] == 0);
}

TEST_CASE("of a job whose pictures gc has removed nothing says that they are here") {
  test::Place const place;
  test::fill(place);
  auto const picture = place.write("spool/out/cats/hero/image-1.png", "123456789012");
  auto const says = [&](std::vector<std::string> const& words) { return test::wanspool_says(place, words); };
  CHECK(says({"why", "cats/hero"}).out == "cats/hero  done: its pictures are here\n");
  CHECK(says({"list", "cats", "--pictures"}).out == picture.string() + "\n");
  CHECK(gc(place, {"--pictures", "30d", "cats", "--yes"})["pictures"]["removed"]["files"] == 1);
  CHECK(says({"why", "cats/hero"}).out == "cats/hero  done: wanspool gc has removed its pictures\n");
  CHECK(says({"show", "cats/hero"}).out.find("pictures are here") == std::string::npos);
  auto const shown = json::parse(says({"show", "cats/hero", "--json"}).out);
  CHECK(shown["missing"] == false);
  CHECK(shown["removed"] == true);
  auto const pictures = says({"list", "cats", "--pictures"});
  CHECK(pictures.out.empty());
  CHECK(pictures.err.empty());
  CHECK(says({"list", "cats/hero", "--missing"}).out.find("  removed  ") != std::string::npos);
  CHECK(json::parse(says({"list", "--state", "removed", "--json"}).out)["job"] == "cats/hero");
}

TEST_CASE("a picture that somebody has worked on is not the current one, and stays") {
  test::Place const place;
  test::fill(place);
  auto const picture = place.write("spool/out/cats/hero/image-1.png", "longer than it was before");
  CHECK(gc(place, {"--pictures", "30d", "cats", "--yes"})["pictures"]["removed"]["files"] == 0);
  CHECK(fs::exists(picture));
}

TEST_CASE("gc refuses what it does not understand, and what would be rash") {
  test::Place const place;
  test::fill(place);
  for (std::vector<std::string> const& words : {std::vector<std::string>{"gc", "--old", "soon"},
                                                {"gc", "--old", "30"},
                                                {"gc", "--files", "1d"},
                                                {"gc", "--old", "1d", "--keep", "much"},
                                                {"gc", "--yes"},
                                                {"gc", "--keep", "1G"},
                                                {"gc", "--old", "1d", "--yes", "--dry-run"}}) {
    auto const said = test::wanspool_says(place, words);
    CHECK(said.code == 2);
    CHECK_FALSE(said.err.empty());
  }
  test::Place const empty;
  Spool::at(empty / "spool").make();
  CHECK(test::wanspool_says(empty, {"gc"}).code == 0);
}

TEST_SUITE_END();
