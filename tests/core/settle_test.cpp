#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>

#include "core/accounts.h"

using namespace wanspool;
using namespace wanspool::accounts;
using What = Verdict::What;
using Stand = Doubt::Stand;

TEST_SUITE_BEGIN("core");

TEST_CASE("one doubt and one row in its window: the row is its task") {
  auto account = doubtful();
  account.row("mine", 11);
  auto const verdict = account.only();
  CHECK(verdict.task == 1);
  CHECK(verdict.what == What::Adopt);
  CHECK(verdict.row == account.rows.back());
  CHECK(verdict.why.find("mine") != std::string::npos);
}

TEST_CASE("a doubt without a row in its window was never accepted") {
  CHECK(doubtful().only().what == What::NeverAccepted);
}

TEST_CASE("an empty list proves nothing") {
  Account account;
  account.doubt(10, 12);
  auto const verdict = account.only();
  CHECK(verdict.what == What::Wait);
  CHECK(verdict.why.find("no task of ours") != std::string::npos);
}

TEST_CASE(
    "until one of our tasks is listed nobody knows our key, and a doubt waits whatever else is listed") {
  Account account;
  account.doubt(10, 12);
  account.row("perhaps", 11);
  CHECK(account.only().what == What::Wait);
  CHECK(account.only().why.find("which key is ours") != std::string::npos);
  account.orphan("orphan", 20);
  CHECK(account.only().what == What::Wait);
  CHECK(account.all().own_keys.empty());
}

TEST_CASE("our keys are those of the rows of our tasks") {
  auto account = doubtful();
  account.ours("second key", 30);
  account.rows.back().api_key_id = "ours too";
  account.row("stranger", 40, "theirs");
  CHECK(account.all().own_keys == std::set<std::string>{"ours", "ours too"});
}

TEST_CASE("a row of another key is no candidate and no stranger") {
  auto account = doubtful();
  account.row("theirs", 11, "theirs");
  account.row("theirs too", 50, "theirs");
  CHECK(account.only().what == What::NeverAccepted);
  CHECK(account.all().strangers.empty());
}

TEST_CASE("a row that does not say which key made it may be ours") {
  auto account = doubtful();
  account.row("keyless", 11, "");
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("without a task of ours whose bounds are known no window can be laid over the list") {
  auto account = doubtful();
  account.row("mine", 11);
  for (auto& task : account.known) task.accepted = {};
  auto const verdict = account.only();
  CHECK(verdict.what == What::Wait);
  CHECK(verdict.why.find("clock") != std::string::npos);
}

TEST_CASE("the skew lies where all our tasks allow it") {
  Account account;
  account.row("early", 5);
  account.known.push_back({"early", at(4.5), at(5.1), false});  // 6.9 to 7.5 s
  account.row("late", 8);
  account.known.push_back({"late", at(7.8), at(9), false});  // 6 to 7.2 s
  auto const verdicts = account.all();
  CHECK(verdicts.skew_low == milliseconds{6900});
  CHECK(verdicts.skew_high == milliseconds{7200});
}

TEST_CASE("after a step of the clock every skew that was seen is possible") {
  Account account;
  account.ours("before the step", 5);
  account.ours("after the step", 20);
  account.rows.back().created += seconds{30};
  auto const verdicts = account.all();
  CHECK(verdicts.skew_low == kSkew - milliseconds{100});
  CHECK(verdicts.skew_high == kSkew + seconds{30} + milliseconds{100});
}

TEST_CASE("a row as old as the send or as young as the last moment is in the window, beyond it none is") {
  for (auto const& [created, inside] :
       {std::pair{9.64, false}, std::pair{9.65, true}, std::pair{12.35, true}, std::pair{12.36, false}}) {
    CAPTURE(created);
    auto account = doubtful();
    account.row("perhaps", created);
    CHECK((account.only().what == What::Adopt) == inside);
    CHECK(account.all().strangers.size() == (inside ? 0U : 1U));
  }
}

TEST_CASE("clocks of whole milliseconds that were set anew do not make a doubt's own task too old for it") {
  Account account;
  account.doubt(10, 11);
  account.row("mine", 9.999);
  account.row("ours", 20.001);  // answered, as far as clocks tell, when it was made
  account.known.push_back({"ours", at(20), at(20), false});
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("a row of another model is not a doubt's task") {
  auto account = doubtful();
  account.row("other model", 11).model = "other";
  CHECK(account.only().what == What::NeverAccepted);
  CHECK(ids(account.all().strangers) == Ids{"other model"});
}

TEST_CASE("a row that a page showed twice is one task") {
  auto account = doubtful();
  account.row("mine", 11);
  account.row("mine", 11);
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("a request id that matches settles at once, whatever else is so") {
  Account account;  // no evidence, no key, no skew
  auto& doubt = account.doubt(10, 12);
  doubt.request_id = "request-mine";
  doubt.on_doubt = OnDoubt::Hold;
  account.row("mine", 500, "theirs");
  account.row("stranger", 11);
  account.read_at = at(13);
  auto const verdict = account.only();
  CHECK(verdict.what == What::Adopt);
  CHECK(verdict.row.task_id == "mine");
  CHECK(verdict.accepted == doubt.sent);
}

TEST_CASE(
    "a row with another request id may be the doubt's task, for a gateway answers with one of its own") {
  auto account = doubtful();
  account.doubts[0].request_id = "request-of-the-gateway";
  account.row("mine", 11);
  auto const verdict = account.only();
  CHECK(verdict.what == What::Adopt);
  CHECK(verdict.row.task_id == "mine");
}

TEST_CASE("a row without a request id may be that of a doubt with one") {
  auto account = doubtful();
  account.doubts[0].request_id = "request-lost";
  account.row("mine", 11).request_id = "";
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("a row that a request id names is no candidate of another doubt") {
  auto account = doubtful();
  account.doubts[0].request_id = "request-first";
  account.doubt(10, 12);
  account.row("first", 11);
  account.row("second", 11.5).request_id = "";
  account.doubts[1].request_id = "";
  auto const verdicts = account.all();
  REQUIRE(verdicts.each.size() == 2);
  CHECK(verdicts.each[0].row.task_id == "first");
  CHECK(verdicts.each[1].what == What::Adopt);
  CHECK(verdicts.each[1].row.task_id == "second");
}

TEST_CASE("a doubt whose request made a task that another job has is a person's") {
  auto account = doubtful();
  account.doubts[0].request_id = "request-after";
  auto const verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(verdict.candidates.empty());
  CHECK(verdict.why.find("another job") != std::string::npos);
}

TEST_CASE("two doubts of one request id do not both get its task") {
  auto account = doubtful();
  account.doubt(10, 12);
  for (auto& doubt : account.doubts) doubt.request_id = "request-mine";
  account.row("mine", 11);
  for (auto const& verdict : account.all().each) CHECK(verdict.what == What::Undecidable);
}

TEST_CASE("a list without a task of ours made after the doubt proves nothing") {
  auto account = doubtful();
  account.known.back().sent = at(11.9);
  auto const verdict = account.only();
  CHECK(verdict.what == What::Wait);
  CHECK(verdict.why.find("proves nothing yet") != std::string::npos);
  account.known.back().sent = at(12);
  CHECK(account.only().what == What::NeverAccepted);
}

TEST_CASE("a task of ours is evidence whatever its model, one that is not listed is none") {
  auto account = doubtful();
  account.rows.back().model = "other";
  CHECK(account.only().what == What::NeverAccepted);
  account.rows.pop_back();
  CHECK(account.only().what == What::Wait);
}

TEST_CASE("an orphan is no evidence") {
  auto account = doubtful();
  account.known.back().orphan = true;
  CHECK(account.only().what == What::Wait);
}

TEST_CASE("without evidence a lone candidate is taken after long patience, and nothing is ever sent again") {
  auto account = doubtful();
  account.known.pop_back();
  account.rows.pop_back();
  auto const patience = account.policy.evidence_patience * account.policy.list_delay;
  account.read_at = at(12) + hours{20};
  CHECK(account.only().what == What::Wait);
  account.row("mine", 11);
  account.read_at = at(12) + patience - milliseconds{1};
  CHECK(account.only().what == What::Wait);
  account.read_at = at(12) + patience;
  CHECK(account.only().what == What::Adopt);
}

TEST_CASE("without evidence what is ambiguous is left to a person after as long") {
  auto account = doubtful();
  account.known.pop_back();
  account.rows.pop_back();
  account.row("one", 11);
  account.row("two", 11);
  auto const patience = account.policy.evidence_patience * account.policy.list_delay;
  account.read_at = at(12) + patience - milliseconds{1};
  CHECK(account.only().what == What::Wait);
  account.read_at = at(12) + patience;
  CHECK(account.only().what == What::Undecidable);
}

TEST_CASE("on_uncertain: hold leaves to a person what adopt would decide, once the list decides") {
  auto account = doubtful();
  account.doubts[0].on_doubt = OnDoubt::Hold;
  auto verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(verdict.candidates.empty());
  account.row("mine", 11);
  verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(ids(verdict.candidates) == Ids{"mine"});
  account.known[1].sent = at(11);
  account.read_at = at(100);
  CHECK(account.only().what == What::Wait);
}

TEST_CASE("on_uncertain: resubmit takes what is surely its own as adopt does") {
  auto account = doubtful();
  account.doubts[0].on_doubt = OnDoubt::Resubmit;
  CHECK(account.only().what == What::NeverAccepted);
  account.row("mine", 11);
  CHECK(account.only().what == What::Adopt);
  account.row("two", 11);
  CHECK(account.only().what == What::Undecidable);
}

TEST_CASE("a doubt older than the list reaches is a person's, with whatever candidates there are") {
  auto account = doubtful();
  account.read_at = at(10) + account.policy.list_reach;
  CHECK(account.only().what == What::NeverAccepted);
  account.read_at += milliseconds{1};
  auto verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(verdict.candidates.empty());
  CHECK(verdict.why.find("24 hours") != std::string::npos);
  account.row("mine", 11);
  verdict = account.only();
  CHECK(verdict.what == What::Undecidable);
  CHECK(ids(verdict.candidates) == Ids{"mine"});
}

TEST_CASE("a doubt older than the list reaches does not wait for a key or a clock") {
  Account account;
  account.doubt(10, 12);
  account.read_at = at(11) + hours{23};
  CHECK(account.only().what == What::Undecidable);
}

TEST_CASE("an adopted task was accepted at its creation by our clock, and within its window") {
  auto account = doubtful();
  account.row("mine", 11);
  CHECK(account.only().accepted == at(11));
  account.rows.back().created = at(9.95) + kSkew;
  CHECK(account.only().accepted == at(10));
  account.rows.back().created = at(12.05) + kSkew;
  CHECK(account.only().accepted == at(12));
}

TEST_CASE("verdicts come for the ripe doubts alone and in their order") {
  auto account = doubtful();
  account.doubt(30, 31).stand = Stand::Young;
  account.doubt(40, 41).stand = Stand::Held;
  account.doubt(50, 51);
  auto const verdicts = account.all();
  REQUIRE(verdicts.each.size() == 2);
  CHECK(verdicts.each[0].task == 1);
  CHECK(verdicts.each[1].task == 4);
}

TEST_CASE("of many candidates the reason names a few") {
  auto account = doubtful();
  for (int i = 0; i < 9; ++i) account.row("c" + std::to_string(i), 11);
  auto const verdict = account.only();
  CHECK(verdict.candidates.size() == 9);
  CHECK(verdict.why.find("9 tasks (c0, c1, c2, c3, c4, c5 and 3 more)") != std::string::npos);
}
