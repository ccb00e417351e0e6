#include <doctest/doctest.h>

#include "core/accounts.h"

using namespace wanspool;
using namespace wanspool::accounts;
using What = Verdict::What;
using Stand = Doubt::Stand;

TEST_SUITE_BEGIN("core");

TEST_CASE("a request id that matches settles a doubt that is older than the list, and on a shared key") {
  auto account = doubtful();
  account.doubts[0].request_id = "request-mine";
  account.row("mine", 11);
  account.row("stranger", 100);
  account.read_at = at(0) + hours{30};
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("two rows in the window of one doubt: one of them is somebody's who shares the key") {
  auto account = doubtful();
  account.row("one", 11);
  account.row("two", 11.5);
  auto const verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(ids(verdict.candidates) == Ids{"one", "two"});
  CHECK(verdict.why.find("2 tasks (one, two)") != std::string::npos);
}

TEST_CASE("a key that is shared inside one doubt's window is shared for every other doubt") {
  auto account = doubtful();
  account.row("one", 11);
  account.row("two", 11.5);
  account.doubt(30, 32);
  account.row("three", 31);
  account.ours("later", 40);
  CHECK(account.all().each[1].what == What::Undecidable);
}

TEST_CASE("two doubts in one window and two rows decide neither") {
  auto account = doubtful();
  account.doubt(10.5, 12.5);
  account.row("one", 11);
  account.row("two", 11.5);
  for (auto const& verdict : account.all().each) {
    CHECK(verdict.what == What::Undecidable);
    CHECK(ids(verdict.candidates) == Ids{"one", "two"});
    CHECK(verdict.why.find("another create") != std::string::npos);
  }
}

TEST_CASE("more rows than doubts that could have made them: the key is shared") {
  auto account = doubtful();
  account.doubt(10, 12);
  for (auto const* const id : {"one", "two", "three"}) account.row(id, 11);
  account.doubt(30, 32);
  account.row("lone", 31);
  account.ours("later", 40);
  auto const verdicts = account.all();
  CHECK(verdicts.strangers.empty());
  CHECK(verdicts.each[2].what == What::Undecidable);
}

TEST_CASE("one row that two doubts may have made decides neither") {
  auto account = doubtful();
  account.doubt(10.5, 12.5);
  account.row("one", 11);
  for (auto const& verdict : account.all().each) CHECK(verdict.what == What::Undecidable);
}

TEST_CASE("a row that only one doubt can have made leaves the other row to the other doubt") {
  auto account = doubtful();
  account.doubt(11.5, 13);
  account.row("shared", 11.8);
  account.row("only the first", 10.5);
  auto const verdicts = account.all();
  CHECK(verdicts.each[0].row.task_id == "only the first");
  CHECK(verdicts.each[1].what == What::Adopt);
  CHECK(verdicts.each[1].row.task_id == "shared");
}

TEST_CASE("a chain of doubts is paired from its end") {
  Account account;
  account.ours("before", 5);
  for (int i = 0; i < 5; ++i) {
    account.doubt(10 + i, 11.5 + i);
    account.row(std::to_string(i), 11.25 + i);
  }
  account.rows.back().created = at(15.4) + kSkew;  // only the last can have made it
  account.ours("after", 60);
  auto const verdicts = account.all();
  for (int i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(verdicts.each[static_cast<std::size_t>(i)].what == What::Adopt);
    CHECK(verdicts.each[static_cast<std::size_t>(i)].row.task_id == std::to_string(i));
  }
}

TEST_CASE("an own-key row that is nobody's makes a single candidate undecidable") {
  auto account = doubtful();
  account.row("mine", 11);
  account.row("stranger", 100);
  auto const verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(ids(verdict.candidates) == Ids{"mine"});
  CHECK(verdict.why.find("somebody else uses the key") != std::string::npos);
  CHECK(ids(account.all().strangers) == Ids{"stranger"});
}

TEST_CASE("on a shared key no candidate still means never accepted") {
  auto account = doubtful();
  account.row("stranger", 900);
  CHECK(account.only().what == What::NeverAccepted);
}

TEST_CASE("a stranger's task that came within a create's life may be the doubt's all the same") {
  auto account = doubtful();
  account.row("late", 100);
  CHECK(account.only().what == What::Undecidable);
  CHECK(ids(account.only().candidates) == Ids{"late"});
}

TEST_CASE("what a create in flight may have made is no stranger") {
  auto account = doubtful();
  account.doubt(90, 90).stand = Stand::Young;
  account.doubts.back().until = {};
  account.row("just made", 100);
  account.row("mine", 11);
  CHECK(account.all().strangers.empty());
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("a doubt waits where its only row may be that of a create in flight") {
  auto account = doubtful();
  account.doubt(10.5, 10.5).stand = Stand::Young;
  account.row("one", 11);
  CHECK(account.only().what == What::Wait);
}

TEST_CASE("a doubt does not wait for a create in flight that must have made another row") {
  auto account = doubtful();
  account.doubt(10.5, 10.5).stand = Stand::Young;
  account.row("one", 11);
  account.row("of the create in flight", 50);
  CHECK(account.only().row.task_id == "one");
}

TEST_CASE("a doubt that was left to a person keeps its claim and gets no verdict") {
  auto account = doubtful();
  account.doubt(10.5, 12).stand = Stand::Held;
  account.row("one", 11);
  CHECK(account.only().what == What::Undecidable);
  account.rows.back().created = at(10.1) + kSkew;
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("a held doubt's window accounts for its row") {
  auto account = doubtful();
  account.doubts[0].stand = Stand::Held;
  account.row("of the held", 11);
  account.doubt(30, 32);
  account.row("mine", 31);
  account.ours("later", 40);
  CHECK(account.all().strangers.empty());
  CHECK(account.only().row.task_id == "mine");
}

TEST_CASE("an orphan in the window may be what the doubt bought") {
  auto account = doubtful();
  account.orphan("orphan", 11);
  CHECK(account.only().what == What::Adopt);
  account.orphan("another", 11.5);
  CHECK(account.only().what == What::Undecidable);
}

TEST_CASE("an orphan outside of all windows is no stranger") {
  auto account = doubtful();
  account.orphan("orphan", 100);
  account.row("mine", 11);
  CHECK(account.all().strangers.empty());
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("an orphan gives way to a row that must be the doubt's") {
  auto account = doubtful();
  account.orphan("orphan", 11);
  account.row("mine", 11.5);
  CHECK(account.only().row.task_id == "mine");
}
