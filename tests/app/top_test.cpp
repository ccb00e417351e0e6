#include "app/top.h"

#include <doctest/doctest.h>

#include <sstream>

#include "app/expected.h"
#include "app/shell.h"
#include "app/words.h"
#include "base/harmless.h"
#include "support/zone.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Place;

TEST_SUITE_BEGIN("app");

namespace {

Instant const kNow{seconds{1'700'000'000}};  // 2023-11-14 22:13:20 UTC

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool holds(std::string const& text, std::string const& words) {
  return text.find(words) != std::string::npos;
}

LaneFacts lane(std::string const& model, int slots, std::int64_t outstanding, std::int64_t waiting) {
  LaneFacts facts;
  facts.row.model = model;
  facts.slots = slots;
  facts.outstanding = outstanding;
  facts.waiting = waiting;
  return facts;
}

// With so many jobs of each kind.
View view(int running, int failed, int done) {
  View its;
  its.now = kNow;
  its.root = "/srv/pictures";
  its.currency = "CNY";
  its.keeper = {true, 812};
  its.tally.tasks[static_cast<std::size_t>(State::Running)] = running;
  its.tally.tasks[static_cast<std::size_t>(State::Failed)] = failed;
  its.tally.tasks[static_cast<std::size_t>(State::Done)] = done;
  its.lanes = {lane("wan2.6-t2i", 5, 7, 40)};
  auto const number = [](int i) { return std::to_string(i); };
  for (int i = 0; i < running; ++i)
    its.running.push_back({"cats/r" + number(i), "running", kNow - seconds{i}, kNow + seconds{i + 1}});
  for (int i = 0; i < failed; ++i) its.failed.push_back({kNow, "cats/f" + number(i), "Bad: no cat"});
  for (int i = 0; i < done; ++i) its.done.push_back({kNow, "cats/d" + number(i), "1 picture, 0.20 CNY"});
  return its;
}

void check_fits(std::string const& page, int columns, int rows) {
  auto const lines = lines_of(page);
  CHECK(static_cast<int>(lines.size()) <= rows);
  for (auto const& line : lines) {
    CAPTURE(line);
    CHECK(columns_of(line) <= columns);
  }
}

}  // namespace

TEST_CASE("a page has lanes and money, what runs and until when, what failed and why, and what is done") {
  test::TimeZone const utc{"UTC"};
  auto its = view(1, 1, 1);
  its.lanes[0].median = seconds{21};
  its.lanes[0].creates = 0.2345;
  its.lanes[0].busy = 0.987;
  its.lanes[0].done_by = kNow + hours{1};
  its.today.spent = Money{3'400'000};
  its.today.reserved = Money{1'000'000};
  its.month.spent = Money{41'000'000};
  its.month.uncertain = Money{200'000};
  its.inbox = 2;
  CHECK(frame(its, 79, 24) ==
        "wanspool top: /srv/pictures, daemon 812                 2023-11-14 22:13:20 UTC\n"
        "tasks  done 1, running 1, waiting 0, failed 1; all here in 1 h 0 min; inbox: 2…\n"
        "money  today 3.40, reserved 1.00; month 41.00, reserved 0.00, uncertain 0.20 C…\n"
        "LANE            SLOTS   WAIT    ALL HERE       TASK  BUSY CREATES/s QUERIES/s\n"
        "wan2.6-t2i     5/5 +2     40    23:13:20       21 s  99 %      0.23         -\n"
        "RUNNING: 1                          FOR          EXPECTED\n"
        "cats/r0               running       0 s          in 1 s\n"
        "FAILED: 1\n"
        "22:13:20     cats/f0     Bad: no cat\n"
        "DONE: 1\n"
        "22:13:20     cats/d0     1 picture, 0.20 CNY\n");
}

TEST_CASE("a page is never wider or longer than its terminal, however small that is") {
  auto its = view(30, 10, 100);
  for (int i = 0; i < 20; ++i) its.concerns.push_back("concern " + std::to_string(i));
  for (int i = 0; i < 20; ++i) its.lanes.push_back(lane("model-" + std::to_string(i), 2, 0, 0));
  for (int const columns : {1, 2, 9, 20, 39, 79, 80, 132, 500})
    for (int const rows : {1, 2, 3, 5, 9, 24, 50, 300}) {
      CAPTURE(columns);
      CAPTURE(rows);
      auto const page = frame(its, columns, rows);
      check_fits(page, columns, rows);
      CHECK(static_cast<int>(lines_of(page).size()) >= std::min(rows - 1, 9));  // no heading stands alone
    }
  CHECK(frame(its, 80, 0) == "");
  CHECK(frame(its, 0, 0) == "");
}

TEST_CASE("a page shares its lines out: each list has some, and what one does not need the others get") {
  auto const of = [](View const& its, int rows) {
    auto const page = frame(its, 100, rows);
    std::array<std::ptrdiff_t, 3> shown{};
    for (auto const& line : lines_of(page)) {
      shown[0] += line.starts_with("cats/r");
      shown[1] += holds(line, "cats/f");
      shown[2] += holds(line, "cats/d");
    }
    return shown;
  };
  using Shown = std::array<std::ptrdiff_t, 3>;
  // Five lines stand above the lists, and one above each.
  CHECK(of(view(30, 30, 30), 5 + 3 + 12) == Shown{4, 4, 4});
  CHECK(of(view(30, 1, 30), 5 + 3 + 12) == Shown{6, 1, 5});
  CHECK(of(view(0, 0, 30), 5 + 1 + 12) == Shown{0, 0, 12});
  CHECK(of(view(30, 30, 30), 5 + 2) == Shown{1, 0, 0});
  CHECK(of(view(30, 30, 30), 6) == Shown{0, 0, 0});
  CHECK(of(view(2, 2, 2), 300) == Shown{2, 2, 2});
}

TEST_CASE("lanes that have nothing to do stand in one number, and so do those for which there is no room") {
  auto its = view(0, 0, 0);
  its.lanes = {lane("a-idle", 5, 0, 0), lane("b-idle", 5, 0, 0), lane("c-busy", 5, 1, 0),
               lane("d-busy", 5, 1, 0), lane("e-busy", 5, 1, 0)};
  auto lines = lines_of(frame(its, 100, 6));
  CHECK(lines[3].starts_with("LANE (+3)"));
  CHECK(lines[4].starts_with("c-busy"));
  CHECK(lines[5].starts_with("d-busy"));
  its.lanes.resize(2);
  lines = lines_of(frame(its, 100, 6));
  CHECK(lines[3].starts_with("LANE (+1)"));
  CHECK(lines[4].starts_with("a-idle"));
}

TEST_CASE("a lane that is stopped with its account and has nothing to do is one of those in the number") {
  auto its = view(0, 0, 0);
  its.lanes = {lane("a-idle", 5, 0, 0), lane("b-idle", 5, 0, 0), lane("c-waits", 5, 0, 7)};
  for (auto& each : its.lanes) each.row.weather = {Weather::Kind::Account, kNow, kNow, 1, "InvalidApiKey"};
  auto const lines = lines_of(frame(its, 100, 24));
  CHECK(lines[3].starts_with("LANE (+2)"));
  CHECK(lines[4].starts_with("c-waits"));
  CHECK(lines.size() == 5);
}

TEST_CASE("of many things to know the first are told, and how many there are") {
  auto its = view(0, 0, 0);
  for (int i = 0; i < 9; ++i) its.concerns.push_back("concern " + std::to_string(i));
  auto const page = frame(its, 80, 16);
  CHECK(holds(page, "concern 2\n… and 6 more: wanspool status\n"));
  CHECK_FALSE(holds(page, "concern 3"));
}

TEST_CASE("wide letters are cut whole, and columns stay in line behind them") {
  auto its = view(2, 1, 0);
  its.running[0].job = "dogs/狗狗的照片狗狗的照片狗狗的照片狗狗的照片";
  its.failed[0].words = std::string(200, 'x') + "狗";
  for (int const columns : {50, 51, 52, 53}) {
    auto const lines = lines_of(frame(its, columns, 24));
    CAPTURE(lines[6]);
    auto const at = lines[6].find("running"), plain = lines[7].find("running");
    REQUIRE(at != std::string::npos);
    CHECK(columns_of(lines[6].substr(0, at)) == static_cast<int>(plain));
    CHECK(holds(lines[6], "…"));
    for (auto const& line : lines) CHECK(harmless(line) == line);
    check_fits(frame(its, columns, 24), columns, 24);
  }
}

TEST_CASE("nothing that others have named reaches the terminal as it is") {
  auto its = view(1, 1, 1);
  std::string const evil =
      "a\x1b[2Jb\x07\n\r\x9b"
      "31m\xff\u202e";
  its.root = its.running[0].job = its.running[0].what = its.failed[0].job = its.failed[0].words = evil;
  its.done[0].job = its.done[0].words = its.lanes[0].row.model = its.currency = evil;
  its.concerns = {evil};
  auto const page = frame(its, 100, 24);
  for (auto const& line : lines_of(page)) CHECK(harmless(line) == line);
  CHECK(lines_of(page).size() == 12);
  auto const colours = frame(its, 100, 24, Colours::Yes);
  CHECK_FALSE(holds(colours, "\x1b[2J"));
}

TEST_CASE("colours come as whole pairs, and only where they are wanted") {
  auto its = view(1, 1, 1);
  its.concerns = {"look here"};
  its.lanes[0].row.weather.kind = Weather::Kind::Throttled;
  CHECK_FALSE(holds(frame(its, 80, 24), "\x1b"));
  auto const page = frame(its, 80, 24, Colours::Yes);
  CHECK(holds(page, "\x1b[33mlook here\x1b[0m\n"));
  for (auto const& line : lines_of(page))
    if (holds(line, "\x1b")) CHECK(line.ends_with("\x1b[0m"));
}

TEST_CASE("what an expected end has passed is due any moment, and where nobody can tell there is none") {
  auto its = view(3, 0, 0);
  its.running[0].expected = kNow - seconds{5};
  its.running[1].expected = kNow + seconds{90};
  its.running[2].expected.reset();
  auto const lines = lines_of(frame(its, 80, 24));
  CHECK(lines[6].ends_with("any moment"));
  CHECK(lines[7].ends_with("in 1 min 30 s"));
  CHECK(lines[8].ends_with(" -"));
}

namespace {

Task task(std::int64_t id, State state, int accepted) {
  Task its;
  its.id = id;
  its.state = state;
  its.times.accepted = its.times.sent = kNow + seconds{accepted};
  return its;
}

}  // namespace

TEST_CASE("the end of a task is expected as long after its beginning as tasks of its mode usually take") {
  auto facts = lane("m", 0, 0, 0);
  CHECK(expected_ends({task(1, State::Running, -5)}, facts, kNow).empty());
  facts.median = seconds{20};
  facts.row.service["edit"].add(seconds{50});
  auto edit = task(2, State::Running, -5);
  edit.mode = "edit";
  auto late = task(3, State::Running, -5);  // that had to wait for a slot
  late.times.submit_time = "2026-11-22 17:38:24.000";
  late.times.scheduled_time = "2026-11-22 17:38:28.000";
  auto const ends = expected_ends({task(1, State::Running, -5), edit, late}, facts, kNow);
  CHECK(ends.at(1) == kNow + seconds{15});
  CHECK(ends.at(2) == kNow + seconds{45});
  CHECK(ends.at(3) == kNow + seconds{19});
}

TEST_CASE("what waits at the provider begins where a slot becomes free") {
  auto facts = lane("m", 2, 0, 0);
  facts.median = seconds{20};
  std::vector<Task> const tasks{task(1, State::Running, -15), task(2, State::Submitted, -8),
                                task(4, State::Submitted, -1), task(3, State::Submitted, -2),
                                task(5, State::Submitting, 0)};
  auto const ends = expected_ends(tasks, facts, kNow);
  CHECK(ends.at(1) == kNow + seconds{5});
  CHECK(ends.at(2) == kNow + seconds{12});  // the second slot was free
  CHECK(ends.at(3) == kNow + seconds{25});
  CHECK(ends.at(4) == kNow + seconds{32});
  CHECK_FALSE(ends.contains(5));
}

TEST_CASE("a lookout sees a spool as it is, from before its queue is there") {
  Place const place;
  Context context;
  context.spool = Spool::at(place / "spool");
  context.spool.make();
  context.models = known_models();
  Lookout lookout{context};
  auto const before = lookout.look(kNow, 9);
  CHECK(before.tally.total() == 0);
  CHECK(before.concerns.at(0).starts_with("nobody works on this spool"));
  test::fill(place);
  auto const after = lookout.look(kNow + seconds{5}, 9);
  CHECK(after.tally[State::Done] == 1);
  CHECK(after.tally[State::Held] == 1);
  REQUIRE(after.lanes.size() == 1);
  CHECK(after.lanes[0].row.model == "wan2.6-t2i");
  auto const all = frame(after, 100, 24);
  CHECK(holds(all, "1 job held, a person decides"));
  CHECK(holds(all, "wan2.6-t2i: throttled: Throttling"));
}

TEST_SUITE_END();
