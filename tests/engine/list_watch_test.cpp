#include "engine/list_watch.h"

#include <doctest/doctest.h>

using namespace wanspool;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 8 / 5}};
constexpr milliseconds kPause{500};
constexpr Backoff kBackoff{seconds{1}, minutes{5}};

ListRow row(std::string const& id, std::string const& status) {
  ListRow row;
  row.task_id = id;
  row.status = status;
  return row;
}

provider::ListPage page_of(std::vector<ListRow> rows, int page = 1, int pages = 1) {
  return {std::move(rows), page, pages};
}

// One look with one page, at this moment.
std::vector<std::int64_t> look(ListWatch& watch, ListWatch::Tasks tasks, std::vector<ListRow> rows,
                               Instant now) {
  watch.begin(std::move(tasks), now);
  watch.take_page();
  std::vector<std::int64_t> ended;
  for (auto const& each : watch.hear(page_of(std::move(rows)), kPause, kBackoff, now))
    ended.push_back(each.second);
  return ended;
}

// A query finds the end of a task before the list; a later look shows it like this.
void test(ListWatch& watch, std::string const& status, Instant now) {
  watch.was_first("t", now);
  look(watch, {{"u", 2}}, {row("u", "RUNNING"), row("t", status)}, now + seconds{3});
}

}  // namespace

TEST_CASE("a look tells which of our tasks have ended, of whatever kind their end is") {
  ListWatch watch;
  auto const ended = look(watch, {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}},
                          {row("a", "SUCCEEDED"), row("b", "RUNNING"), row("c", "FAILED"),
                           row("d", "PENDING"), row("e", "CANCELED"), row("stranger", "SUCCEEDED")},
                          kStart);
  CHECK(ended == std::vector<std::int64_t>{1, 3, 5});
  CHECK(watch.next() == kStart + kPause);
}

TEST_CASE("a look goes on to further pages until all of ours were seen, and no further") {
  ListWatch watch;
  watch.begin({{"a", 1}, {"b", 2}}, kStart);
  CHECK(watch.take_page() == 1);
  CHECK(watch.next() == Instant::max());
  watch.hear(page_of({row("x", "SUCCEEDED"), row("a", "RUNNING")}, 1, 9), kPause, kBackoff, kStart);
  CHECK(watch.is_within_look());
  CHECK(watch.take_page() == 2);
  watch.hear(page_of({row("b", "RUNNING")}, 2, 9), kPause, kBackoff, kStart);
  CHECK_FALSE(watch.is_within_look());
  // One that is nowhere is not looked for on every page of the day.
  watch.begin({{"nowhere", 1}}, kStart);
  int pages = 0;
  do {
    watch.hear(page_of({}, watch.take_page(), 1000), kPause, kBackoff, kStart);
    ++pages;
  } while (watch.is_within_look());
  CHECK(pages == 2);
  CHECK(watch.rows() == 20);
}

TEST_CASE("the list is relied upon once it has shown three ends that queries had found") {
  ListWatch watch;
  CHECK_FALSE(watch.is_trusted());
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(watch.is_trusted());
    test(watch, "SUCCEEDED", kStart + minutes{i});
  }
  CHECK(watch.is_trusted());
}

TEST_CASE("a list that shows a task at work whose end we know is behind, and left alone for a while") {
  for (auto const* const shown : {"RUNNING", ""}) {
    ListWatch watch;
    for (int i = 0; i < 3; ++i) test(watch, "SUCCEEDED", kStart + minutes{i});
    watch.was_first("t", kStart + hours{1});
    std::vector<ListRow> rows{row("u", "RUNNING")};
    if (*shown) rows.push_back(row("t", shown));
    look(watch, {{"u", 2}}, rows, kStart + hours{1} + seconds{3});
    CHECK_FALSE(watch.is_trusted());
    CHECK(watch.next() >= kStart + hours{1} + seconds{8});
  }
}

TEST_CASE("an end that was found long ago or during the look puts nothing to the test") {
  ListWatch watch;
  for (int i = 0; i < 3; ++i) test(watch, "SUCCEEDED", kStart + minutes{i});
  watch.was_first("old", kStart + hours{1});
  look(watch, {{"u", 2}}, {row("u", "RUNNING")}, kStart + hours{2});
  CHECK(watch.is_trusted());
  watch.begin({{"u", 2}}, kStart + hours{3});
  watch.take_page();
  watch.was_first("now", kStart + hours{3});
  watch.hear(page_of({row("u", "RUNNING"), row("now", "RUNNING")}), kPause, kBackoff, kStart + hours{3});
  CHECK(watch.is_trusted());
}

TEST_CASE("a list that shows an end a second late is relied upon all the same") {
  ListWatch watch;
  for (int i = 0; i < 3; ++i) test(watch, "SUCCEEDED", kStart + minutes{i});
  watch.was_first("t", kStart + hours{1});
  look(watch, {{"u", 2}}, {row("u", "RUNNING"), row("t", "RUNNING")}, kStart + hours{1} + seconds{1});
  CHECK(watch.is_trusted());
  CHECK(watch.next() <= kStart + hours{1} + seconds{2});
}

TEST_CASE("a list that is behind again and again is looked at ever more rarely") {
  ListWatch watch;
  auto now = kStart;
  milliseconds last{0};
  for (int i = 0; i < 8; ++i) {
    watch.was_first("t", now);
    look(watch, {{"u", 2}}, {row("u", "RUNNING"), row("t", "RUNNING")}, now += seconds{3});
    CHECK(watch.next() - now >= last);
    last = (watch.next() - now) / 2;
    now = watch.next();
  }
  CHECK(last > minutes{2});
}

TEST_CASE("a list that is refused is asked for rarely, one that cannot be had now a little later") {
  for (auto const kind : {Trouble::Kind::Fatal, Trouble::Kind::Account, Trouble::Kind::Lane}) {
    ListWatch watch;
    watch.begin({{"a", 1}}, kStart);
    watch.take_page();
    Trouble trouble;
    trouble.kind = kind;
    CHECK(watch.hear(trouble, kPause, kBackoff, kStart).empty());
    CHECK_FALSE(watch.is_trusted());
    if (kind == Trouble::Kind::Lane)
      CHECK(watch.next() <= kStart + kBackoff.most);
    else
      CHECK(watch.next() >= kStart + minutes{30});
  }
}

TEST_CASE("no look is taken before a task can have ended") {
  ListWatch watch;
  look(watch, {{"a", 1}}, {row("a", "RUNNING")}, kStart);
  watch.expect_none_before(kStart + seconds{40});
  CHECK(watch.next() == kStart + seconds{40});
  watch.expect_one(kStart + seconds{10});
  CHECK(watch.next() == kStart + seconds{10});
}
