#include <doctest/doctest.h>
#include <sqlite3.h>

#include <set>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

constexpr int kTurns = 25;
constexpr std::size_t kHeader = 32, kFrame = 24 + 4096;  // of SQLite's log (sqlite.org/fileformat2.html)

// A second connection, so that the one of the store is not the last: its end would move the log into the
// database, and there would be nothing more to cut.
class Beside {
 public:
  explicit Beside(std::filesystem::path const& file) {
    REQUIRE(sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  }
  Beside(Beside const&) = delete;
  Beside& operator=(Beside const&) = delete;
  ~Beside() { sqlite3_close(db_); }
  std::string answer(char const* sql) {
    std::string text;
    auto const add = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) += values[0];
      return 0;
    };
    CHECK(sqlite3_exec(db_, sql, add, &text, nullptr) == SQLITE_OK);
    return text;
  }

 private:
  sqlite3* db_ = nullptr;
};

// Each turn changes rows of several tables, so that half a turn would show.
void make_turns(std::filesystem::path const& file) {
  static std::unique_ptr<Store> store;
  store = open_store(file);
  auto task = all_queued(*store).front();
  task.state = State::Downloading;
  for (int turn = 1; turn <= kTurns; ++turn) {
    task.polls = turn;
    task.spent = Money{turn};
    task.document = std::string(static_cast<std::size_t>(turn) * 400, 'x');
    task.pictures.assign(1, {1, "", {}, "image-1.png", "", turn, 0, 0, 0, ""});
    store->commit({{task}, {{"wan2.6-image", {Weather::Kind::Fair, {}, {}, turn, ""}}}});
  }
}

// A store whose log is cut: `turns` of it are there, all of them whole.
int turns_that_survive(std::filesystem::path const& file) {
  int turns = 0;
  auto store = open_store(file);
  Beside beside{file};
  CHECK(beside.answer("PRAGMA integrity_check") == "ok");
  auto const tasks = store->active();
  if (!tasks.empty()) {
    turns = tasks.front().polls;
    CHECK(tasks.front().document.size() == static_cast<std::size_t>(turns) * 400);
    CHECK(tasks.front().pictures.front().bytes == turns);
    CHECK(store->lanes().front().weather.misses == turns);
  }
  CHECK(store->tally().spent == Money{turns});
  CHECK(store->tally()[State::Queued] == (turns == 0 ? 1 : 0));
  store.reset();
  return turns;
}

// All borders of frames and their neighbours, and between them every 997th byte.
std::set<std::size_t, std::greater<>> places_to_cut(std::size_t size) {
  std::set<std::size_t, std::greater<>> places;
  for (std::size_t place = 0; place < size; place += 997) places.insert(place);
  for (std::size_t border = kHeader; border < size; border += kFrame)
    for (auto const place : {border - 1, border, border + 1, border + 24}) places.insert(place);
  return places;
}

}  // namespace

TEST_CASE("a write-ahead log cut at any byte loses only the newest turns") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  auto const wal = folder / "wanspool.db-wal";
  take_in(*open_store(file), "cats", jobs(1));
  REQUIRE(in_child([&] { make_turns(file); }) == "");
  auto const whole = std::filesystem::file_size(wal);
  REQUIRE(whole > kHeader + kTurns * kFrame);

  std::set<int> seen;
  int before = turns_that_survive(file);
  CHECK(before == kTurns);
  for (auto const size : places_to_cut(whole)) {
    std::filesystem::resize_file(wal, size);
    CAPTURE(size);
    int const survived = turns_that_survive(file);
    REQUIRE(survived <= before);
    before = survived;
    seen.insert(survived);
  }
  CHECK(before == 0);
  CHECK(seen.size() == kTurns);
}

TEST_CASE("a turn that was committed survives the end of the process at any moment after it") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  CHECK(in_child([&] {
          static std::unique_ptr<Store> store;
          store = open_store(file);
          take_in(*store, "cats", jobs(10));
          store->begin_manifest(manifest("dogs", "half"));
        }) == "");
  auto const store = open_store(file);
  CHECK(all_queued(*store).size() == 10);
  store->drop_arriving();
  CHECK_FALSE(store->taken("half"));
}
