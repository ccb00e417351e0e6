#include "app/words.h"

#include <doctest/doctest.h>

#include "engine/engine.h"
#include "support/zone.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

Instant const kNow{seconds{1'700'000'000}};

Progress some_progress() {
  Progress progress;
  progress.currency = "CNY";
  progress.tally.tasks[static_cast<std::size_t>(State::Done)] = 12;
  progress.tally.tasks[static_cast<std::size_t>(State::Submitting)] = 1;
  progress.tally.tasks[static_cast<std::size_t>(State::Running)] = 4;
  progress.tally.tasks[static_cast<std::size_t>(State::Queued)] = 83;
  progress.tally.tasks[static_cast<std::size_t>(State::Failed)] = 1;
  progress.tally.pictures = 14;
  progress.tally.spent = {2'800'000};
  progress.tally.reserved = {1'000'000};
  return progress;
}

LaneRow throttled() {
  return {"wan2.6-image", {Weather::Kind::Throttled, kNow + seconds{20}, kNow, 1, "Throttling: slow down"}};
}

}  // namespace

TEST_CASE("the progress line says what is done, what it cost and how long it will take") {
  auto progress = some_progress();
  progress.left = minutes{12};
  CHECK(progress_line(progress) ==
        "done 12, running 5, waiting 83, failed 1 | 14 pictures | spent 2.80, reserved 1.00 CNY | "
        "12 min 0 s left");
}

TEST_CASE("what is rare shows in the progress line only where there is some") {
  auto progress = some_progress();
  progress.tally.tasks[static_cast<std::size_t>(State::Held)] = 2;
  progress.tally.uncertain = {200'000};
  progress.inbox = 1;
  progress.hinders = "disk: full";
  CHECK(progress_line(progress) ==
        "done 12, running 5, waiting 83, failed 1, held 2 | 14 pictures | spent 2.80, reserved 1.00, "
        "uncertain 0.20 CNY | inbox: 1 file | disk: full");
}

TEST_CASE("times that the queue keeps in UTC are shown as local ones, of today without the day") {
  test::TimeZone const zone{"Europe/Berlin"};
  auto const shown = [](std::string_view text) { return with_local_times(text, kNow); };  // 23:13:20 there
  CHECK(shown("paused by a person at 2023-11-14T21:15:22.876Z") == "paused by a person at 22:15:22 CET");
  CHECK(shown("since 2023-11-13T21:15:22Z.") == "since 2023-11-13 22:15:22 CET.");
  CHECK(shown("of 2023-11-13T21:15:22Z and 2023-11-14T22:00:00.000Z") ==
        "of 2023-11-13 22:15:22 CET and 23:00:00 CET");
  for (auto const* const other : {"", "a Zebra of 2023", "2023-11-13T21:15", "99999999-99999999999Z"})
    CHECK(shown(other) == other);
}

TEST_CASE("a day begins at its local midnight, and an age is a number and a unit") {
  test::TimeZone const zone{"Europe/Berlin"};
  CHECK(read_day("2026-11-29") == read_time("2026-11-28T23:00:00Z"));
  CHECK(read_day("2026-07-29") == read_time("2026-07-28T22:00:00Z"));
  for (auto const* const none : {"", "2026-11", "2026-11-29 ", "yesterday"}) CHECK_FALSE(read_day(none));
  CHECK(read_age("30s") == seconds{30});
  CHECK(read_age("90m") == minutes{90});
  CHECK(read_age("2w") == hours{24 * 14});
  CHECK(read_age("1y") == hours{24 * 365});
  for (auto const* const none : {"", "12", "h", "-1h", "1.5h", "1 h", "1H", "1234567d"})
    CHECK_FALSE(read_age(none));
}

TEST_CASE("lanes are spoken of in bad weather only") {
  CHECK(weather_words({{"wan2.6-t2i", {}}}, kNow).empty());
  CHECK(weather_words({{"wan2.6-t2i", {}}, throttled()}, kNow) ==
        "wan2.6-image: throttled for 20 s: Throttling: slow down");
}

TEST_CASE("what hinders the whole house goes before what hinders a lane") {
  CHECK(hindrance_words({Hindrance::Kind::Disk, "/srv is full"}, {throttled()}, kNow) ==
        "disk: /srv is full");
  CHECK(hindrance_words({}, {throttled()}, kNow).starts_with("wan2.6-image"));
}

TEST_CASE("a line is cut at a terminal's columns and never within a letter") {
  CHECK(cut_to("done 12", 4) == "done");
  CHECK(cut_to("größer", 3) == "grö");
  CHECK(cut_to("猫猫猫", 5) == "猫猫");
  CHECK(cut_to("done", 80) == "done");
}

TEST_CASE("words from outside cannot move the cursor") {
  CHECK(one_line("bad\r\n\x1b[2Jnews\n") == "bad [2Jnews");
}

TEST_CASE("a local time names its zone and never is nothing") {
  CHECK(local_time(Instant{}).empty());
  auto const text = local_time(kNow);
  CHECK(text.starts_with("2023-11-1"));
  CHECK(text.size() > std::string{"2023-11-14 22:13:20 "}.size());
}

TEST_CASE("one of a thing has no plural") {
  CHECK(count_of(1, "job") == "1 job");
  CHECK(count_of(0, "job") == "0 jobs");
}

TEST_CASE("a time is read as it is written, and nothing else is a time") {
  for (auto const at : {kNow, kNow + milliseconds{7}, kNow + milliseconds{120}})
    CHECK(read_time(rfc3339(at)) == at);
  CHECK(read_time("2023-11-14T22:13:20Z") == kNow);
  for (auto const* const wrong : {"", "soon", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20Z?"})
    CHECK_FALSE(read_time(wrong));
}

TEST_CASE("a time of the same day is told without its date") {
  CHECK(near_time(kNow, kNow + seconds{1}).size() < local_time(kNow).size());
  CHECK(local_time(kNow).ends_with(near_time(kNow, kNow)));
  CHECK(near_time(kNow, kNow + hours{48}) == local_time(kNow));
  CHECK(near_time({}, kNow).empty());
}

TEST_SUITE_END();
