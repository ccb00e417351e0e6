#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {

struct Column {
  char const* name;
  Task task;
};

struct Row {
  char const* name;
  News news;
  std::string_view becomes;  // one letter for each column; '.': the task stays exactly as it is
};

std::vector<Column> columns() {
  return {{"queued", queued()},
          {"submitting", submitting()},
          {"in doubt", in_doubt()},
          {"submitted", submitted()},
          {"running", running()},
          {"downloading", downloading()},
          {"asking for addresses", asking()},
          {"complete", complete()},
          {"done", done()},
          {"failed", failed()},
          {"canceled", canceled()},
          {"held", held()}};
}

// q queued, u submitting, s submitted, r running, l downloading, d done, f failed, c canceled, h held
std::vector<Row> rows() {
  return {
      {"Accepted", news::Accepted{"task-2", "request-2"}, ".ss........."},
      {"Refused, lane", news::Refused{trouble(Kind::Lane)}, ".qq........."},
      {"Refused, account", news::Refused{trouble(Kind::Account)}, ".qq........."},
      {"Refused, retry", news::Refused{trouble(Kind::Retry)}, ".qq........."},
      {"Refused, fatal", news::Refused{trouble(Kind::Fatal)}, ".ff........."},
      {"Refused, unknown", news::Refused{trouble(Kind::Unknown)}, ".u.........."},
      {"Unsent", news::Unsent{trouble(Kind::Lane)}, ".qq........."},
      {"Unanswered", news::Unanswered{"the connection broke", "request-2"}, ".u.........."},
      {"Adopted", news::Adopted{"task-2", "request-2", kStart}, "..s........s"},
      {"NeverAccepted", news::NeverAccepted{"not in the list"}, "..q........."},
      {"Undecidable", news::Undecidable{"2 tasks may be its own"}, "..h........."},
      {"Waiting", news::Waiting{}, "...sr.l....."},
      {"Working", news::Working{}, "...rr.l....."},
      {"Finished", news::Finished{answer_of(2), {}}, "...ll.l....."},
      {"GaveUp, retry", news::GaveUp{trouble(Kind::Retry), {}}, "...qq.l....."},
      {"GaveUp, lane", news::GaveUp{trouble(Kind::Lane), {}}, "...qq.l....."},
      {"GaveUp, fatal", news::GaveUp{trouble(Kind::Fatal), {}}, "...ff.l....."},
      {"CanceledThere", news::CanceledThere{}, "...cc.l....."},
      {"Vanished", news::Vanished{}, "...sr.l....."},
      {"NoAnswer", news::NoAnswer{trouble(Kind::Lane)}, "...sr.l....."},
      {"CancelAsked", news::CancelAsked{}, ".uusr......."},
      {"WantedAgain", news::WantedAgain{}, "............"},
      {"CancelTaken", news::CancelTaken{}, "............"},
      {"CancelRefused", news::CancelRefused{}, "............"},
      {"CancelUnheard", news::CancelUnheard{trouble(Kind::Lane)}, "............"},
      {"PictureSafe", news::PictureSafe{safe_picture(2)}, ".....ll....."},
      {"PictureSafe, no such picture", news::PictureSafe{safe_picture(3)}, "............"},
      {"PictureSafe, number 0", news::PictureSafe{safe_picture(0)}, "............"},
      {"PictureSafe, without a file", news::PictureSafe{downloading().pictures[1]}, "............"},
      {"PictureMissed", news::PictureMissed{2, trouble(Kind::Retry)}, ".....ll....."},
      {"PictureMissed, no such picture", news::PictureMissed{3, trouble(Kind::Retry)}, "............"},
      {"Stored", news::Stored{}, ".......d...."},
  };
}

char letter(State state) {
  return "qusrldfch"[static_cast<int>(state)];
}

}  // namespace

TEST_CASE("every news leads every state where the table says, or leaves the task exactly as it is") {
  auto const tasks = columns();
  for (auto const& row : rows()) {
    CAPTURE(std::string{row.name});
    REQUIRE(row.becomes.size() == tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      CAPTURE(std::string{tasks[i].name});
      auto const after = heard(tasks[i].task, row.news, kStart + seconds{100});
      if (row.becomes[i] == '.') {
        CHECK(after == tasks[i].task);
      } else {
        CHECK_FALSE(after == tasks[i].task);
        CHECK(letter(after.state) == row.becomes[i]);
      }
    }
  }
}

TEST_CASE("every sample task is in the state its name says") {
  State const states[] = {State::Queued,  State::Submitting,  State::Submitting,  State::Submitted,
                          State::Running, State::Downloading, State::Downloading, State::Downloading,
                          State::Done,    State::Failed,      State::Canceled,    State::Held};
  auto const tasks = columns();
  for (std::size_t i = 0; i < tasks.size(); ++i) CHECK(tasks[i].task.state == states[i]);
}

TEST_CASE("only a queued task is sent, and what waits for an answer or a person is left alone") {
  Act const acts[] = {Act::Submit, Act::None,     Act::None, Act::Poll, Act::Poll, Act::Download,
                      Act::Poll,   Act::Download, Act::None, Act::None, Act::None, Act::None};
  auto const tasks = columns();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    CAPTURE(std::string{tasks[i].name});
    auto const plan = next(tasks[i].task, kStart + seconds{100});
    CHECK(plan.act == acts[i]);
    if (plan.act != Act::Submit) CHECK(plan.task == tasks[i].task);
  }
}

TEST_CASE("every state has a name of its own and only three are final") {
  std::vector<std::string_view> names;
  int finals = 0;
  for (int i = 0; i < kStates; ++i) {
    auto const state = static_cast<State>(i);
    for (auto const& name : names) CHECK(name != name_of(state));
    names.push_back(name_of(state));
    CHECK_FALSE(name_of(state).empty());
    finals += is_final(state);
  }
  CHECK(finals == 3);
  CHECK(is_final(State::Done));
  CHECK(is_final(State::Failed));
  CHECK(is_final(State::Canceled));
}
